import { Code, status } from "../base/status.js";
import { assert, assertEqual } from "./assertions.js";
import { type DefineLink, fill, numberIn, overfill, recordLink, textMessage } from "./link-workbench.js";

/** What a link promises of peers that read slowly. */
export function linkFlowCases(define: DefineLink): void {
  define("delivers nothing while paused, and all in order after resume()", async ({ client, server }, workbench) => {
    const got = recordLink(server);
    client.send(textMessage("0"));
    await got.count(1);
    server.pause();
    for (let number = 1; number <= 20; number += 1) {
      client.send(textMessage(`${number}`));
    }
    await workbench.roundTrip();
    assertEqual(got.texts, ["0"]);
    server.resume();
    await got.count(21);
    assertEqual(
      got.texts,
      Array.from({ length: 21 }, (_, number) => `${number}`),
    );
  });

  define("can pause again, and pauses once for several calls", async ({ client, server }, workbench) => {
    const got = recordLink(server);
    for (let round = 1; round <= 3; round += 1) {
      server.pause();
      server.pause();
      client.send(textMessage(`${round}`));
      await workbench.roundTrip();
      assertEqual(got.arrived.length, round - 1);
      server.resume();
      await got.count(round);
    }
  });

  define("has no sender wait while the peer keeps up", async ({ client, server }) => {
    const got = recordLink(server);
    assert(client.drained() === undefined, "a link that is idle has its sender wait");
    client.send(textMessage("one"));
    assert(client.drained() === undefined, "a small message has its sender wait");
    await got.count(1);
  });

  define(
    "has senders wait for a peer that doesn't read, until it has caught up",
    async ({ client, server }, workbench) => {
      const got = recordLink(server);
      server.pause();
      const sent = fill(client);
      let isDrained = false;
      const drained = client.drained()?.then(() => {
        isDrained = true;
      });
      await Promise.resolve();
      assert(!isDrained, "a sender goes on though nothing was read");
      server.resume();
      await workbench.passing(drained);
      await got.count(sent);
      assertEqual(
        got.texts.map(numberIn),
        Array.from({ length: sent }, (_, number) => number),
      );
    },
  );

  define(
    "takes only so much for a peer that doesn't read, and loses nothing of that",
    async ({ client, server }, workbench) => {
      const got = recordLink(server);
      server.pause();
      const sent = await overfill(client, workbench);
      server.resume();
      await got.count(sent);
      assertEqual(
        got.texts.map(numberIn),
        Array.from({ length: sent }, (_, number) => number),
      );
      client.send(textMessage("after"));
      await got.count(sent + 1);
    },
  );

  define("lets those go who wait when it closes", async ({ client, server }, workbench) => {
    server.pause();
    fill(client);
    const drained = client.drained();
    void server.close(status(Code.UNAVAILABLE, "going away"));
    await workbench.advance(60_000);
    await drained;
    await client.closed;
  });
}
