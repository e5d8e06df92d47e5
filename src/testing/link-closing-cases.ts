import { Code, status } from "../base/status.js";
import { assert, assertEnd, assertEqual, assertThrows } from "./assertions.js";
import { type DefineLink, numberIn, overfill, recordLink, textMessage } from "./link-workbench.js";

/** What a link promises of its end. */
export function linkClosingCases(define: DefineLink): void {
  for (const code of [Code.OK, Code.CANCELLED, Code.PERMISSION_DENIED, Code.ABORTED, Code.INTERNAL] as const) {
    define(`tells both ends the status when one closes with ${Code[code]}`, async (pair, workbench) => {
      const other = await workbench.connect();
      for (const [closer, peer] of [
        [pair.client, pair.server],
        [other.server, other.client],
      ] as const) {
        recordLink(closer);
        recordLink(peer);
        const closing = status(code, `because of ${code}`);
        for (const seen of [await closer.close(closing), await closer.closed, await peer.closed]) {
          assertEqual([Code[seen.code], seen.message], [Code[code], `because of ${code}`]);
        }
      }
    });
  }

  define("delivers what was sent before close()", async ({ client, server }) => {
    const got = recordLink(server);
    const texts = Array.from({ length: 100 }, (_, number) => `${number}`);
    for (const text of texts) {
      client.send(textMessage(text));
    }
    void client.close(status(Code.OK));
    assertEnd(await server.closed, Code.OK);
    assertEqual(got.texts, texts);
  });

  define("delivers nothing after this end has called close()", async ({ client, server }) => {
    const got = recordLink(server);
    for (let number = 0; number < 50; number += 1) {
      client.send(textMessage(`${number}`));
    }
    await server.close(status(Code.OK));
    await client.closed;
    assertEqual(got.arrived.length, 0);
  });

  define("throws UNAVAILABLE from send() from close() on, at both ends", async ({ client, server }) => {
    recordLink(client);
    recordLink(server);
    void client.close(status(Code.OK));
    assertThrows(() => client.send(textMessage("late")), Code.UNAVAILABLE);
    await Promise.all([client.closed, server.closed]);
    assertThrows(() => client.send(textMessage("late")), Code.UNAVAILABLE);
    assertThrows(() => server.send(textMessage("late")), Code.UNAVAILABLE);
    assert(client.drained() === undefined, "a link that is closed has its sender wait");
  });

  define("closes once: a second close() changes nothing", async ({ client, server }) => {
    const first = client.close(status(Code.ABORTED, "first"));
    const second = client.close(status(Code.INTERNAL, "second"));
    assertEqual([(await first).message, (await second).message], ["first", "first"]);
    assertEqual((await server.closed).message, "first");
    assertEqual((await server.close(status(Code.OK))).message, "first");
  });

  define("ends at both ends when both close at once", async ({ client, server }) => {
    for (const { message } of await Promise.all([
      client.close(status(Code.ABORTED, "client")),
      server.close(status(Code.INTERNAL, "server")),
    ])) {
      assert(message === "client" || message === "server", `another status: ${message}`);
    }
  });

  define("closes while paused, and leaves nothing behind", async ({ client, server }) => {
    recordLink(server);
    server.pause();
    await server.close(status(Code.ABORTED, "enough"));
    assertEqual((await client.closed).message, "enough");
  });

  define("tells which messages were not handed over, and loses none", async ({ client, server }, workbench) => {
    const atClient = recordLink(client);
    const atServer = recordLink(server);
    server.pause();
    const sent = await overfill(client, workbench);
    const end = client.close(status(Code.ABORTED, "enough"));
    await workbench.advance(60_000);
    await end;
    server.resume();
    await server.closed;
    assert(atClient.undelivered.length > 0, "nothing is told");
    const told = atClient.undelivered.map(([text]) => numberIn(text));
    assertEqual(
      told,
      told.map((_, index) => sent - told.length + index),
    );
    assertEqual(new Set([...told, ...atServer.texts.map(numberIn)]).size, sent);
    for (const [, why] of atClient.undelivered) {
      assert(why.code !== Code.OK, "OK says nothing of why");
    }
  });

  define("tells nothing as undelivered when all was handed over", async ({ client, server }) => {
    const atClient = recordLink(client);
    const atServer = recordLink(server);
    client.send(textMessage("one"));
    await atServer.count(1);
    server.send(textMessage("two"));
    await atClient.count(1);
    await server.close(status(Code.OK));
    await client.closed;
    assertEqual(atClient.undelivered.length, 0);
  });
}
