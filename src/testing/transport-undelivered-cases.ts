import { Code, type Status, status } from "../base/status.js";
import { assert, assertEnd, assertEqual, onPurpose } from "./assertions.js";
import { record } from "./record.js";
import { type DefinePair, numbered, numberOf, sendFlood } from "./transport-workbench.js";

/** What a connection promises of messages that it couldn't hand over. */
export function undeliveredCases(define: DefinePair): void {
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
    assertEnd(await end, Code.OK);
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
    assertEnd(why, Code.ABORTED);
  });

  define("tells all that was not handed over, though the consumer throws at the first", async (pair, workbench) => {
    const { client, server } = pair;
    let told = 0;
    client.receive({
      message: () => {},
      undelivered() {
        told += 1;
        if (told === 1) {
          throw onPurpose();
        }
      },
    });
    server.pause();
    const got = record(server);
    const sent = sendFlood(pair);
    await workbench.roundTrip();
    const end = client.close(status(Code.ABORTED, "enough"));
    await workbench.advance(60_000);
    assertEnd(await end, Code.ABORTED);
    server.resume();
    await server.closed;
    assert(
      told > 0 && told >= sent.length - got.messages.length,
      `${told} are told of ${sent.length - got.messages.length}`,
    );
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
