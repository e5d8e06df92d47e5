import { type Deferred, deferred } from "../base/deferred.js";
import { Code, StatusError, status } from "../base/status.js";
import { defaultHandshakeTimeoutMs } from "../transport/admission.js";
import type { Peer, Principal } from "../transport/transport.js";
import { assert, assertEqual, assertRejects } from "./assertions.js";
import { record } from "./record.js";
import { type DefineWorkbench, numbered } from "./transport-workbench.js";

/** A hook that grants all requests but the first, which it leaves to the case. */
class Undecided {
  readonly asked: Deferred<Peer> = deferred();
  readonly answer: Deferred<Principal> = deferred();
  #count = 0;

  readonly admit = (peer: Peer): Promise<Principal> | undefined => {
    this.#count += 1;
    this.asked.resolve(peer);
    return this.#count === 1 ? this.answer.promise : undefined;
  };
}

/** What a transport promises of a listener that decides on requests to connect. */
export function admittingCases(define: DefineWorkbench): void {
  for (const [what, principal] of [
    ["nobody in particular", undefined],
    ["somebody", { name: "ann", policy: "reader", expiresAt: 1_000 }],
  ] as const) {
    define(`knows a peer that was admitted as ${what}`, async (workbench) => {
      const peers: Peer[] = [];
      await workbench.listen({
        async admit(peer) {
          peers.push(peer);
          return principal;
        },
      });
      const { client, server } = await workbench.connect();
      assertEqual(server.peer.principal, principal);
      assertEqual(client.peer.principal, undefined);
      assertEqual(peers.length, 1);
      assertEqual([peers[0]?.address, peers[0]?.encrypted], [server.peer.address, server.peer.encrypted]);
      assertEqual([...(peers[0]?.metadata ?? [])], [...server.peer.metadata]);
      assertEqual(peers[0]?.principal, undefined);
    });
  }

  for (const [refused, seen] of [
    [Code.UNAUTHENTICATED, Code.UNAUTHENTICATED],
    [Code.PERMISSION_DENIED, Code.PERMISSION_DENIED],
    [Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION],
    [Code.RESOURCE_EXHAUSTED, Code.UNAVAILABLE],
    [Code.UNAVAILABLE, Code.UNAVAILABLE],
    [Code.INTERNAL, Code.UNAVAILABLE],
  ] as const) {
    for (const how of ["throws", "rejects"] as const) {
      define(`rejects with ${Code[seen]} when the listener ${how} ${Code[refused]}`, async (workbench) => {
        let count = 0;
        await workbench.listen({
          admit() {
            count += 1;
            if (count > 1) {
              return undefined;
            }
            const why = new StatusError(refused, "no");
            if (how === "throws") {
              throw why;
            }
            return Promise.reject(why);
          },
        });
        const { transport, tellsRefusals = true } = workbench.rig;
        await assertRejects(transport.connect(), tellsRefusals ? seen : Code.UNAVAILABLE);
        await workbench.roundTrip();
        assertEqual(workbench.acceptedCount, 1);
      });
    }
  }

  define("connects nobody before the listener has decided", async (workbench) => {
    const undecided = new Undecided();
    await workbench.listen({ admit: undecided.admit });
    const pair = workbench.connect();
    await undecided.asked.promise;
    const { transport, connectsInParallel = true } = workbench.rig;
    const others = connectsInParallel ? 1 : 0;
    if (connectsInParallel) {
      await transport.connect().then((second) => second.close(status(Code.OK)));
    }
    assertEqual(workbench.acceptedCount, others);
    undecided.answer.resolve({ name: "late" });
    const { client } = await pair;
    await workbench.roundTrip();
    await client.close(status(Code.OK));
    assertEqual(workbench.acceptedCount, others + 2);
  });

  define("delivers what a peer sends at once after it was admitted", async (workbench) => {
    const undecided = new Undecided();
    await workbench.listen({ admit: undecided.admit });
    const connecting = workbench.connect();
    await undecided.asked.promise;
    undecided.answer.resolve({ name: "ann" });
    const { client, server } = await connecting;
    assertEqual(server.peer.principal?.name, "ann");
    const [atClient, atServer] = [record(client), record(server)];
    client.send(numbered(1));
    server.send(numbered(2));
    await Promise.all([atClient.count(1), atServer.count(1)]);
  });

  define("rejects with UNAVAILABLE when the listener doesn't decide", async (workbench) => {
    const undecided = new Undecided();
    await workbench.listen({ admit: undecided.admit });
    const attempt = workbench.rig.transport.connect();
    await undecided.asked.promise;
    const rejected = assertRejects(attempt, Code.UNAVAILABLE);
    await workbench.advance(defaultHandshakeTimeoutMs);
    await rejected;
    undecided.answer.resolve({ name: "late" });
    await workbench.roundTrip();
    assertEqual(workbench.acceptedCount, 1);
  });

  define("rejects with CANCELLED when the signal aborts before the listener has decided", async (workbench) => {
    const undecided = new Undecided();
    await workbench.listen({ admit: undecided.admit });
    const controller = new AbortController();
    const attempt = workbench.rig.transport.connect({ signal: controller.signal });
    await undecided.asked.promise;
    controller.abort();
    await assertRejects(attempt, Code.CANCELLED);
    if (workbench.rig.tellsAborts === false) {
      undecided.answer.resolve({ name: "late" });
      return;
    }
    // By then the listener knows.
    await workbench.roundTrip();
    undecided.answer.resolve({ name: "late" });
    await workbench.roundTrip();
    assertEqual(workbench.acceptedCount, 2);
  });

  define("rejects with UNAVAILABLE when the listener closes before it has decided", async (workbench) => {
    const undecided = new Undecided();
    const listener = await workbench.listen({ admit: undecided.admit });
    const rejected = assertRejects(workbench.rig.transport.connect(), Code.UNAVAILABLE);
    await undecided.asked.promise;
    await listener.close();
    await rejected;
    undecided.answer.resolve({ name: "late" });
    assert((await undecided.answer.promise).name === "late", "the hook has another answer");
    assertEqual(workbench.acceptedCount, 0);
    await workbench.listen();
    await workbench.roundTrip();
    assertEqual(workbench.acceptedCount, 1);
  });
}
