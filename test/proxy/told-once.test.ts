import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { Code, status } from "../../src/base/status.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { busMessage, frame } from "../../src/message/build.js";
import { connect } from "../../src/proxy/connect.js";
import { type Relay, relay } from "../../src/proxy/relay.js";
import { serve } from "../../src/proxy/serve.js";
import type { Session } from "../../src/proxy/session.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { plainProtocol } from "../../src/transport/plain-protocol.js";
import { type BridgeFixture, useBridge } from "../support/bridge-fixture.js";
import { until } from "../support/idle.js";

function long(): BusMessage {
  const body = { frame: frame("text", { text: "x".repeat(2_000) }), direction: Direction.DOWNSTREAM };
  return busMessage("frame", body, { target: "acme" });
}

/** What a server's log tells of messages. */
const news = /^(the policy (of a relay )?denied|a message was not delivered|the peer doesn't take all)/;

function told(fixture: BridgeFixture, level: "warn" | "debug", by: string): readonly string[] {
  return fixture.logger
    .take(level)
    .filter(({ message, fields }) => news.test(message) && (fields["proxy"] ?? fields["direction"]) === by)
    .map(({ message }) => (news.exec(message) as RegExpExecArray)[0]);
}

describe("what client after client makes a server tell of", () => {
  const bridge = useBridge((options) => new MemoryTransport(options));
  const kinds = ["the peer doesn't take all", "the policy denied", "a message was not delivered"];

  it("is a warning for the first of each kind, whichever session that is of, and then for debugging", async () => {
    // The second server knows nothing of what the first has told.
    for (const fixture of [bridge(), bridge()]) {
      await fixture.serveAssistants({ forwardMessages: ["frame", "ttsSpeak"] }, { maxMessageBytes: 1_000 });
      for (let i = 0; i < 3; i++) {
        const [client, { assistant, proxy }] = await fixture.connect();
        for (let count = 0; count < 2; count++) {
          assistant.send(busMessage("taskCancel", {}, { target: "acme" }));
          assistant.send(long());
        }
        await until(() => proxy.stats.denied === 2 && proxy.stats.undelivered === 2);
        expect(told(fixture, "warn", "gateway"), `${i}`).to.deep.equal(i === 0 ? kinds : []);
        expect(told(fixture, "debug", "gateway"), `${i}`).to.deep.equal(i === 0 ? [] : kinds);
        client.runner.cancel();
      }
    }
  });

  it("is so for relays too", async () => {
    const fixture = bridge();
    const { clock, logger } = fixture;
    const options = { clock, logger, dialect: "protobuf" } as const;
    const back = new MemoryTransport({ clock });
    await using _server = await serve(back, async (session) => void (await session.closed), options);
    const relays: Relay[] = [];
    const names = { agentName: "assistant", remoteAgentName: "acme", logger };
    const handler = async (front: Session) => {
      const made = relay(front, await connect(back, options), names);
      relays.push(made);
      await made.closed;
    };
    await fixture.serve(handler, options);
    for (let i = 0; i < 3; i++) {
      const connection = await fixture.transport.connect({ protocols: [plainProtocol] });
      const denied = busMessage("taskCancel", {}, { source: "acme", target: "assistant" });
      connection.send(protobufCodec.encode(denied));
      connection.send(protobufCodec.encode(denied));
      await until(() => relays[i]?.stats.denied === 2);
      expect(told(fixture, "warn", "toBack"), `${i}`).to.have.length(i === 0 ? 1 : 0);
      expect(told(fixture, "debug", "toBack"), `${i}`).to.have.length(i === 0 ? 0 : 1);
      await connection.close(status(Code.OK));
    }
  });
});
