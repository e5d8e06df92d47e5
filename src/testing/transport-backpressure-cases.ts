import { Code, status } from "../base/status.js";
import { assert, assertEqual } from "./assertions.js";
import { record } from "./record.js";
import { type DefinePair, flood, mebibyte, numbered, numberOf, sendFlood } from "./transport-workbench.js";

const takesAll = `bufferedAmount is 0 after ${flood} MiB were sent that nobody takes: the peer reads them all the same, or \
bufferedAmount doesn't count what waits`;

/** What a connection promises of pausing and of what it buffers. */
export function backpressureCases(define: DefinePair): void {
  define("delivers nothing while paused, and all in order after resume()", async ({ client, server }, workbench) => {
    const got = record(server);
    client.send(numbered(0));
    await got.count(1);
    server.pause();
    for (let number = 1; number <= 20; number += 1) {
      client.send(numbered(number));
    }
    await workbench.roundTrip();
    assertEqual(got.messages.length, 1);
    server.resume();
    assertEqual(got.messages.length, 1);
    await got.count(21);
    assertEqual(
      got.messages.map(numberOf),
      Array.from({ length: 21 }, (_, index) => index),
    );
  });

  define("stops at once when the consumer pauses in the middle", async ({ client, server }, workbench) => {
    const got = record(server, () => server.pause());
    for (let number = 0; number < 3; number += 1) {
      client.send(numbered(number));
    }
    await got.count(1);
    for (let count = 2; count <= 3; count += 1) {
      await workbench.roundTrip();
      assertEqual(got.messages.length, count - 1);
      server.resume();
      await got.count(count);
    }
    assertEqual(got.messages.map(numberOf), [0, 1, 2]);
  });

  define("shows in bufferedAmount what a paused peer doesn't read, and drains it later", async (pair, workbench) => {
    const { client, server } = pair;
    const got = record(server);
    server.pause();
    sendFlood(pair);
    await workbench.settled(client);
    assert(client.bufferedAmount > 0, takesAll);
    assert(client.bufferedAmount <= flood * mebibyte, "more is buffered than was sent");
    const half = client.drained(client.bufferedAmount - 1);
    const all = client.drained(0);
    server.resume();
    await workbench.passing(half);
    await workbench.passing(all);
    assertEqual(client.bufferedAmount, 0);
    await got.count(flood);
    assertEqual(
      got.messages.map(numberOf),
      Array.from({ length: flood }, (_, index) => index),
    );
  });

  define("slows a sender down for as long as receive() isn't called", async (pair, workbench) => {
    sendFlood(pair);
    await workbench.settled(pair.client);
    assert(pair.client.bufferedAmount > 0, takesAll);
    const got = record(pair.server);
    await workbench.passing(pair.client.drained(0));
    await got.count(flood);
  });

  define("counts a message as buffered until it is handed over", async ({ client, server }, workbench) => {
    record(server);
    assertEqual(client.bufferedAmount, 0);
    await client.drained(0);
    client.send(new Uint8Array(1000));
    assertEqual(client.bufferedAmount, 1000);
    await client.drained(1000);
    await workbench.passing(client.drained(0));
    assertEqual(client.bufferedAmount, 0);
  });

  define("lets those go who wait for drained() when the connection closes", async (pair) => {
    pair.server.pause();
    sendFlood(pair);
    const drained = pair.client.drained(0);
    void pair.server.close(status(Code.UNAVAILABLE, "going away"));
    await drained;
    await pair.client.closed;
    await pair.client.drained(0);
  });
}
