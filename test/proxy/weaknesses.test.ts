import { expect } from "chai";
import { describe, it } from "mocha";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { deferred } from "../../src/base/deferred.js";
import { Code, status } from "../../src/base/status.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { busMessage, frame } from "../../src/message/build.js";
import { ProxyServerAgent } from "../../src/proxy/proxy-server-agent.js";
import { useBridge, wires } from "../support/bridge-fixture.js";
import { idle, until } from "../support/idle.js";
import { lifecycleKinds } from "../support/policy-model.js";
import { ProxyBench } from "../support/proxy-bench.js";
import { openRaw } from "../support/raw-web-socket.js";
import { TestAgent } from "../support/test-agent.js";

function text(source: string, target?: string): BusMessage {
  return busMessage("frame", { frame: frame("text", { text: "hi" }) }, { source, target });
}

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await idle();
  }
}

const webSocket = wires.find(({ name }) => name === "WebSocket");

// What proxies of other systems are known to let happen. The numbers are those of a list that the project keeps.
describe("a bridge has none of these weaknesses", () => {
  const bridge = useBridge((options) => {
    if (webSocket === undefined) {
      throw new TypeError("there is no WebSocket to test with");
    }
    return webSocket.make(options);
  });

  it("W1: any agent on the client's bus, and its runner, can send to the remote agent", async () => {
    const bench = await ProxyBench.start({ side: "client", forwardMessages: ["frame", "endAgent"] });
    for (const source of ["third", "bench", "proxy", "helper"]) {
      bench.place(text(source, "helper"));
      bench.place(busMessage("endAgent", {}, { source, target: "helper" }));
    }
    await turns();
    expect(bench.connection.sent).to.deep.equal([]);
    expect(bench.denied.map(({ rule }) => rule)).to.deep.equal(new Array(8).fill("source"));
    bench.place(text("main", "helper"));
    await turns();
    expect(bench.connection.sent).to.have.length(1);
    await bench.stop();
  });

  it("W2: listed messages go out whatever their target, also those for other agents and for all", async () => {
    for (const side of ["client", "server"] as const) {
      const bench = await ProxyBench.start({ side, forwardMessages: ["frame", "taskRequest"] });
      bench.place(text("main", "third"));
      bench.place(text("third"));
      bench.place(busMessage("taskRequest", {}, { source: "main", target: "third" }));
      bench.place(busMessage("taskRequest", {}, { source: "main" }));
      await turns();
      expect(bench.connection.sent).to.deep.equal([]);
      await bench.stop();
    }
  });

  it("W3: listed messages come in whatever their source and target, so that a peer reaches any agent", async () => {
    for (const side of ["client", "server"] as const) {
      const bench = await ProxyBench.start({ side, forwardMessages: ["frame", "taskRequest"] });
      for (const message of [
        text("helper", "third"),
        text("third", "main"),
        text("third"),
        busMessage("taskRequest", {}, { source: "helper", target: "third" }),
        busMessage("taskRequest", {}, { source: "helper" }),
      ]) {
        bench.connection.deliver(protobufCodec.encode(message));
      }
      bench.connection.deliver(protobufCodec.encode(text("helper")));
      await turns();
      expect(bench.denied.map(({ rule }) => rule)).to.deep.equal(["target", "source", "source", "target", "target"]);
      expect(bench.arrived.map(({ source, target }) => [source, target])).to.deep.equal([["helper", "main"]]);
      await bench.stop();
    }
  });

  it("W4: a peer can say that it is any agent, and have what it sends echoed back", async () => {
    for (const side of ["client", "server"] as const) {
      const bench = await ProxyBench.start({ side, forwardMessages: ["frame"] });
      for (const source of ["main", "third", "bench", "proxy", "helper2"]) {
        bench.connection.deliver(protobufCodec.encode(text(source, "main")));
        bench.connection.deliver(protobufCodec.encode(text(source, "helper")));
        bench.connection.deliver(protobufCodec.encode(text(source)));
      }
      await turns();
      expect(bench.arrived).to.deep.equal([]);
      expect(bench.connection.sent).to.deep.equal([]);
      expect(bench.denied.map(({ rule }) => rule)).to.deep.equal(new Array(15).fill("source"));
      await bench.stop();
    }
  });

  it("W5: whatever is for the local agent comes in unlisted, so that a peer ends the whole runner", async () => {
    const fixture = bridge();
    await fixture.serveAssistants();
    const [client, served] = await fixture.connect();
    const cases = ["end", "cancel", "endAgent", "cancelAgent", "taskRequest"] as const;
    for (const name of cases) {
      fixture.clientConnections[0]?.send(
        protobufCodec.encode(busMessage(name, {}, { source: "acme", target: "assistant" })),
      );
      fixture.serverConnections[0]?.send(
        protobufCodec.encode(busMessage(name, {}, { source: "assistant", target: "acme" })),
      );
    }
    for (const name of ["activateAgent", "deactivateAgent"] as const) {
      fixture.serverConnections[0]?.send(
        protobufCodec.encode(busMessage(name, {}, { source: "assistant", target: "acme" })),
      );
    }
    await until(() => served.denied.length === cases.length && client.denied.length === cases.length + 2);
    expect(served.denied.map(({ rule }) => rule)).to.deep.equal(cases.map(() => "case"));
    await turns();
    expect([client.acme.ready, client.acme.active, served.assistant.ready]).to.deep.equal([true, true, true]);
    client.acme.activateAgent("assistant");
    await until(() => served.assistant.active);
  });

  it("W5: what is listed ends the agent that it is for, and nothing else", async () => {
    const fixture = bridge();
    await fixture.serveAssistants({ forwardMessages: ["endAgent"] });
    const [client, served] = await fixture.connect({ forwardMessages: ["endAgent"] });
    client.acme.send(busMessage("endAgent", {}, { target: "assistant" }));
    await served.assistant.finished;
    await turns();
    expect(served.proxy.ready).to.equal(true);
    expect(served.gone).to.deep.equal([]);
  });

  it("W6: announcements are believed, whatever agents and runners they name", async () => {
    for (const side of ["client", "server"] as const) {
      const bench = await ProxyBench.start({ side, forwardMessages: ["frame"] });
      const told: string[] = [];
      for (const name of ["main", "third", "helper"]) {
        bench.registry.watch(name, { ready: ({ runner }) => told.push(`${name} on ${runner}`) });
      }
      const before = told.length;
      const agents = ["main", "third", "proxy", "bench"].map((name) => ({ name, active: true }));
      for (const source of ["helper", "third"]) {
        for (const target of [undefined, "main", "third"]) {
          const announce = busMessage("agentRegistry", { runner: "bench", agents }, { source, target });
          bench.connection.deliver(protobufCodec.encode(announce));
        }
      }
      bench.connection.deliver(
        protobufCodec.encode(busMessage("agentReady", { runner: "bench" }, { source: "third" })),
      );
      await turns();
      expect(told).to.have.length(before);
      expect(bench.registry.localAgents.map(({ name }) => name)).to.deep.equal(["proxy"]);
      expect(bench.denied.map(({ rule }) => rule)).to.deep.equal(new Array(7).fill("announcement"));
      // The one that may be announced is, once, under a name that the peer doesn't choose.
      const own = busMessage("agentRegistry", { runner: "bench", agents: [{ name: "helper" }] }, { source: "anyone" });
      bench.connection.deliver(protobufCodec.encode(own));
      bench.connection.deliver(protobufCodec.encode(busMessage("agentReady", { runner: "b" }, { source: "helper" })));
      await turns();
      expect(told).to.have.length(1);
      expect(told[0]).to.match(/^helper on runner-[0-9a-f]{8}$/);
      expect(bench.registry.remoteAgents.map(({ name }) => name)).to.deep.equal(["helper"]);
      // Nothing of it is on the bus.
      expect(bench.arrived).to.deep.equal([]);
      await bench.stop();
      expect(bench.registry.remoteAgents).to.deep.equal([]);
    }
  });

  it("W7: messages with live references are accepted from a peer", async () => {
    // There is no such message on this wire: its schema has no case for one, and nothing else is decoded.
    const bench = await ProxyBench.start({ side: "server", forwardMessages: ["frame"] });
    const named = busMessage("other", { typeName: "pipecat.bus.messages.BusAddWorkerMessage" });
    named.source = "helper";
    named.target = "main";
    bench.connection.deliver(protobufCodec.encode(named));
    await turns();
    expect(bench.denied.map(({ rule }) => rule)).to.deep.equal(["type"]);
    expect(bench.arrived).to.deep.equal([]);
    await bench.stop();
  });

  it("W9: frames that start, end or cancel pipelines come in with all others", async () => {
    const fixture = bridge();
    await fixture.serveAssistants();
    const [client, served] = await fixture.connect();
    client.acme.activateAgent("assistant");
    await until(() => served.assistant.active);
    for (const kind of lifecycleKinds) {
      const message = busMessage("frame", { frame: frame(kind) }, { source: "acme", target: "assistant" });
      fixture.clientConnections[0]?.send(protobufCodec.encode(message));
    }
    client.acme.send(text("acme", "assistant"));
    await until(() => served.assistant.frames.length > 0);
    expect(served.assistant.frames.map(({ kind }) => kind.case)).to.deep.equal(["text"]);
    expect(served.denied.map(({ rule, kind }) => [rule, kind])).to.deep.equal(
      lifecycleKinds.map((kind) => ["kind", kind]),
    );
    expect(served.assistant.ready).to.equal(true);
  });

  it("W10: a message that names the wrong agents goes to and fro for ever", async () => {
    const bench = await ProxyBench.start({ side: "server", forwardMessages: ["frame"] });
    for (const [source, target] of [
      ["main", "main"],
      ["helper", "helper"],
      ["main", "helper"],
    ] as const) {
      bench.connection.deliver(protobufCodec.encode(text(source, target)));
    }
    bench.connection.deliver(protobufCodec.encode(text("helper")));
    await turns();
    expect(bench.arrived).to.have.length(1);
    // Not even the object that came in, with its names changed, goes out again.
    const [came] = bench.arrived;
    if (came !== undefined) {
      came.source = "main";
      came.target = "helper";
      bench.place(came);
    }
    await turns();
    expect(bench.connection.sent).to.deep.equal([]);
    expect(bench.denied.at(-1)).to.include({ direction: "out", rule: "provenance" });
    await bench.stop();
  });

  it("W10: two agents that pass on whatever they get echo each other for ever", async () => {
    const fixture = bridge();
    await fixture.serveAssistants({ remoteAgentName: "acme" });
    const client = await fixture.client({ localAgentName: "echo", remoteAgentName: "assistant" });
    await until(() => fixture.served.length === 1);
    const [served] = fixture.served;
    expect(served?.proxy.stats.crossedIn).to.equal(0);
    const echo = new TestAgent("echo", { bridges: [] });
    await client.runner.addAgent(echo);
    // Here the names agree, so that frames cross at all.
    await fixture.server?.close();
    await fixture.serveAssistants({ remoteAgentName: "echo" });
    // Only who has noticed waits to try again.
    await until(() => !client.runner.registry.has("assistant"));
    fixture.clock.advance(30_000);
    await until(() => fixture.served.length === 2);
    const second = fixture.served[1];
    if (second !== undefined) {
      second.assistant.hooks.frame = (got, direction) => second.assistant.pushFrame(got, direction);
    }
    await until(() => client.runner.registry.has("assistant"));
    echo.activateAgent("assistant");
    await until(() => second?.assistant.active === true);
    echo.send(text("echo", "assistant"));
    await until(() => fixture.logger.take("warn").some(({ message }) => message.includes("went round")));
    const count = echo.frames.length;
    await turns();
    expect(count).to.be.within(1, 10);
    expect(echo.frames).to.have.length(count);
  });

  it("W11: one text message makes a server deaf to its client, and its end goes unnoticed", async () => {
    const fixture = bridge();
    const server = await fixture.serveAssistants();
    const socket = openRaw(server.address);
    await socket.opened;
    await until(() => fixture.served.length === 1);
    socket.send('{"__type__":"x"}');
    const { code } = await socket.closed;
    expect(code).to.equal(4000 + Code.INVALID_ARGUMENT);
    const [served] = fixture.served;
    await served?.done;
    expect(served?.gone).to.have.length(1);
    await until(() => server.sessions.size === 0);
  });

  it("W14: registry entries, watches and subscriptions of a proxy stay, and its name can't be used again", async () => {
    const fixture = bridge();
    const ends: { off: number; on: number } = { on: 0, off: 0 };
    const runner = fixture.runner();
    // Counts what is listened to and watched, and what of it is ended.
    const counted = <T extends (...args: never[]) => () => void>(register: T): T =>
      ((...args: Parameters<T>) => {
        ends.on++;
        const end = register(...args);
        let ended = false;
        return () => {
          ends.off += ended ? 0 : 1;
          ended = true;
          end();
        };
      }) as T;
    const { bus, registry } = runner;
    bus.on = counted(bus.on.bind(bus));
    bus.subscribe = counted(bus.subscribe.bind(bus));
    registry.watch = counted(registry.watch.bind(registry));
    const ready = deferred();
    runner.once("ready", () => ready.resolve());
    const finished: string[] = [];
    await fixture.serve(async (session) => {
      const proxy = new ProxyServerAgent("gateway", {
        session,
        agentName: "assistant",
        remoteAgentName: "acme",
        forwardMessages: ["frame"],
      });
      proxy.on("clientDisconnected", () => void proxy.finish());
      await runner.addAgent(proxy);
      await proxy.finished;
      finished.push(proxy.name);
    });
    await runner.addAgent(new TestAgent("assistant"));
    void runner.run();
    await ready.promise;
    const { on, off } = ends;
    for (let round = 1; round <= 3; round++) {
      const connection = await fixture.transport.connect();
      connection.receive({ message() {} });
      await until(() => registry.has("acme"));
      await connection.close(status(Code.OK));
      await until(() => finished.length === round);
      expect(registry.has("acme")).to.equal(false);
      expect(registry.has("gateway")).to.equal(false);
      expect(ends.on - ends.off, "what is left of the proxy").to.equal(on - off);
      expect(ends.on).to.be.greaterThan(on);
    }
  });
});
