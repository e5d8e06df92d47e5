import { expect } from "chai";
import { describe, it } from "mocha";
import type { AgentContext } from "../../src/agent/agent-context.js";
import { AgentRegistry } from "../../src/agent/registry.js";
import { deferred } from "../../src/base/deferred.js";
import { asyncDispose } from "../../src/base/dispose.js";
import { Code, status } from "../../src/base/status.js";
import { InProcessBus } from "../../src/bus/in-process-bus.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { PlainLink } from "../../src/link/plain-link.js";
import { busMessage, frame } from "../../src/message/build.js";
import { ProxyClientAgent } from "../../src/proxy/proxy-client-agent.js";
import { ProxyServerAgent } from "../../src/proxy/proxy-server-agent.js";
import { serve } from "../../src/proxy/serve.js";
import { Session } from "../../src/proxy/session.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection, ServerTransport } from "../../src/transport/transport.js";
import { idle, until } from "../support/idle.js";
import { ProxyBench } from "../support/proxy-bench.js";
import { RecordingLogger } from "../support/recording-logger.js";
import { ScriptedConnection } from "../support/scripted-connection.js";

function text(source: string, target: string, content = "hi") {
  return busMessage("frame", { frame: frame("text", { text: content }) }, { source, target });
}

describe("a proxy", () => {
  it("takes nothing from a link that it has dropped, whatever the transport does", async () => {
    for (const side of ["client", "server"] as const) {
      const bench = await ProxyBench.start({ side, forwardMessages: ["frame"] });
      bench.connection.deliver(protobufCodec.encode(text("helper", "main", "before")));
      bench.proxy.deactivateAgent("proxy");
      await idle();
      expect(bench.connection.closedWith?.code).to.equal(Code.OK);
      bench.connection.deliverLate(protobufCodec.encode(text("helper", "main", "after")));
      bench.connection.deliverLate(protobufCodec.encode(busMessage("agentReady", {}, { source: "helper" })));
      await idle();
      expect(bench.arrived).to.have.length(1);
      expect(bench.registry.remoteAgents).to.deep.equal([]);
      await bench.stop();
    }
  });

  it("sends nothing over a link that it has dropped", async () => {
    for (const side of ["client", "server"] as const) {
      const bench = await ProxyBench.start({ side, forwardMessages: ["frame"] });
      bench.proxy.deactivateAgent("proxy");
      await idle();
      bench.place(text("main", "helper"));
      await idle();
      expect(bench.connection.sent).to.deep.equal([]);
      expect(bench.undelivered.map(([, why]) => why.code)).to.deep.equal([Code.UNAVAILABLE]);
      await bench.stop();
    }
  });

  it("warns of what it denies and can't deliver, once for each kind of trouble", async () => {
    const bench = await ProxyBench.start({ side: "client", forwardMessages: [] });
    bench.logger.clear();
    for (let i = 0; i < 3; i++) {
      bench.place(text("main", "helper", "secret"));
      bench.connection.deliver(protobufCodec.encode(text("mallory", "main", "secret")));
    }
    await idle();
    expect(bench.denied).to.have.length(6);
    const warnings = bench.logger.take("warn");
    expect(warnings.map(({ fields }) => [fields["direction"], fields["rule"]])).to.have.deep.members([
      ["out", "kind"],
      ["in", "source"],
    ]);
    expect(JSON.stringify(warnings)).not.to.include("secret");
    await bench.stop();
  });

  it("sends nothing over the session of another proxy", async () => {
    const bench = await ProxyBench.start({ side: "server", forwardMessages: ["frame"] });
    const { connection, clock, logger } = bench;
    const link = new PlainLink(connection, protobufCodec, { announces: false, clock });
    const bus = new InProcessBus({ logger });
    const registry = new AgentRegistry("second", logger);
    const context: AgentContext = { runnerName: "second", bus, registry, clock, logger, rootFailed: () => {} };
    const second = new ProxyServerAgent("proxy", {
      session: new Session(link),
      agentName: "main",
      remoteAgentName: "helper",
      forwardMessages: ["frame"],
    });
    second.attach(context, undefined);
    bus.start();
    await second.start();
    expect(logger.takeErrors()).to.have.length(1);
    bus.send(text("main", "helper"));
    await idle();
    expect(connection.sent).to.deep.equal([]);
    expect(second.stats.undelivered).to.equal(1);
    expect(registry.remoteAgents).to.deep.equal([]);
    await second.finish();
    bus.stop();
    await bench.stop();
  });

  it("whose own queue is full survives the end of its session", async () => {
    const connection = new ScriptedConnection();
    const clock = new VirtualClock();
    const logger = new RecordingLogger();
    const bus = new InProcessBus({ logger, limits: { maxMessages: 5 } });
    const registry = new AgentRegistry("bench", logger);
    const proxy = new ProxyClientAgent("proxy", {
      transport: { connect: async () => connection },
      localAgentName: "main",
      remoteAgentName: "helper",
      forwardMessages: ["frame"],
      dialect: "protobuf",
    });
    proxy.attach({ runnerName: "bench", bus, registry, clock, logger, rootFailed: () => {} }, undefined);
    bus.start();
    await proxy.start();
    const connected = new Promise<void>((resolve) => proxy.once("connected", resolve));
    proxy.activateAgent("proxy");
    await connected;
    const ended: string[] = [];
    proxy.on("disconnected", ({ code }) => ended.push(`disconnected ${Code[code]}`));
    proxy.on("failed", ({ code }) => ended.push(`failed ${Code[code]}`));
    // The first waits for the peer to read, which it doesn't, and the queue fills up behind it.
    const waiting = connection.drained.bind(connection);
    connection.drained = async (amount) => {
      await waiting(amount);
      await idle();
    };
    connection.buffer(2_000_000);
    for (let i = 0; i < 6; i++) {
      bus.send(text("main", "helper", String(i)));
      await idle();
    }
    connection.end(status(Code.OK));
    for (let i = 0; i < 10; i++) {
      await idle();
    }
    expect(ended).to.deep.equal(["disconnected OK"]);
    expect(proxy.active).to.equal(false);
    expect(logger.takeErrors()).to.deep.equal([]);
    expect(logger.take("debug").map(({ message }) => message)).to.include(
      "a proxy could not be told that it is inactive",
    );
    await proxy.finish();
    bus.stop();
  });

  it("says nothing of an announcement that the peer didn't get", async () => {
    const bench = await ProxyBench.start({ side: "client", forwardMessages: ["frame"] });
    bench.registry.register({ name: "main", runner: "bench" });
    expect(bench.connection.sent).to.have.length(1);
    bench.connection.end(status(Code.OK), bench.connection.sent);
    await idle();
    expect(bench.undelivered).to.deep.equal([]);
    expect(bench.proxy.stats.undelivered).to.equal(0);
    await bench.stop();
  });

  it("announces no agent of another runner that has the local agent's name", async () => {
    const bench = await ProxyBench.start({ side: "client", forwardMessages: ["frame"] });
    bench.registry.register({ name: "main", runner: "elsewhere" });
    expect(bench.connection.sent).to.deep.equal([]);
    bench.registry.register({ name: "main", runner: "bench", active: true, bridged: true });
    const [announced] = bench.connection.sent.map((bytes) => protobufCodec.decode(bytes));
    expect([announced?.source, announced?.target, announced?.body.case]).to.deep.equal([
      "main",
      "helper",
      "agentRegistry",
    ]);
    const body = announced?.body.case === "agentRegistry" ? announced.body.value : undefined;
    expect(body?.runner).to.match(/^runner-[0-9a-f]{8}$/);
    expect(body?.agents.map(({ name, active, bridged }) => [name, active, bridged])).to.deep.equal([
      ["main", true, true],
    ]);
    await bench.stop();
  });

  it("holds system messages up for no slow peer", async () => {
    const bench = await ProxyBench.start({ side: "client", forwardMessages: ["taskRequest", "taskCancel"] });
    bench.connection.buffer(2_000_000);
    const route = { source: "main", target: "helper" };
    bench.place(busMessage("taskRequest", { taskId: "1" }, route));
    bench.place(busMessage("taskRequest", { taskId: "2" }, route));
    await idle();
    expect(bench.connection.sent).to.have.length(1);
    bench.place(busMessage("taskCancel", { taskId: "1" }, route));
    bench.place(busMessage("taskCancel", { taskId: "2" }, route));
    await idle();
    const cases = () => bench.connection.sent.map((bytes) => protobufCodec.decode(bytes).body.case);
    expect(cases()).to.deep.equal(["taskRequest", "taskCancel", "taskCancel"]);
    bench.connection.buffer(0);
    await idle();
    expect(cases().at(-1)).to.equal("taskRequest");
    await bench.stop();
  });
});

describe("a server", () => {
  it("warns of a handler that goes on for 30 s after its session has ended, which is then none of its sessions", async () => {
    const clock = new VirtualClock();
    const logger = new RecordingLogger();
    const transport = new MemoryTransport({ clock });
    const gates = [deferred(), deferred()];
    let served = 0;
    const options = { clock, logger, dialect: "protobuf" } as const;
    const server = await serve(transport, () => gates[served++]?.promise, options);
    const connections = [await transport.connect(), await transport.connect()];
    await until(() => server.sessions.size === 2);
    await Promise.all(connections.map((connection) => connection.close(status(Code.OK))));
    await until(() => server.sessions.size === 0);
    gates[0]?.resolve();
    await idle();
    clock.advance(30_000);
    expect(logger.take("warn")).to.have.length(1);
    gates[1]?.resolve();
    await server.close();
    expect(clock.pending).to.equal(0);
  });

  it("leaves no timer of that behind when it is closed", async () => {
    const clock = new VirtualClock();
    const transport = new MemoryTransport({ clock });
    const options = { clock, logger: new RecordingLogger(), dialect: "protobuf" } as const;
    const server = await serve(transport, () => new Promise(() => {}), options);
    const connection = await transport.connect();
    await until(() => server.sessions.size === 1);
    await connection.close(status(Code.OK));
    await until(() => server.sessions.size === 0);
    expect(clock.pending).to.equal(1);
    const closed = server.close();
    clock.advance(10_000);
    await closed;
    expect(clock.pending).to.equal(0);
  });

  it("is refused without a transport or a handler", async () => {
    for (const [option, attempt] of [
      ["transport", () => serve({} as ServerTransport, () => {})],
      ["handler", () => serve(new MemoryTransport(), undefined as never)],
    ] as const) {
      const error: unknown = await attempt().catch((reason: unknown) => reason);
      expect(error).to.include({ code: Code.INVALID_ARGUMENT });
      expect((error as Error).message).to.match(new RegExp(`^${option}: `));
    }
  });
});

describe("a server that has closed", () => {
  it("closes a connection that was on its way, and handles no session of it", async () => {
    const clock = new VirtualClock();
    let accept: (connection: Connection) => void = () => {};
    const handled: Session[] = [];
    const server = await serve(
      {
        async listen(given) {
          accept = given;
          const close = async () => {};
          return { address: "script", close, [asyncDispose]: close };
        },
      },
      (session) => void handled.push(session),
      { clock, logger: new RecordingLogger() },
    );
    await server.close();
    const connection = new ScriptedConnection();
    accept(connection);
    expect(connection.closedWith?.code).to.equal(Code.UNAVAILABLE);
    expect([handled, server.sessions.size, clock.pending]).to.deep.equal([[], 0, 0]);
  });
});
