import { Code } from "../base/status.js";
import { assert, assertEnd, assertEqual, assertThrows } from "./assertions.js";
import { type DefineLink, numberedMessage, recordLink, textMessage } from "./link-workbench.js";
import { mebibyte } from "./transport-workbench.js";

/** What a link promises of the messages it delivers. */
export function linkDeliveryCases(define: DefineLink): void {
  define("delivers messages both ways, in order, each once", async ({ client, server }) => {
    for (const [sender, receiver] of [
      [client, server],
      [server, client],
    ] as const) {
      const got = recordLink(receiver);
      const texts = Array.from({ length: 200 }, (_, number) => `${number}`);
      for (const text of texts) {
        sender.send(textMessage(text));
      }
      await got.count(texts.length);
      assertEqual(got.texts, texts);
    }
  });

  define(
    "delivers messages of all sizes as they were sent, and says how large they are",
    async ({ client, server }) => {
      const got = recordLink(server);
      const texts = [0, 1, 100, 65_535, 65_536, 70_000, 1_000_000, 1].map((length) => "ä".repeat(length / 2));
      const sizes = texts.map((text) => client.send(textMessage(text, "a", "b")));
      await got.count(texts.length);
      assertEqual(got.texts, texts);
      assertEqual(
        got.arrived.map(({ bytes }) => bytes),
        sizes,
      );
      assertEqual(got.arrived[0]?.source, "a");
      assertEqual(got.arrived[0]?.target, "b");
    },
  );

  define("takes a message of 1 MiB, and refuses a larger one, which costs no other", async ({ client, server }) => {
    const got = recordLink(server);
    const overhead = client.send(numberedMessage(1, 1_000_000)) - 1_000_000;
    assertEqual(client.send(numberedMessage(2, mebibyte - overhead)), mebibyte);
    assertThrows(() => client.send(numberedMessage(3, mebibyte - overhead + 1)), Code.RESOURCE_EXHAUSTED);
    client.send(textMessage("after"));
    await got.count(3);
    assertEqual(got.texts.at(-1), "after");
  });

  define("refuses what can't be encoded, which costs no other", async ({ client, server }) => {
    const got = recordLink(server);
    client.send(textMessage("before"));
    const message = textMessage("never");
    message.body = { case: undefined };
    assertThrows(() => client.send(message), Code.INVALID_ARGUMENT);
    client.send(textMessage("after"));
    await got.count(2);
    assertEqual(got.texts, ["before", "after"]);
  });

  define("keeps what arrives until receive() is called", async ({ client, server }, workbench) => {
    client.send(textMessage("early"));
    await workbench.roundTrip();
    const got = recordLink(server);
    client.send(textMessage("late"));
    await got.count(2);
    assertEqual(got.texts, ["early", "late"]);
  });

  define("has one consumer", async ({ client, server }) => {
    const got = recordLink(server);
    assertThrows(() => recordLink(server), Code.FAILED_PRECONDITION);
    client.send(textMessage("one"));
    await got.count(1);
  });

  define("tells of a message that nobody can know, and lives on", async ({ client, server, sendBytes }) => {
    const got = recordLink(server);
    // Field 1000: a case that this version doesn't have.
    sendBytes(Uint8Array.of(0xc2, 0x3e, 1, 0x61));
    await got.countInvalid(1);
    assert(got.invalid[0] !== "", "no reason is told");
    client.send(textMessage("after"));
    await got.count(1);
    assertEqual([got.texts, got.invalid.length], [["after"], 1]);
  });

  define("ends with INVALID_ARGUMENT at what can't be read, at both ends", async ({ client, server, sendBytes }) => {
    const got = recordLink(server);
    recordLink(client);
    sendBytes(Uint8Array.of(0xff));
    assertEnd(await server.closed, Code.INVALID_ARGUMENT);
    assertEnd(await client.closed, Code.INVALID_ARGUMENT);
    assertEqual([got.arrived.length, got.invalid.length], [0, 0]);
  });

  define("says who the peers are, and whether they announce their agents", async ({ client, server }) => {
    for (const link of [client, server]) {
      assert(typeof link.peer.address === "string" && link.peer.address !== "", "the peer has no address");
      assert(typeof link.announces === "boolean", "announces is no boolean");
    }
  });
}
