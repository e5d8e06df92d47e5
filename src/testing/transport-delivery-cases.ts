import { Code, status } from "../base/status.js";
import { assert, assertEnd, assertEqual, assertThrows, onPurpose } from "./assertions.js";
import { record } from "./record.js";
import { type DefinePair, mebibyte, numbered, numberOf } from "./transport-workbench.js";

/** What a connection promises of the messages it delivers. */
export function deliveryCases(define: DefinePair): void {
  define("delivers messages in order, and keeps their borders", async (pair) => {
    const sizes = [0, 1, 2, 125, 126, 127, 65_535, 65_536, 65_537, 0, 3];
    for (const [sender, receiver] of pair.directions) {
      const got = record(receiver);
      for (const [index, size] of sizes.entries()) {
        sender.send(new Uint8Array(size).fill(index + 1));
      }
      await got.count(sizes.length);
      assertEqual(
        got.messages.map((bytes) => bytes.length),
        sizes,
      );
      for (const [index, bytes] of got.messages.entries()) {
        assert(
          bytes.every((byte) => byte === index + 1),
          "a byte changed",
        );
      }
    }
  });

  define("keeps the order of many small messages in both directions at once", async ({ client, server }) => {
    const [atClient, atServer] = [record(client), record(server)];
    const numbers = Array.from({ length: 2000 }, (_, index) => index);
    for (const number of numbers) {
      client.send(numbered(number));
      server.send(numbered(number));
    }
    await Promise.all([atClient.count(numbers.length), atServer.count(numbers.length)]);
    assertEqual(atClient.messages.map(numberOf), numbers);
    assertEqual(atServer.messages.map(numberOf), numbers);
  });

  define("takes a message at the limit of 1 MiB", async (pair) => {
    for (const [sender, receiver] of pair.directions) {
      const got = record(receiver);
      const large = Uint8Array.from({ length: mebibyte }, (_, index) => index % 251);
      sender.send(large);
      await got.count(1);
      assertEqual(got.messages[0]?.length, mebibyte);
      assert(got.messages[0]?.every((byte, index) => byte === index % 251) === true, "a byte changed");
    }
  });

  define("closes on a message over the limit, with RESOURCE_EXHAUSTED at both ends", async ({ client, server }) => {
    const got = record(server);
    client.send(numbered(1));
    client.send(new Uint8Array(mebibyte + 1));
    assertEnd(await server.closed, Code.RESOURCE_EXHAUSTED);
    assertEnd(await client.closed, Code.RESOURCE_EXHAUSTED);
    assertEqual(got.messages.map(numberOf), [1]);
  });

  define("delivers nothing within send()", async ({ client, server }) => {
    const got = record(server);
    client.send(numbered(1));
    assertEqual(got.messages.length, 0);
    await got.count(1);
  });

  define("gives the consumer plain bytes that nobody else holds", async (pair) => {
    for (const [sender, receiver] of pair.directions) {
      const got = record(receiver);
      const whole = Uint8Array.of(1, 2, 3, 4, 5);
      sender.send(whole.subarray(1, 4));
      sender.send(whole.subarray(1, 4));
      await got.count(2);
      const [first, second] = got.messages;
      assert(first?.constructor === Uint8Array, "the bytes are of a class of their own");
      assertEqual([...(first ?? [])], [2, 3, 4]);
      first?.fill(0);
      assertEqual([...(second ?? [])], [2, 3, 4]);
      assertEqual([...whole], [1, 2, 3, 4, 5]);
    }
  });

  define("keeps what arrives before receive(), and delivers it first", async ({ client, server }, workbench) => {
    for (let number = 0; number < 10; number += 1) {
      client.send(numbered(number));
    }
    await workbench.roundTrip();
    const got = record(server);
    assertEqual(got.messages.length, 0);
    client.send(numbered(10));
    await got.count(11);
    assertEqual(got.messages.map(numberOf), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  define("has one consumer: a second receive() throws FAILED_PRECONDITION", async ({ client, server }) => {
    const got = record(server);
    assertThrows(() => server.receive({ message: () => {} }), Code.FAILED_PRECONDITION);
    client.send(numbered(7));
    await got.count(1);
  });

  define("closes with INTERNAL at both ends when the consumer throws", async ({ client, server }) => {
    server.receive({
      message() {
        throw onPurpose();
      },
    });
    client.send(numbered(1));
    assertEnd(await server.closed, Code.INTERNAL);
    assertEnd(await client.closed, Code.INTERNAL);
  });

  define("keeps connections apart", async ({ client, server }, workbench) => {
    const got = record(server);
    const other = await workbench.connect();
    const gotByOther = record(other.server);
    other.client.send(numbered(2));
    client.send(numbered(1));
    await Promise.all([got.count(1), gotByOther.count(1)]);
    await other.client.close(status(Code.OK));
    client.send(numbered(3));
    await got.count(2);
    assertEqual(got.messages.map(numberOf), [1, 3]);
    assertEqual(gotByOther.messages.map(numberOf), [2]);
  });
}
