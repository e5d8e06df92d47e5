import { Socket } from "node:net";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { AgentRunner, type AnyBusMessage, BaseAgent, busMessage, frame } from "../../src/index.js";
import { WebSocketProxyClientAgent } from "../../src/websocket.js";
import { listen, WebSocketProxyServerAgent } from "../../src/websocket-server.js";
import { until } from "../support/idle.js";

const forwardMessages = ["frame"] as const;
const samples = new Uint8Array(640);

/** How often the sockets of this process were asked to write, one chunk or many, and how many bytes that were. */
const writes = { count: 0, bytes: 0 };
const { _write, _writev } = Socket.prototype;

function countWrites(): void {
  writes.count = 0;
  writes.bytes = 0;
  Socket.prototype._write = function (chunk: Uint8Array, ...rest) {
    writes.count++;
    writes.bytes += chunk.length;
    return _write.call(this, chunk, ...rest);
  };
  Socket.prototype._writev = function (chunks, callback) {
    writes.count++;
    for (const { chunk } of chunks) {
      writes.bytes += (chunk as Uint8Array).length;
    }
    return _writev?.call(this, chunks, callback);
  };
}

function restore(): void {
  Object.assign(Socket.prototype, { _write, _writev });
}

class Speaker extends BaseAgent {
  received = 0;
  echoes = false;

  speak(count: number, target: string): void {
    for (let i = 0; i < count; i++) {
      const content = frame("inputAudioRaw", { audio: samples, sampleRate: 16_000, numChannels: 1 });
      this.send(busMessage("frame", { frame: content, direction: 1 }, { target }));
    }
  }

  protected override onBusMessage(message: AnyBusMessage): void {
    if (message.body.case === "frame" && message.source !== this.name) {
      this.received++;
      if (this.echoes) {
        this.speak(1, message.source);
      }
    }
  }
}

describe("how often a socket is written to", () => {
  const closing: (() => unknown)[] = [];
  let bridge: { readonly near: Speaker; readonly far: Speaker };

  beforeEach(async () => {
    const [client, agent] = [new Speaker("near"), new Speaker("far")];
    bridge = { near: client, far: agent };
    const server = await listen({ port: 0, dialect: "protobuf" }, async (session) => {
      const runner = new AgentRunner({ handleSigint: false });
      const names = { agentName: "far", remoteAgentName: "near" };
      const proxy = new WebSocketProxyServerAgent("gateway", { session, forwardMessages, ...names });
      proxy.on("clientDisconnected", () => runner.cancel());
      await runner.addAgent(proxy);
      await runner.addAgent(agent);
      await runner.run();
    });
    const runner = new AgentRunner({ handleSigint: false });
    const names = { localAgentName: "near", remoteAgentName: "far" };
    await runner.addAgent(client);
    await runner.addAgent(
      new WebSocketProxyClientAgent("proxy", { url: server.address, forwardMessages, dialect: "protobuf", ...names }),
    );
    const running = runner.run();
    closing.push(async () => {
      runner.end();
      await running;
      await server.close();
    });
    client.watchAgent("far");
    const ready = new Promise((resolve) => client.once("agentReady", resolve));
    client.activateAgent("proxy");
    await ready;
    countWrites();
  });

  afterEach(async () => {
    restore();
    for (const close of closing.splice(0)) {
      await close();
    }
  });

  for (const [from, to] of [
    ["near", "far"],
    ["far", "near"],
  ] as const) {
    it(`is once for the 90 frames of one turn, from ${from} to ${to}`, async () => {
      bridge[from].speak(90, to);
      await until(() => bridge[to].received === 90);
      // 90 frames are less than 64 KiB: a single write.
      expect(writes.count).to.equal(1);
      expect(writes.bytes).to.be.within(90 * 640, 90 * 720);
    });
  }

  it("is once for each frame that comes in a turn of its own", async () => {
    for (let turn = 1; turn <= 10; turn++) {
      bridge.near.speak(1, "far");
      await until(() => bridge.far.received === turn);
    }
    expect(writes.count).to.equal(10);
  });

  it("is no more than once for the answers to all that came at once", async () => {
    bridge.far.echoes = true;
    bridge.near.speak(90, "far");
    await until(() => bridge.near.received === 90);
    // How the network cuts the bytes into pieces decides how many answers there are in a turn.
    expect(writes.count).to.be.within(2, 12);
  });
});
