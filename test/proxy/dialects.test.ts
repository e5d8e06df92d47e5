import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { Code, type Status } from "../../src/base/status.js";
import type { Dialect, DialectOptions } from "../../src/codec/dialect.js";
import { busMessage, frame } from "../../src/message/build.js";
import { customMessage } from "../../src/message/custom.js";
import { type ForwardEntry, frameKind, TASKS } from "../../src/message/forward.js";
import { pythonType } from "../../src/message/python-type.js";
import { double, toJs } from "../../src/message/value.js";
import { ProxyClientAgent } from "../../src/proxy/proxy-client-agent.js";
import { serve } from "../../src/proxy/serve.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { OrderSchema } from "../message/gen/acme/v1/order_pb.js";
import { useBridge, wires } from "../support/bridge-fixture.js";
import { expectThrown } from "../support/expect-status.js";
import { idle, until } from "../support/idle.js";
import type { TestAgent } from "../support/test-agent.js";

const dialects: readonly Dialect[] = ["protobuf", "pipecat", "pipecat-subagents"];
const mine = pythonType("my_app.frames.MyFrame");
/** What came over the bus of this case. */
function ofCase(agent: TestAgent, name: string): BusMessage[] {
  return agent.messages.filter((message) => message.body.case === name) as BusMessage[];
}

const forwardMessages: readonly ForwardEntry[] = ["frame", ...TASKS, mine];

for (const { name, make } of wires) {
  for (const dialect of dialects) {
    describe(`a bridge over ${name} in dialect ${dialect}`, () => {
      const fixture = useBridge(make);

      it("announces, activates, and carries frames and tasks both ways with their types", async () => {
        const bridge = fixture();
        await bridge.serveAssistants({ forwardMessages }, { dialect });
        const [{ acme }, { assistant }] = await bridge.connect({ forwardMessages, dialect });
        acme.activateAgent("assistant", { args: { greet: true } });
        await until(() => assistant.calls.includes("activated"));

        const payload = { n: 3, x: double(3), big: 2n ** 60n, huge: 2n ** 200n, b: Uint8Array.of(0, 255), none: null };
        acme.send(busMessage("taskRequest", { taskId: "1", payload }, { target: "assistant" }));
        await until(() => assistant.cases.includes("taskRequest"));
        const [request] = ofCase(assistant, "taskRequest");
        if (request?.body.case !== "taskRequest") {
          throw new Error("no request came");
        }
        // Passed on untouched, it comes back as it was.
        const { payload: got } = request.body.value;
        expect(toJs(got)).to.deep.equal({ ...payload, x: 3 });
        assistant.send(busMessage("taskUpdate", { taskId: "1", update: got }, { target: "acme" }));
        await until(() => acme.cases.includes("taskUpdate"));
        const [update] = ofCase(acme, "taskUpdate");
        expect(update?.body.value).to.deep.include({ update: got });

        const audio = Uint8Array.from({ length: 640 }, (_, i) => i % 256);
        const input = frame("inputAudioRaw", { audio, sampleRate: 16_000, numChannels: 1 });
        acme.send(busMessage("frame", { frame: input, direction: Direction.DOWNSTREAM }));
        await until(() => assistant.frames.length === 1);
        expect(assistant.frames[0]?.kind.value).to.deep.include({ audio, sampleRate: 16_000 });
      });

      it("has an unlisted Python class refused, and a listed one come whole", async () => {
        const bridge = fixture();
        await bridge.serveAssistants({ forwardMessages }, { dialect });
        const [{ acme, denied }, { assistant }] = await bridge.connect({ forwardMessages, dialect });
        acme.activateAgent("assistant");
        await until(() => assistant.calls.includes("activated"));
        const other = (typeName: string) => frame("other", { typeName, fields: { x: double(1), none: null } });
        for (const typeName of ["my_app.frames.Other", mine.typeName]) {
          acme.send(busMessage("frame", { frame: other(typeName), direction: Direction.UPSTREAM }));
        }
        await until(() => assistant.frames.length === 1);
        expect(assistant.frames[0]?.kind).to.deep.equal(other(mine.typeName).kind);
        expect(denied).to.have.length(1);
        expect(denied[0]).to.include({ rule: "type", typeName: "my_app.frames.Other" });
      });
    });
  }
}

describe("a bridge in a JSON dialect", () => {
  const fixture = useBridge((wires[0] as (typeof wires)[0]).make);
  const connect = async (client: DialectOptions = { dialect: "pipecat" }, server: DialectOptions = client) => {
    const bridge = fixture();
    const listed = [...forwardMessages, frameKind("endWorker"), OrderSchema];
    await bridge.serveAssistants({ forwardMessages: listed }, server);
    const [ends, served] = await bridge.connect({ forwardMessages: listed, ...client });
    const undelivered: (readonly [string | undefined, Status])[] = [];
    ends.proxy.on("undelivered", (message, status) => undelivered.push([message.body.case, status]));
    return { bridge, ends, served, undelivered };
  };

  it("says that a custom message can't travel, and which", async () => {
    const { ends, undelivered } = await connect();
    ends.acme.send(customMessage(OrderSchema, { id: "1" }, { target: "assistant" }));
    await until(() => undelivered.length === 1);
    expect(undelivered[0]?.[1]).to.include({ code: Code.UNIMPLEMENTED });
    expect(undelivered[0]?.[1].message).to.include("acme.v1.Order");
  });

  it("refuses a class that the peer's release lacks, until the peer has sent it itself", async () => {
    const { ends, served, undelivered } = await connect(
      { dialect: "pipecat" },
      { dialect: "pipecat", peerVersion: "1.14.0" },
    );
    ends.acme.activateAgent("assistant");
    await until(() => served.assistant.calls.includes("activated"));
    const send = () =>
      ends.acme.send(busMessage("frame", { frame: frame("endWorker"), direction: Direction.UPSTREAM }));
    send();
    await until(() => undelivered.length === 1);
    expect(undelivered[0]?.[1]).to.include({ code: Code.FAILED_PRECONDITION });
    expect(undelivered[0]?.[1].message).to.match(/EndWorkerFrame came with pipecat-ai 1\.4\.0.*1\.3\.0.*peerVersion/);
    // The server was told of a newer peer.
    served.assistant.pushFrame(frame("endWorker"), Direction.DOWNSTREAM);
    await until(() => ends.proxy.stats.crossedIn === 1);
    send();
    await until(() => served.assistant.frames.length === 1);
    expect(undelivered).to.have.length(1);
  });

  it("counts what is no message as invalid, with a reason, also where only decoding shows it", async () => {
    const { bridge, ends, served } = await connect();
    const reasons: string[] = [];
    served.proxy.on("invalid", (reason) => reasons.push(reason));
    const message = (fields: string) =>
      `{"__type__":"pipecat.bus.messages.BusJobRequestMessage","__data__":{"source":"acme","target":"assistant"${fields}}}`;
    for (const json of [message(""), message(',"job_id":5'), message(',"job_id":"1","job_id":"2"'), "[]", "null"]) {
      bridge.clientConnections[0]?.send(new TextEncoder().encode(json));
    }
    await until(() => reasons.length === 5);
    expect(reasons.join("\n")).to.match(/job_id: is missing.*\n.*job_id: must be text.*\n.*"job_id" occurs twice.*\n/);
    expect(served.proxy.stats).to.include({ invalid: 5, crossedIn: 0 });
    ends.acme.send(busMessage("taskRequest", { taskId: "1" }, { target: "assistant" }));
    await until(() => served.proxy.stats.crossedIn === 1);
  });

  it("closes the connection on what doesn't parse", async () => {
    const { bridge, ends } = await connect();
    bridge.clientConnections[0]?.send(new TextEncoder().encode('{"__type__":'));
    await until(() => ends.events.some(([event]) => event === "failed"));
    expect(ends.events.at(-1)).to.deep.equal(["failed", Code.INVALID_ARGUMENT]);
    bridge.logger.takeErrors();
  });

  it("keeps a class that the user didn't list from the wire, at whatever depth", async () => {
    const { ends, undelivered } = await connect();
    const payload = {
      deep: [
        {
          $typeName: "crossbus.v1.Value" as const,
          kind: {
            case: "typedValue" as const,
            value: {
              $typeName: "crossbus.v1.TypedValue" as const,
              typeName: "os.path",
              value: { $typeName: "crossbus.v1.Value" as const, kind: { case: "boolValue" as const, value: true } },
            },
          },
        },
      ],
    };
    ends.acme.send(busMessage("taskRequest", { taskId: "1", payload }, { target: "assistant" }));
    const forged = { __type__: "os.path", __data__: 1 };
    ends.acme.send(busMessage("taskRequest", { taskId: "2", payload: forged }, { target: "assistant" }));
    await until(() => undelivered.length === 2);
    expect(undelivered.map(([, { code }]) => code)).to.deep.equal([Code.INVALID_ARGUMENT, Code.INVALID_ARGUMENT]);
    expect(undelivered[0]?.[1].message).to.match(/payload\.deep\[0\].*"os\.path" is neither on the schema nor listed/);
    expect(undelivered[1]?.[1].message).to.match(/payload: a dictionary must not have both __type__ and __data__/);
  });
});

describe("the options dialect and peerVersion", () => {
  const bad: readonly (readonly [DialectOptions, RegExp])[] = [
    [{ dialect: "json" as Dialect }, /dialect: must be one of protobuf, pipecat, pipecat-subagents, got "json"/],
    [{ dialect: "toString" as Dialect }, /dialect: must be one of/],
    [{ peerVersion: "1.14.0" }, /peerVersion: must be left out without a dialect/],
    [{ dialect: "protobuf", peerVersion: "1.14.0" }, /peerVersion: must be left out for dialect protobuf/],
    [{ dialect: "pipecat", peerVersion: "newest" }, /peerVersion: must be a release such as "1\.14\.0", got "newest"/],
    [{ dialect: "pipecat", peerVersion: 1.4 as unknown as string }, /peerVersion: must be a release/],
    [{ dialect: "pipecat", peerVersion: "1.2.9" }, /peerVersion: must be at least 1\.3\.0 for dialect pipecat/],
  ];
  it("are refused by both ends when they are bad", async () => {
    const transport = new MemoryTransport();
    for (const [options, message] of bad) {
      const make = () =>
        new ProxyClientAgent("proxy", { transport, localAgentName: "a", remoteAgentName: "b", ...options });
      expect(expectThrown(Code.INVALID_ARGUMENT, make).message).to.match(message);
      const error: unknown = await serve(transport, () => {}, options).catch((reason: unknown) => reason);
      expect(error).to.include({ code: Code.INVALID_ARGUMENT });
    }
  });

  it("take releases with and without a patch number, and candidates", async () => {
    const transport = new MemoryTransport();
    for (const peerVersion of ["1.3", "1.14.0", "1.10", "2.0.0rc1", "1.3.0.dev5"]) {
      await using server = await serve(transport, () => {}, { dialect: "pipecat", peerVersion });
      expect(server.sessions.size).to.equal(0);
    }
    await idle();
  });
});
