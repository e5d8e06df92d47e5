import { Code, status } from "../base/status.js";
import { assert, assertEnd, assertEqual, assertThrows } from "./assertions.js";
import { record } from "./record.js";
import { type DefinePair, numbered, numberOf } from "./transport-workbench.js";

const allCodes = Object.values(Code).filter((code): code is Code => typeof code === "number");

/** What a connection promises of its end. */
export function closingCases(define: DefinePair): void {
  for (const code of allCodes) {
    define(`tells both ends the status when one closes with ${Code[code]}`, async (pair, workbench) => {
      const other = await workbench.connect();
      for (const [closer, peer] of [pair.directions[0], other.directions[1]]) {
        const closing = status(code, `because of ${code}`);
        assertEqual(await closer.close(closing), closing);
        assertEqual(await closer.closed, closing);
        const seen = await peer.closed;
        assertEnd(seen, code);
        assertEqual(seen.message, `because of ${code}`);
      }
    });
  }

  for (const [what, message] of [
    ["an empty message", ""],
    ["a long message", "x".repeat(500)],
    ["a long message of multi-byte characters", "äö€𝄞".repeat(60)],
    ["a message of exactly as much as fits", "y".repeat(123)],
  ] as const) {
    define(`closes with ${what}, of which the peer gets at most 123 bytes`, async ({ client, server }) => {
      void client.close(status(Code.ABORTED, message));
      const seen = await server.closed;
      assertEnd(seen, Code.ABORTED);
      assert(new TextEncoder().encode(seen.message).length <= 123, "more than 123 bytes");
      if (message !== "") {
        const kept = new TextEncoder().encode(message).length <= 123 ? message : seen.message.replace(/…$/u, "");
        assert(kept.length > 0 && message.startsWith(kept), `another message: ${seen.message}`);
        assert(!/\p{Surrogate}|�/u.test(seen.message), "a character was cut in two");
      }
    });
  }

  define("delivers what was sent before close()", async (pair) => {
    const got = record(pair.server);
    for (let number = 0; number < 100; number += 1) {
      pair.client.send(numbered(number, 10_000));
    }
    void pair.client.close(status(Code.OK));
    assertEnd(await pair.server.closed, Code.OK);
    assertEqual(
      got.messages.map(numberOf),
      Array.from({ length: 100 }, (_, index) => index),
    );
  });

  define("delivers what was sent before close() to an end that was paused", async ({ client, server }, workbench) => {
    const got = record(server);
    server.pause();
    client.send(numbered(1));
    void client.close(status(Code.ABORTED, "enough"));
    await workbench.roundTrip();
    assertEqual(got.messages.length, 0);
    server.resume();
    assertEnd(await server.closed, Code.ABORTED);
    assertEqual(got.messages.map(numberOf), [1]);
  });

  define("delivers what was sent before close() to an end that receives later", async ({ client, server }, bench) => {
    client.send(numbered(1));
    void client.close(status(Code.ABORTED, "enough"));
    await bench.roundTrip();
    const got = record(server);
    assertEnd(await server.closed, Code.ABORTED);
    assertEqual(got.messages.map(numberOf), [1]);
  });

  define("delivers nothing after this end has called close()", async ({ client, server }) => {
    const got = record(server);
    for (let number = 0; number < 50; number += 1) {
      client.send(numbered(number));
    }
    await server.close(status(Code.OK));
    await client.closed;
    assertEqual(got.messages.length, 0);
  });

  define("drops what was kept while paused when this end closes", async ({ client, server }, workbench) => {
    const got = record(server);
    server.pause();
    client.send(numbered(1));
    await workbench.roundTrip();
    const closed = server.close(status(Code.OK));
    server.resume();
    await closed;
    await client.closed;
    assertEqual(got.messages.length, 0);
  });

  define("delivers nothing more when the consumer closes in the middle", async ({ client, server }) => {
    const got = record(server, () => void server.close(status(Code.OK)));
    for (let number = 0; number < 10; number += 1) {
      client.send(numbered(number));
    }
    await Promise.all([client.closed, server.closed]);
    assertEqual(got.messages.map(numberOf), [0]);
  });

  define("throws UNAVAILABLE from send() from close() on", async (pair) => {
    void pair.client.close(status(Code.OK));
    assertThrows(() => pair.client.send(numbered(1)), Code.UNAVAILABLE);
    await Promise.all([pair.client.closed, pair.server.closed]);
    assertThrows(() => pair.client.send(numbered(1)), Code.UNAVAILABLE);
    assertThrows(() => pair.server.send(numbered(1)), Code.UNAVAILABLE);
  });

  define("closes once: a second close() changes nothing", async ({ client, server }) => {
    const first = client.close(status(Code.ABORTED, "first"));
    const second = client.close(status(Code.INTERNAL, "second"));
    assertEqual([(await first).message, (await second).message], ["first", "first"]);
    assertEqual((await server.closed).message, "first");
    assertEqual((await client.close(status(Code.OK))).message, "first");
    assertEqual((await server.close(status(Code.OK))).message, "first");
  });

  define("ends at both ends when both close at once", async ({ client, server }) => {
    const statuses = await Promise.all([
      client.close(status(Code.ABORTED, "client")),
      server.close(status(Code.INTERNAL, "server")),
    ]);
    for (const { message } of statuses) {
      assert(message === "client" || message === "server", `another status: ${message}`);
    }
  });
}
