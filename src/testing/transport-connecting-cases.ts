import { asyncDispose } from "../base/dispose.js";
import { Code, status } from "../base/status.js";
import type { Connection } from "../transport/transport.js";
import { assert, assertEnd, assertEqual, assertRejects, onPurpose } from "./assertions.js";
import { record } from "./record.js";
import { type DefineWorkbench, numbered, text } from "./transport-workbench.js";

/** What a transport promises of connecting and listening. */
export function connectingCases(define: DefineWorkbench): void {
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
    const { transport, server } = workbench.rig;
    const accepted: Connection[] = [];
    const listener = await server.listen((connection) => {
      accepted.push(connection);
      connection.receive({ message: (bytes) => connection.send(bytes) });
    });
    const controller = new AbortController();
    const attempt = transport.connect({ signal: controller.signal });
    controller.abort();
    await assertRejects(attempt, Code.CANCELLED);
    // The attempt may have got to the listener, before another one does or after it.
    const client = await transport.connect();
    const echoed = record(client);
    for (let trip = 1; trip <= 3; trip += 1) {
      client.send(numbered(trip));
      await echoed.count(trip);
    }
    await client.close(status(Code.OK));
    await Promise.all(accepted.map(({ closed }) => closed));
    await listener.close();
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
    assertEnd(await server.closed, Code.OK);
  });

  define("closes the listener when it is disposed", async (workbench) => {
    const listener = await workbench.listen();
    await listener[asyncDispose]();
    await assertRejects(workbench.rig.transport.connect(), Code.UNAVAILABLE);
  });

  for (const how of ["throws", "rejects"] as const) {
    define(`closes with INTERNAL a connection that accept() ${how} for, and goes on listening`, async (workbench) => {
      await workbench.listen({}, () => {
        if (workbench.acceptedCount === 1) {
          const error = onPurpose();
          if (how === "throws") {
            throw error;
          }
          return Promise.reject(error);
        }
        return undefined;
      });
      const refused = await workbench.connectAlone();
      assertEnd(await refused.closed, Code.INTERNAL);
      await workbench.roundTrip();
    });
  }

  define("selects the first subprotocol of the listener's that the peer offers", async (workbench) => {
    await workbench.listen({ protocols: ["best.v2", "good.v1"] });
    for (const [protocols, selected] of [
      [["good.v1", "best.v2"], "best.v2"],
      [["other.v1", "good.v1"], "good.v1"],
    ] as const) {
      const { client, server } = await workbench.connect({ protocols });
      assertEqual([client.protocol, server.protocol], [selected, selected]);
    }
  });

  define("selects no subprotocol that the peer doesn't offer", async (workbench) => {
    await workbench.listen({ protocols: ["best.v2"] });
    const { client, server } = await workbench.connect();
    assertEqual([client.protocol, server.protocol], ["", ""]);
  });

  for (const spoken of [["best.v2"], undefined] as const) {
    const which = spoken === undefined ? "no subprotocol" : "others";
    define(`rejects with FAILED_PRECONDITION when the listener speaks ${which}`, async (workbench) => {
      await workbench.listen(spoken === undefined ? {} : { protocols: spoken });
      const { transport, tellsRefusals = true } = workbench.rig;
      // Firefox connects all the same, so that it can be told.
      const codes = tellsRefusals ? [Code.FAILED_PRECONDITION] : [Code.FAILED_PRECONDITION, Code.UNAVAILABLE];
      await assertRejects(transport.connect({ protocols: ["good.v1"] }), ...codes);
      await workbench.roundTrip();
    });
  }

  define("listens again after the listener was closed", async (workbench) => {
    const first = await workbench.listen();
    await first.close();
    await workbench.listen();
    await workbench.roundTrip();
  });
}
