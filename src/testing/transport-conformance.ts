import { Code, type Status, status } from "../base/status.js";
import { defaultMaxMessageBytes } from "../transport/transport.js";
import {
  assert,
  assertEqual,
  assertRejects,
  assertThrows,
  type ConformanceSetup,
  numbered,
  numberOf,
  Pair,
  record,
  text,
  Workbench,
} from "./transport-workbench.js";

export type { ConformanceRig, ConformanceSetup } from "./transport-workbench.js";

/** One thing that a transport must do. `run` rejects when it doesn't. */
export interface ConformanceCase {
  /** The behaviour, in a sentence. */
  readonly name: string;
  run(): Promise<void>;
}

const mebibyte = defaultMaxMessageBytes;

/** More messages of 1 MiB than operating systems buffer for a connection. */
const flood = 48;

const allCodes = Object.values(Code).filter((code): code is Code => typeof code === "number");

/**
 * The promises of `Transport`, `ServerTransport` and `Connection`, as cases for any test framework: each has a
 * name and a function to run. `setup` is called for each case anew, and its `dispose` after it. The transport
 * must take messages of up to 1 MiB, and none that is larger.
 *
 * ```ts
 * for (const { name, run } of transportConformance(setup)) {
 *   it(name, run);
 * }
 * ```
 */
export function transportConformance(setup: ConformanceSetup): readonly ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  const bench = (name: string, body: (workbench: Workbench) => Promise<void>): void => {
    cases.push({
      name,
      async run() {
        const workbench = new Workbench(await setup());
        try {
          await body(workbench);
        } finally {
          await workbench.dispose();
        }
      },
    });
  };
  const pair = (name: string, body: (pair: Pair, workbench: Workbench) => Promise<void>): void =>
    bench(name, async (workbench) => {
      await workbench.listen();
      await body(await workbench.connect(), workbench);
    });
  delivery(pair);
  backpressure(pair);
  closing(pair);
  connecting(bench);
  return cases;
}

type Define<Subject extends readonly unknown[]> = (name: string, body: (...subject: Subject) => Promise<void>) => void;
type DefinePair = Define<[Pair, Workbench]>;

function delivery(define: DefinePair): void {
  define("delivers messages in order, and keeps their borders", async (pair) => {
    const sizes = [0, 1, 2, 125, 126, 127, 65_535, 65_536, 65_537, 0, 3];
    for (const [sender, receiver] of pair.directions) {
      const got = record(receiver);
      sizes.forEach((size, index) => sender.send(new Uint8Array(size).fill(index + 1)));
      await got.count(sizes.length);
      assertEqual(
        got.messages.map((bytes) => bytes.length),
        sizes,
      );
      got.messages.forEach((bytes, index) => assert(bytes.every((byte) => byte === index + 1), "a byte changed"));
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
    assertEqual((await server.closed).code, Code.RESOURCE_EXHAUSTED);
    assertEqual((await client.closed).code, Code.RESOURCE_EXHAUSTED);
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

function backpressure(define: DefinePair): void {
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
    await workbench.roundTrip();
    assert(client.bufferedAmount > 0, "nothing is buffered");
    assert(client.bufferedAmount <= flood * mebibyte, "more is buffered than was sent");
    const half = client.drained(client.bufferedAmount - 1);
    const all = client.drained(0);
    server.resume();
    await half;
    await all;
    assertEqual(client.bufferedAmount, 0);
    await got.count(flood);
    assertEqual(
      got.messages.map(numberOf),
      Array.from({ length: flood }, (_, index) => index),
    );
  });

  define("slows a sender down for as long as receive() isn't called", async (pair, workbench) => {
    sendFlood(pair);
    await workbench.roundTrip();
    assert(pair.client.bufferedAmount > 0, "nothing is buffered");
    const got = record(pair.server);
    await pair.client.drained(0);
    await got.count(flood);
  });

  define("counts a message as buffered until it is handed over", async ({ client, server }) => {
    record(server);
    assertEqual(client.bufferedAmount, 0);
    await client.drained(0);
    client.send(new Uint8Array(1000));
    assertEqual(client.bufferedAmount, 1000);
    await client.drained(1000);
    await client.drained(0);
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

function closing(define: DefinePair): void {
  for (const code of allCodes) {
    define(`tells both ends the status when one closes with ${Code[code]}`, async (pair, workbench) => {
      const other = await workbench.connect();
      for (const [closer, peer] of [pair.directions[0], other.directions[1]]) {
        const closing = status(code, `because of ${code}`);
        assertEqual(await closer.close(closing), closing);
        assertEqual(await closer.closed, closing);
        const seen = await peer.closed;
        assertEqual(seen.code, code);
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
      assertEqual(seen.code, Code.ABORTED);
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
    assertEqual((await pair.server.closed).code, Code.OK);
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
    assertEqual((await server.closed).code, Code.ABORTED);
    assertEqual(got.messages.map(numberOf), [1]);
  });

  define("delivers what was sent before close() to an end that receives later", async ({ client, server }, bench) => {
    client.send(numbered(1));
    void client.close(status(Code.ABORTED, "enough"));
    await bench.roundTrip();
    const got = record(server);
    assertEqual((await server.closed).code, Code.ABORTED);
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

  define("tells which messages were not handed over, and loses none", async (pair, workbench) => {
    const { client, server } = pair;
    const lost: [Uint8Array, Status][] = [];
    let closed = false;
    void client.closed.then(() => {
      closed = true;
    });
    client.receive({
      message: () => {},
      undelivered(bytes, why) {
        assert(!closed, "told after closed");
        lost.push([bytes, why]);
      },
    });
    server.pause();
    const got = record(server);
    const sent = sendFlood(pair);
    await workbench.roundTrip();
    const end = client.close(status(Code.OK));
    await workbench.advance(60_000);
    assertEqual((await end).code, Code.OK);
    server.resume();
    await server.closed;
    assert(lost.length > 0, "nothing is told");
    const seen = new Set([...got.messages, ...lost.map(([bytes]) => bytes)].map(numberOf));
    assertEqual(seen.size, sent.length);
    assertEqual(
      lost.map(([bytes]) => numberOf(bytes)),
      lost.map((_, index) => sent.length - lost.length + index),
    );
    for (const [bytes, why] of lost) {
      assert(sent.includes(bytes), "other bytes than those that were sent");
      assert(why.code !== Code.OK, "OK says nothing of why");
    }
  });

  define("tells a consumer that comes after the end what was not handed over", async (pair, workbench) => {
    pair.server.pause();
    sendFlood(pair);
    await workbench.roundTrip();
    void pair.client.close(status(Code.ABORTED, "enough"));
    await workbench.advance(60_000);
    await pair.client.closed;
    const why = await new Promise<Status>((resolve) => {
      pair.client.receive({ message: () => {}, undelivered: (_, reason) => resolve(reason) });
    });
    assertEqual(why.code, Code.ABORTED);
  });

  define("tells nothing as undelivered when all was handed over", async ({ client, server }) => {
    const got = record(client);
    const atServer = record(server);
    client.send(numbered(1));
    client.send(new Uint8Array(0));
    await atServer.count(2);
    await client.drained(0);
    await server.close(status(Code.OK));
    await client.closed;
    assertEqual(got.undelivered.length, 0);
  });
}

function connecting(define: Define<[Workbench]>): void {
  define("rejects with UNAVAILABLE when nobody listens", async ({ rig }) => {
    await assertRejects(rig.transport.connect(), Code.UNAVAILABLE);
  });

  define("rejects with CANCELLED when the signal has aborted before", async (workbench) => {
    await workbench.listen();
    await assertRejects(workbench.rig.transport.connect({ signal: AbortSignal.abort() }), Code.CANCELLED);
    await workbench.roundTrip();
    assertEqual(workbench.acceptedCount, 1);
  });

  define("rejects with CANCELLED when the signal aborts meanwhile, and leaves no connection", async (workbench) => {
    await workbench.listen();
    const controller = new AbortController();
    const attempt = workbench.rig.transport.connect({ signal: controller.signal });
    controller.abort();
    await assertRejects(attempt, Code.CANCELLED);
    await workbench.roundTrip();
    await workbench.noneLeftBut(1);
  });

  define("has no use for the signal once the connection is made", async (workbench) => {
    await workbench.listen();
    const controller = new AbortController();
    const { client, server } = await workbench.connect({ signal: controller.signal });
    controller.abort();
    const got = record(server);
    client.send(numbered(1));
    await got.count(1);
  });

  define("says where the listener is, and who the peers are", async (workbench) => {
    const listener = await workbench.listen();
    const { client, server } = await workbench.connect();
    for (const address of [listener.address, client.peer.address, server.peer.address]) {
      assert(text(address) && address !== "", "an address is empty");
    }
    for (const connection of [client, server]) {
      assert(text(connection.protocol), "the protocol is no string");
      assert(typeof connection.peer.encrypted === "boolean", "encrypted is no boolean");
      for (const [name, value] of connection.peer.metadata) {
        assert(name === name.toLowerCase() && text(value), `a header is named ${name}`);
      }
    }
  });

  define("stops accepting when the listener closes, while its connections live on", async (workbench) => {
    const listener = await workbench.listen();
    const { client, server } = await workbench.connect();
    await listener.close();
    await listener.close();
    await assertRejects(workbench.rig.transport.connect(), Code.UNAVAILABLE);
    const [atClient, atServer] = [record(client), record(server)];
    client.send(numbered(1));
    server.send(numbered(2));
    await Promise.all([atClient.count(1), atServer.count(1)]);
    await client.close(status(Code.OK));
    assertEqual((await server.closed).code, Code.OK);
  });

  define("closes the listener when it is disposed", async (workbench) => {
    const listener = await workbench.listen();
    await listener[Symbol.asyncDispose]();
    await assertRejects(workbench.rig.transport.connect(), Code.UNAVAILABLE);
  });

  define("listens again after the listener was closed", async (workbench) => {
    const first = await workbench.listen();
    await first.close();
    await workbench.listen();
    await workbench.roundTrip();
  });
}

function sendFlood({ client }: Pair): readonly Uint8Array[] {
  const sent = Array.from({ length: flood }, (_, index) => numbered(index, mebibyte));
  for (const bytes of sent) {
    client.send(bytes);
  }
  return sent;
}
