import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import { type BusMessage, TaskStatus } from "../../gen/crossbus/v1/message_pb.js";
import { Code, type Status, status } from "../../src/base/status.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { PlainLink } from "../../src/link/plain-link.js";
import { busMessage, type Envelope, frame } from "../../src/message/build.js";
import { TASKS } from "../../src/message/forward.js";
import { pythonType } from "../../src/message/python-type.js";
import { toJs, toValue } from "../../src/message/value.js";
import { relay } from "../../src/proxy/relay.js";
import type { RelayOptions } from "../../src/proxy/relay-ways.js";
import { Session } from "../../src/proxy/session.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { concat, field, varint } from "../support/arbitrary-bytes.js";
import { expectThrown } from "../support/expect-status.js";
import { idle } from "../support/idle.js";
import { RelayBench } from "../support/relay-bench.js";
import { ScriptedConnection } from "../support/scripted-connection.js";

const there: Envelope = { source: "main", target: "helper" };
const here: Envelope = { source: "helper", target: "main" };

/** The two ways across, and the envelope of what may go it. */
const ways = [
  ["toBack", there],
  ["toFront", here],
] as const;

function text(envelope: Envelope, length = 2): BusMessage {
  const body = { frame: frame("text", { text: "x".repeat(length) }), direction: Direction.DOWNSTREAM };
  return busMessage("frame", body, envelope);
}

for (const [direction, envelope] of ways) {
  const [other, away] = direction === "toBack" ? ways[1] : ways[0];

  describe(`a relay, ${direction}`, () => {
    it("hands on what is allowed byte by byte, with what it doesn't know of it, and says so", async () => {
      const bench = await RelayBench.start({ forwardMessages: ["frame"] });
      // A frame with a hop count, an audio that a decoder would write in fewer bytes, and a field of the envelope's.
      const audio = field(1, field(1, new Uint8Array(9)), field(1, Uint8Array.of(1)));
      const body = field(3, field(1, audio), concat(varint(4 << 3), varint(7)), concat(varint(16), varint(1)));
      const bytes = concat(field(1, envelope.source ?? ""), field(2, envelope.target ?? ""), body, field(9, "later"));
      const { from, to } = bench.ends(direction);
      from.deliver(bytes);
      expect(to.sent).to.have.length(1);
      // Not a copy either.
      expect(to.sent[0]).to.equal(bytes);
      const peeked = { ...envelope, case: "frame", kind: "inputAudioRaw", typeName: undefined };
      expect(bench.crossed).to.have.length(1);
      expect(bench.crossed[0]?.slice(1)).to.deep.equal([direction, bytes.length]);
      expect(bench.crossed[0]?.[0]).to.include({ ...peeked, kind: bench.crossed[0]?.[0].kind });
      const counts = { crossedToBack: 0, crossedToFront: 0, denied: 0, invalid: 0, undelivered: 0 };
      const name = direction === "toBack" ? "crossedToBack" : "crossedToFront";
      expect(bench.relay.stats).to.deep.equal({ ...counts, [name]: 1 });
      expect(from.sent).to.deep.equal([]);
    });

    it("leaves what is for all without a target", async () => {
      const bench = await RelayBench.start({ forwardMessages: ["frame"] });
      const bytes = bench.deliver(direction, text({ source: envelope.source as string }));
      expect(bench.ends(direction).to.sent).to.deep.equal([bytes]);
    });

    const denials: readonly (readonly [string, BusMessage, string])[] = [
      ["from another agent", text({ ...envelope, source: "third" }), "source"],
      ["from the agent on the other side", text(away), "source"],
      ["for another agent", text({ ...envelope, target: "third" }), "target"],
      [
        "for all, in a case that doesn't travel so",
        busMessage("taskCancel", {}, { source: envelope.source ?? "" }),
        "target",
      ],
      ["in a case that isn't listed", busMessage("taskCancel", {}, envelope), "case"],
      ["of a kind that isn't listed", busMessage("frame", { frame: frame("end") }, envelope), "kind"],
      ["of a Python type that isn't listed", busMessage("other", { typeName: "shop.Order" }, envelope), "type"],
      ["that ends a session", busMessage("end", {}, envelope), "case"],
      ["that cancels a session", busMessage("cancel", {}, envelope), "case"],
    ];
    for (const [what, message, rule] of denials) {
      it(`denies what is ${what}, and says so`, async () => {
        const bench = await RelayBench.start({ forwardMessages: ["frame"] });
        bench.deliver(direction, message);
        expect([bench.front.sent, bench.back.sent]).to.deep.equal([[], []]);
        expect(bench.denied).to.have.length(1);
        expect(bench.denied[0]).to.include({ direction, rule, source: message.source, case: message.body.case });
        expect(bench.relay.stats).to.include({ denied: 1, crossedToBack: 0, crossedToFront: 0 });
        const [line] = bench.logger.take("warn");
        expect(line?.fields).to.include({ direction, rule });
        expect(bench.front.closedWith ?? bench.back.closedWith).to.equal(undefined);
      });
    }

    it("logs one line for each rule that is broken, however often", async () => {
      const bench = await RelayBench.start();
      bench.deliver(direction, text(envelope));
      bench.deliver(direction, text(envelope));
      bench.deliver(direction, text({ ...envelope, source: "third" }));
      expect(bench.logger.take("warn").map(({ fields }) => fields["rule"])).to.deep.equal(["kind", "source"]);
    });

    it("drops what nobody here can know, and says so", async () => {
      const bench = await RelayBench.start({ forwardMessages: ["frame"] });
      const bytes = concat(field(1, envelope.source ?? ""), field(2, envelope.target ?? ""), field(99));
      bench.ends(direction).from.deliver(bytes);
      expect([bench.front.sent, bench.back.sent]).to.deep.equal([[], []]);
      expect(bench.invalid).to.deep.equal([["body is the unknown case 99", direction, bytes.length]]);
      expect(bench.relay.stats.invalid).to.equal(1);
    });

    it("closes the connection of who sends what can't be read, and ends the other side", async () => {
      const bench = await RelayBench.start({ forwardMessages: ["frame"] });
      const { from, to } = bench.ends(direction);
      from.deliver(Uint8Array.of(0xff));
      expect(from.closedWith?.code).to.equal(Code.INVALID_ARGUMENT);
      expect(await bench.relay.closed).to.include({ code: Code.INVALID_ARGUMENT });
      expect(to.closedWith?.code).to.equal(Code.INVALID_ARGUMENT);
      expect(to.closedWith?.message).to.match(/^the (client|server) at the other end of a relay: /);
      expect([bench.front.sent, bench.back.sent]).to.deep.equal([[], []]);
    });

    it("says what the other side didn't take, and goes on", async () => {
      const bench = await RelayBench.start({ forwardMessages: ["frame"] });
      const { to } = bench.ends(direction);
      to.bufferedAmount = 16_777_216;
      bench.deliver(direction, text(envelope));
      expect(to.sent).to.deep.equal([]);
      expect(bench.undelivered.map(([{ body }, way, { code }]) => [body.case, way, code])).to.deep.equal([
        ["frame", direction, Code.RESOURCE_EXHAUSTED],
      ]);
      expect(bench.relay.stats).to.include({ undelivered: 1, crossedToBack: 0, crossedToFront: 0 });
      to.bufferedAmount = 0;
      bench.deliver(direction, text(envelope));
      expect(to.sent).to.have.length(1);
    });

    it("says what was lost with the other side", async () => {
      const bench = await RelayBench.start({ forwardMessages: ["frame"] });
      const { to } = bench.ends(direction);
      const bytes = bench.deliver(direction, text(envelope));
      to.end(status(Code.UNAVAILABLE, "gone"), [bytes]);
      expect(bench.undelivered.map(([{ source }, way, { code }]) => [source, way, code])).to.deep.equal([
        [envelope.source, direction, Code.UNAVAILABLE],
      ]);
      await bench.relay.closed;
    });

    it("stops reading while the other side reads too slowly, and goes on when that has caught up", async () => {
      const bench = await RelayBench.start({ forwardMessages: ["frame"] });
      const { from, to } = bench.ends(direction);
      bench.deliver(direction, text(envelope));
      expect(from.isPaused).to.equal(false);
      to.buffer(1_048_577);
      bench.deliver(direction, text(envelope));
      expect([from.isPaused, to.isPaused]).to.deep.equal([true, false]);
      to.buffer(1_000_000);
      await idle();
      expect(from.isPaused).to.equal(true);
      to.buffer(0);
      await idle();
      expect([from.isPaused, bench.clock.pending]).to.deep.equal([false, 0]);
    });

    it("waits no longer than 10 s for the other side", async () => {
      const bench = await RelayBench.start({ forwardMessages: ["frame"] });
      const { from, to } = bench.ends(direction);
      to.buffer(1_048_577);
      bench.deliver(direction, text(envelope));
      bench.clock.advance(10_000);
      await idle();
      expect(from.isPaused).to.equal(false);
      bench.deliver(direction, text(envelope));
      expect(from.isPaused).to.equal(false);
      expect(to.sent).to.have.length(2);
    });

    it("hands nothing on once a side has ended, whatever the transport does", async () => {
      const bench = await RelayBench.start({ forwardMessages: ["frame"] });
      const { from, to } = bench.ends(direction);
      const bytes = bench.deliver(direction, text(envelope));
      from.end(status(Code.OK));
      await bench.relay.closed;
      from.deliverLate(bytes);
      expect(to.sent).to.have.length(1);
      expect(bench.relay.stats).to.include({ undelivered: 0, denied: 0 });
    });

    for (const [ended, told, message] of [
      [status(Code.OK, "bye"), Code.OK, "bye"],
      [status(Code.UNAVAILABLE, "the connection to 10.1.2.3:4567 broke"), Code.UNAVAILABLE, / is gone$/],
      [status(Code.RESOURCE_EXHAUSTED, "too large"), Code.RESOURCE_EXHAUSTED, /too large$/],
    ] as readonly (readonly [Status, Code, string | RegExp])[]) {
      it(`closes the other side with ${Code[told]} when this one ends so, and is over with its status`, async () => {
        const bench = await RelayBench.start();
        const { from, to } = bench.ends(direction);
        from.end(ended);
        expect(await bench.relay.closed).to.equal(ended);
        expect(to.closedWith?.code).to.equal(told);
        expect(to.closedWith?.message).to.match(message instanceof RegExp ? message : new RegExp(`^${message}$`));
        expect(bench.clock.pending).to.equal(0);
      });
    }

    describe("an announcement", () => {
      it("tells of the one agent alone, in the name of a runner that is nobody's", async () => {
        const bench = await RelayBench.start();
        const name = envelope.source as string;
        const agents = [{ name: "third" }, { name, active: true, bridged: true, startedAt: 12.5, parent: "boss" }];
        bench.deliver(direction, busMessage("agentRegistry", { runner: "runner-1", agents }, { source: "gateway" }));
        const [sent, ...more] = bench.sent(direction);
        expect(more).to.deep.equal([]);
        expect([sent?.source, sent?.target]).to.deep.equal([name, direction === "toBack" ? "helper" : undefined]);
        const body = sent?.body.case === "agentRegistry" ? sent.body.value : undefined;
        expect(body?.runner).to.match(/^runner-[0-9a-f]{8}$/);
        expect(
          body?.agents.map(({ name, active, bridged, parent }) => ({ name, active, bridged, parent })),
        ).to.deep.equal([{ name, active: true, bridged: true, parent: undefined }]);
        expect(toJs(body?.agents[0]?.startedAt)).to.equal(12.5);
        expect(bench.crossed.map(([message, way]) => [message.case, way])).to.deep.equal([
          ["agentRegistry", direction],
        ]);
      });

      it("may be that the agent is ready", async () => {
        const bench = await RelayBench.start();
        bench.deliver(direction, busMessage("agentReady", { runner: "runner-1", active: true }, envelope));
        const [sent] = bench.sent(direction);
        const body = sent?.body.case === "agentRegistry" ? sent.body.value : undefined;
        expect(body?.agents.map(({ name, active }) => [name, active])).to.deep.equal([[envelope.source, true]]);
      });

      for (const [what, message] of [
        ["of other agents", busMessage("agentRegistry", { agents: [{ name: "third" }] }, envelope)],
        ["of the agent on the other side", busMessage("agentRegistry", { agents: [{ name: away.source }] }, envelope)],
        ["that another agent is ready", busMessage("agentReady", {}, { ...envelope, source: "third" })],
        [
          "of more than anybody needs to know",
          busMessage(
            "agentRegistry",
            { agents: Array.from({ length: 4_000 }, () => ({ name: envelope.source, parent: "x".repeat(20) })) },
            envelope,
          ),
        ],
      ] as const) {
        it(`${what} is denied`, async () => {
          const bench = await RelayBench.start({ forwardMessages: TASKS });
          bench.deliver(direction, message);
          expect([bench.front.sent, bench.back.sent]).to.deep.equal([[], []]);
          expect(bench.denied.map(({ rule }) => rule)).to.deep.equal(["announcement"]);
        });
      }

      it("that can't be decoded costs its sender the connection", async () => {
        const bench = await RelayBench.start();
        const { from } = bench.ends(direction);
        from.deliver(concat(field(1, envelope.source ?? ""), field(22, field(2, concat(varint(8), varint(0))))));
        expect(from.closedWith?.code).to.equal(Code.INVALID_ARGUMENT);
        expect([bench.front.sent, bench.back.sent]).to.deep.equal([[], []]);
      });

      it("that the other side doesn't take is told", async () => {
        const bench = await RelayBench.start();
        bench.ends(direction).to.bufferedAmount = 16_777_216;
        bench.deliver(direction, busMessage("agentReady", {}, envelope));
        expect(bench.undelivered.map(([{ body }]) => body.case)).to.deep.equal(["agentRegistry"]);
      });
    });

    describe("a task", () => {
      const request = busMessage("taskRequest", { taskId: "7" }, envelope);

      function expectEnd(message: BusMessage | undefined, to: Envelope, code: string): void {
        expect([message?.source, message?.target]).to.deep.equal([to.source, to.target]);
        const body = message?.body.case === "taskResponseUrgent" ? message.body.value : undefined;
        expect([body?.taskId, body?.status]).to.deep.equal(["7", TaskStatus.ERROR]);
        expect(JSON.stringify(toJs(body?.response))).to.include(code);
      }

      it("whose request is denied ends at once, if its end may cross", async () => {
        const bench = await RelayBench.start({ forwardMessages: ["taskResponseUrgent"] });
        bench.deliver(direction, request);
        expect(bench.sent(direction)).to.deep.equal([]);
        expect(bench.sent(other)).to.have.length(1);
        expectEnd(bench.sent(other)[0], away, "PERMISSION_DENIED");
        expect(bench.denied).to.have.length(1);
      });

      it("whose request is denied gets no answer that is denied too", async () => {
        const bench = await RelayBench.start({ forwardMessages: ["frame"] });
        bench.deliver(direction, request);
        bench.deliver(direction, busMessage("taskCancel", { taskId: "7" }, envelope));
        expect([bench.front.sent, bench.back.sent]).to.deep.equal([[], []]);
      });

      it("whose request comes from a stranger gets none at all", async () => {
        const bench = await RelayBench.start({ forwardMessages: TASKS });
        const bytes = bench.codec.encode(busMessage("taskRequest", { taskId: "7" }, { ...envelope, source: "third" }));
        bench.ends(direction).from.deliver(bytes);
        // The length of the id is one byte more than there is: it isn't read any further either.
        bytes[bytes.length - 2] = 2;
        bench.ends(direction).from.deliver(bytes);
        expect(bench.denied.map(({ rule }) => rule)).to.deep.equal(["source", "source"]);
        expect([bench.front.sent, bench.back.sent]).to.deep.equal([[], []]);
        expect(bench.front.closedWith ?? bench.back.closedWith).to.equal(undefined);
      });

      it("whose request the policy has no answer to is not read any further", async () => {
        const bench = await RelayBench.start({ forwardMessages: ["frame"] });
        const bytes = bench.codec.encode(busMessage("taskRequest", { taskId: "7" }, envelope));
        // The length of the id is one byte more than there is.
        bytes[bytes.length - 2] = 2;
        bench.ends(direction).from.deliver(bytes);
        expect(bench.denied.map(({ rule }) => rule)).to.deep.equal(["case"]);
        expect([bench.front.sent, bench.back.sent]).to.deep.equal([[], []]);
        expect(bench.front.closedWith ?? bench.back.closedWith).to.equal(undefined);
      });

      it("whose request is lost here ends at once", async () => {
        const bench = await RelayBench.start({ forwardMessages: TASKS });
        bench.ends(direction).to.bufferedAmount = 16_777_216;
        bench.deliver(direction, request);
        expectEnd(bench.sent(other)[0], away, "RESOURCE_EXHAUSTED");
        expect(bench.sent(direction)).to.deep.equal([]);
      });

      it("whose response is lost here ends at once where it was asked for", async () => {
        const bench = await RelayBench.start({ forwardMessages: TASKS, maxMessageBytes: 500 });
        const response = busMessage(
          "taskResponse",
          { taskId: "7", response: { text: "x".repeat(2_000_000) } },
          envelope,
        );
        bench.deliver(direction, response);
        expect(bench.sent(other)).to.deep.equal([]);
        expectEnd(bench.sent(direction)[0], envelope, "RESOURCE_EXHAUSTED");
      });

      it("whose function's result is lost here has another in its place, on the same way", async () => {
        for (const target of [envelope.target, undefined]) {
          const bench = await RelayBench.start({ forwardMessages: ["frame"] });
          const result = frame("functionCallResult", { toolCallId: "7", result: "x".repeat(2_000_000) });
          const names = { source: envelope.source ?? "", ...(target !== undefined && { target }) };
          bench.deliver(direction, busMessage("frame", { frame: result, direction: Direction.UPSTREAM }, names));
          expect(bench.sent(other)).to.deep.equal([]);
          const [sent] = bench.sent(direction);
          expect(sent).to.include(names);
          expect(sent?.body.case === "frame" && sent.body.value.frame?.kind.value).to.include({ toolCallId: "7" });
        }
      });

      for (const [what, forwardMessages, cancels] of [
        ["and its worker is told to stop", TASKS, ["taskCancel"]],
        ["and its worker isn't told what the policy denies", ["taskStreamData", "taskResponseUrgent"], []],
      ] as const) {
        it(`that streams ends when a piece is lost here, ${what}`, async () => {
          const bench = await RelayBench.start({ forwardMessages });
          const data = toValue("x".repeat(2_000_000));
          bench.deliver(direction, busMessage("taskStreamData", { taskId: "7", data }, envelope));
          expectEnd(bench.sent(direction)[0], envelope, "RESOURCE_EXHAUSTED");
          expect(bench.sent(other).map(({ body }) => body.case)).to.deep.equal(cancels);
          const [cancel] = bench.sent(other);
          if (cancel?.body.case === "taskCancel") {
            expect([cancel.source, cancel.target]).to.deep.equal([away.source, away.target]);
            expect(cancel.body.value.taskId).to.equal("7");
            expect(cancel.body.value.reason).to.include("maxMessageBytes");
          }
        });
      }

      it("whose request the link gives up, and goes on, ends at once", async () => {
        const bench = await RelayBench.start({ forwardMessages: TASKS });
        const bytes = bench.deliver(direction, request);
        bench.ends(direction).to.consumer?.undelivered?.(bytes, status(Code.DEADLINE_EXCEEDED, "too late"));
        expectEnd(bench.sent(other)[0], away, "DEADLINE_EXCEEDED");
        expect(bench.undelivered).to.have.length(1);
      });

      it("that nobody can be told of is given up", async () => {
        const bench = await RelayBench.start({ forwardMessages: TASKS });
        bench.front.bufferedAmount = 16_777_216;
        bench.back.bufferedAmount = 16_777_216;
        bench.deliver(direction, request);
        expect([bench.front.sent, bench.back.sent]).to.deep.equal([[], []]);
        expect(bench.undelivered).to.have.length(1);
      });
    });

    for (const dialect of ["pipecat", "pipecat-subagents"] as const) {
      describe(`in dialect ${dialect}`, () => {
        const shop = "shop.frames.ShelfFrame";
        const classes =
          dialect === "pipecat"
            ? { request: "pipecat.bus.messages.BusJobRequestMessage", id: "job_id" }
            : { request: "pipecat_subagents.bus.messages.BusTaskRequestMessage", id: "task_id" };

        /** A request as Python might write it: with spaces, and with a payload. */
        function json(payload: string, extra = ""): Uint8Array {
          const { source, target } = envelope;
          const data = `{"source": "${source}", "target": "${target}", "${classes.id}": "7", "payload": ${payload}${extra}}`;
          return new TextEncoder().encode(`{ "__type__": "${classes.request}", "__data__": ${data} }`);
        }

        it("hands on what can be decoded, byte by byte", async () => {
          const bench = await RelayBench.start({ dialect, forwardMessages: [...TASKS, pythonType(shop)] });
          const { from, to } = bench.ends(direction);
          const bytes = json(`{"n": 3.0, "shelf": {"__type__": "${shop}", "__data__": {}}}`, ', "later": 1');
          from.deliver(bytes);
          expect(to.sent).to.deep.equal([bytes]);
          expect(bench.crossed).to.have.length(1);
        });

        it("has text and bytes cross alike, as bytes", async () => {
          const bench = await RelayBench.start({ dialect, forwardMessages: TASKS });
          const { from, to } = bench.ends(direction);
          from.deliverText(new TextDecoder().decode(json("{}")));
          expect(to.sent).to.deep.equal([json("{}")]);
        });

        for (const [what, bytes] of [
          ["in a payload", json('{"a": [{"__type__": "os.system", "__data__": {}}]}')],
          ["in a field that it doesn't know", json("{}", ', "later": {"__type__": "os.system", "__data__": {}}')],
        ] as const) {
          it(`never has Python import a class that isn't listed, ${what}`, async () => {
            const bench = await RelayBench.start({ dialect, forwardMessages: [...TASKS, pythonType(shop)] });
            bench.ends(direction).from.deliver(bytes);
            expect([bench.front.sent, bench.back.sent]).to.deep.equal([[], []]);
            expect(bench.invalid).to.have.length(1);
            expect(bench.invalid[0]?.[0]).to.include("os.system");
            expect(bench.crossed).to.deep.equal([]);
          });
        }
      });
    }
  });
}

describe("a relay", () => {
  it("has activation cross from the client to the server alone", async () => {
    const bench = await RelayBench.start();
    for (const name of ["activateAgent", "deactivateAgent"] as const) {
      bench.deliver("toBack", busMessage(name, {}, there));
      bench.deliver("toFront", busMessage(name, {}, here));
    }
    expect(bench.sent("toBack").map(({ body }) => body.case)).to.deep.equal(["activateAgent", "deactivateAgent"]);
    expect(bench.front.sent).to.deep.equal([]);
    expect(bench.denied.map(({ direction, rule }) => [direction, rule])).to.deep.equal([
      ["toFront", "direction"],
      ["toFront", "direction"],
    ]);
  });

  it("has it cross not at all where forwardActivation is false", async () => {
    const bench = await RelayBench.start({ forwardActivation: false });
    bench.deliver("toBack", busMessage("activateAgent", {}, there));
    expect(bench.back.sent).to.deep.equal([]);
    expect(bench.denied.map(({ rule }) => rule)).to.deep.equal(["case"]);
  });

  it("reports a handler of its events that throws, and goes on", async () => {
    const bench = await RelayBench.start({ forwardMessages: ["frame"] });
    bench.relay.on("crossed", () => {
      throw new Error("no");
    });
    bench.deliver("toBack", text(there));
    expect(bench.back.sent).to.have.length(1);
    expect(bench.logger.takeErrors().map(String)).to.deep.equal(["Error: no"]);
  });

  it("closes the other side when one had ended before", async () => {
    const [front, back] = [new ScriptedConnection(), new ScriptedConnection()];
    const sessions = [front, back].map((connection) => session(connection)) as [Session, Session];
    front.end(status(Code.OK, "impatient"));
    const { closed } = relay(...sessions, names);
    expect(await closed).to.include({ code: Code.OK, message: "impatient" });
    expect(back.closedWith?.code).to.equal(Code.OK);
  });

  it("refuses two sessions that speak different dialects, and names both", async () => {
    const { jsonCodec } = await import("../../src/codec/pipecat/json-codec.js");
    const codec = jsonCodec({ dialect: "pipecat", pipecatVersion: "1.14.0" });
    const [front, back] = [new ScriptedConnection(), new ScriptedConnection()];
    const link = new PlainLink(back, codec, { announces: true, clock: new VirtualClock() });
    const error = expectThrown(Code.FAILED_PRECONDITION, () => relay(session(front), new Session(link), names));
    expect(error.message).to.match(/front .*protobuf.* back pipecat\b.*same dialect/);
    expect([front.consumer, back.consumer, front.closedWith]).to.deep.equal([undefined, undefined, undefined]);
  });

  it("refuses a session that somebody else has", () => {
    const [front, back] = [new ScriptedConnection(), new ScriptedConnection()];
    back.receive({ message() {} });
    expectThrown(Code.FAILED_PRECONDITION, () => relay(session(front), session(back), { ...names, ...frames }));
    front.deliver(protobufCodec.encode(text(there)));
    expect(back.sent).to.deep.equal([]);
  });

  for (const [field, options] of [
    ["agentName", { agentName: "" }],
    ["remoteAgentName", { remoteAgentName: "helper" }],
    ["forwardMessages[0]", { forwardMessages: ["end" as "frame"] }],
    ["forwardActivation", { forwardActivation: "yes" as unknown as boolean }],
  ] as readonly (readonly [string, Partial<RelayOptions>])[]) {
    it(`refuses a bad ${field}, and leaves the sessions as they are`, () => {
      const [front, back] = [new ScriptedConnection(), new ScriptedConnection()];
      const error = expectThrown(Code.INVALID_ARGUMENT, () =>
        relay(session(front), session(back), { ...names, ...options }),
      );
      expect(error.message.startsWith(`${field}: `), error.message).to.equal(true);
      expect([front.consumer, back.consumer, front.closedWith]).to.deep.equal([undefined, undefined, undefined]);
    });
  }

  for (const field of ["front", "back"] as const) {
    it(`refuses a ${field} that is no session`, () => {
      const good = session(new ScriptedConnection());
      const bad = good.link as unknown as Session;
      const error = expectThrown(Code.INVALID_ARGUMENT, () =>
        field === "front" ? relay(bad, good, names) : relay(good, bad, names),
      );
      expect(error.message).to.include(`${field}: must be a session`);
    });
  }
});

const names: RelayOptions = { agentName: "helper", remoteAgentName: "main" };
const frames: Partial<RelayOptions> = { forwardMessages: ["frame"] };

function session(connection: ScriptedConnection): Session {
  return new Session(new PlainLink(connection, protobufCodec, { announces: false, clock: new VirtualClock() }));
}
