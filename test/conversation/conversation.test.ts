import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { ToolsSchema } from "../../gen/crossbus/v1/frame_kinds_pb.js";
import { Direction, type Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { Value } from "../../gen/crossbus/v1/value_pb.js";
import { Code, StatusError } from "../../src/base/status.js";
import { Conversation, type ConversationOptions } from "../../src/conversation/conversation.js";
import { frame } from "../../src/message/build.js";
import { frameTraits } from "../../src/message/case-traits.js";
import type { FrameKind, FrameOf, Init } from "../../src/message/types.js";
import { double, toJs, toValue } from "../../src/message/value.js";
import { arbitraryFrameMessageOf } from "../support/arbitrary-message.js";
import { expectThrown } from "../support/expect-status.js";
import { useRecordingLogger } from "../support/recording-logger.js";

const { DOWNSTREAM, UPSTREAM } = Direction;
const kinds = Object.keys(frameTraits) as FrameKind[];

/** What a conversation was sent as, with its direction. */
interface Sent {
  readonly messages: readonly Value[];
  readonly tools: ToolsSchema | undefined;
  readonly toolChoice: Value | undefined;
  readonly direction: Direction;
}

describe("a conversation", () => {
  const logger = useRecordingLogger();

  function start(options: ConversationOptions = {}) {
    const sent: Sent[] = [];
    const replies: (readonly [text: string, interrupted: boolean])[] = [];
    const bridge = {
      send({ kind }: Frame, direction: Direction) {
        if (kind.case !== "llmContext" || kind.value.context === undefined) {
          throw new TypeError(`sent ${kind.case}`);
        }
        const { messages, tools, toolChoice } = kind.value.context;
        sent.push({ messages, tools, toolChoice, direction });
      },
    };
    const conversation = new Conversation(bridge, { logger, ...options });
    conversation.on("reply", (...reply) => replies.push(reply));
    const receive = <K extends FrameKind>(kind: K, init?: Init<FrameOf<K>>, direction = DOWNSTREAM) =>
      conversation.receive(frame(kind, init), direction);
    const calls = (...names: readonly string[]) => {
      for (const toolCallId of names) {
        receive("functionCallInProgress", { functionName: "look", toolCallId, cancelOnInterruption: true });
      }
    };
    const messages = () => conversation.messages.map((message) => toJs(message));
    return { conversation, bridge, sent, replies, receive, calls, messages };
  }

  describe("sends", () => {
    it("a turn of the user downstream, behind all before it", () => {
      const { conversation, sent } = start({ messages: [{ role: "system", content: "Be brief." }] });
      conversation.addUser("Hi");
      conversation.addUser([
        { type: "text", text: "Look:" },
        { type: "image_url", image_url: { url: "https://x" } },
      ]);
      expect(
        sent.map(({ direction, messages }) => [direction, messages.map((message) => toJs(message))]),
      ).to.deep.equal([
        [
          DOWNSTREAM,
          [
            { role: "system", content: "Be brief." },
            { role: "user", content: "Hi" },
          ],
        ],
        [
          DOWNSTREAM,
          [
            { role: "system", content: "Be brief." },
            { role: "user", content: "Hi" },
            {
              role: "user",
              content: [
                { type: "text", text: "Look:" },
                { type: "image_url", image_url: { url: "https://x" } },
              ],
            },
          ],
        ],
      ]);
    });

    it("upstream when the application runs it, or in the direction that it says", () => {
      const { conversation, sent } = start();
      conversation.run();
      conversation.run(DOWNSTREAM);
      expect(sent.map(({ direction }) => direction)).to.deep.equal([UPSTREAM, DOWNSTREAM]);
    });

    it("nothing for messages, tools and a choice of the application", () => {
      const { conversation, sent } = start({ messages: ["a"], tools: { standardTools: [] }, toolChoice: "none" });
      conversation.append(["b"]);
      conversation.replace(["c"]);
      conversation.setTools(undefined);
      conversation.setToolChoice("auto");
      conversation.abandon();
      expect(sent).to.deep.equal([]);
    });

    it("messages, tools and the choice of tools as they came: every value keeps its type", () => {
      const { conversation, sent, receive } = start();
      const message = toValue({
        role: "user",
        x: double(3),
        n: 3,
        big: 2n ** 60n,
        b: Uint8Array.of(0, 255),
        none: null,
      });
      const tool = toValue({
        name: "look",
        parameters: { type: "object", properties: { at: { maximum: double(3) } } },
      });
      const choice = toValue({ type: "function", function: { name: "look" } });
      receive("llmMessagesAppend", { messages: [message] });
      receive("llmSetTools", { tools: { standardTools: [tool] } });
      receive("llmSetToolChoice", { toolChoice: choice });
      conversation.addUser("Hi");
      expect(sent[0]?.messages[0]).to.equal(message);
      expect(sent[0]?.tools?.standardTools[0]).to.equal(tool);
      expect(sent[0]?.toolChoice).to.equal(choice);
      expect([conversation.tools?.standardTools[0], conversation.toolChoice]).to.deep.equal([tool, choice]);
    });

    it("no tools and no choice before they are set, and none after they are removed", () => {
      const { conversation, sent, receive } = start();
      conversation.run();
      conversation.setTools({ standardTools: [{ name: "look" }], customTools: { gemini: [{ search: {} }] } });
      conversation.setToolChoice("required");
      conversation.run();
      receive("llmSetTools", {});
      receive("llmSetToolChoice", {});
      conversation.run();
      expect(
        sent.map(({ tools, toolChoice }) => [tools?.standardTools.map((tool) => toJs(tool)), toJs(toolChoice)]),
      ).to.deep.equal([
        [undefined, undefined],
        [[{ name: "look" }], "required"],
        [undefined, undefined],
      ]);
    });

    it("no tools where a set of them is empty, and those before where they come in a plain list", () => {
      const { conversation, receive } = start({ tools: { standardTools: [], customTools: {} } });
      expect(conversation.tools).to.equal(undefined);
      receive("llmSetTools", { tools: { customTools: { gemini: [{ search: {} }] } } });
      receive("llmSetTools", { toolList: [{ name: "look" }] });
      expect(toJs(conversation.tools?.customTools)).to.deep.equal({ gemini: [{ search: {} }] });
      expect(logger.take("warn")).to.have.length(1);
      receive("llmSetTools", { tools: {} });
      expect(conversation.tools).to.equal(undefined);
    });

    it("snapshots: what was sent doesn't change any more", () => {
      const { conversation, sent, receive, calls } = start();
      calls("1");
      conversation.addUser("Hi");
      const before = conversation.messages;
      receive("functionCallResult", { toolCallId: "1", result: "x", runLlm: true });
      conversation.append(["more"]);
      const content = (messages: readonly Value[] = []) =>
        messages.map((message) => (toJs(message) as { readonly content?: unknown }).content);
      expect(content(sent[0]?.messages)).to.deep.equal([undefined, "IN_PROGRESS", "Hi"]);
      expect(content(before)).to.deep.equal([undefined, "IN_PROGRESS", "Hi"]);
      expect(content(sent[1]?.messages)).to.deep.equal([undefined, '"x"', "Hi"]);
    });

    it("what the bridge refuses is thrown, stays part of the conversation, and stays owed", () => {
      const { conversation, bridge, sent, receive, calls } = start();
      calls("1");
      const { send } = bridge;
      bridge.send = () => {
        throw new StatusError(Code.FAILED_PRECONDITION, "not now");
      };
      expectThrown(Code.FAILED_PRECONDITION, () => conversation.addUser("Hi"));
      expectThrown(Code.FAILED_PRECONDITION, () => receive("functionCallResult", { toolCallId: "1", result: "x" }));
      bridge.send = send;
      receive("llmMessagesAppend", { messages: ["more"] });
      expect(sent.map(({ messages }) => messages.length)).to.deep.equal([4]);
    });
  });

  describe("refuses", () => {
    const when = new Date() as unknown as string;
    for (const [what, path, act] of [
      ["messages to begin with", "messages[1].at", () => start({ messages: ["a", { at: when }] })],
      ["tools to begin with", "tools.standardTools[0].at", () => start({ tools: { standardTools: [{ at: when }] } })],
      ["a tool choice to begin with", "toolChoice", () => start({ toolChoice: when })],
      ["a turn", "content[0]", () => start().conversation.addUser([when])],
      ["messages", "messages[0]", () => start().conversation.append([when])],
      ["other messages", "messages[0]", () => start().conversation.replace([when])],
    ] as const) {
      it(`${what} that can't be sent, and says where`, () => {
        expect(expectThrown(Code.INVALID_ARGUMENT, act).message).to.include(`${path}: `);
      });
    }

    it("no more than that: the conversation stays as it was", () => {
      const { conversation, sent, messages } = start({ messages: ["a"] });
      for (const act of [
        () => conversation.addUser(when),
        () => conversation.append(["b", when]),
        () => conversation.replace(["b", when]),
      ]) {
        expectThrown(Code.INVALID_ARGUMENT, act);
      }
      expect([messages(), sent]).to.deep.equal([["a"], []]);
    });
  });

  describe("says what was for it alone:", () => {
    const requests = ["llmMessagesAppend", "llmMessagesUpdate", "llmSetTools", "llmSetToolChoice", "llmRun"];
    const downstreamOnly = ["llmAssistantPushAggregation", "llmMarker"];

    for (const [name, direction, consumed] of [
      ["downstream", DOWNSTREAM, [...requests, ...downstreamOnly]],
      ["upstream", UPSTREAM, requests],
    ] as const) {
      it(`${consumed.length} kinds ${name}`, () => {
        const { receive } = start();
        expect(kinds.filter((kind) => receive(kind, {}, direction))).to.have.members(consumed);
        logger.clear();
      });
    }
  });

  describe("records replies", () => {
    it("and tells of each, with its text and whether it was cut short", () => {
      const { receive, replies, messages } = start();
      for (const end of ["llmFullResponseEnd", "interruption"] as const) {
        receive("llmFullResponseStart");
        receive("llmText", { text: "It " });
        receive("llmText", { text: "is." });
        expect(receive(end)).to.equal(false);
      }
      expect(replies).to.deep.equal([
        ["It is.", false],
        ["It is.", true],
      ]);
      expect(messages()).to.deep.equal(replies.map(([content]) => ({ role: "assistant", content })));
    });

    it("interrupted by a frame in either direction, once", () => {
      const { receive, replies } = start();
      receive("llmFullResponseStart");
      receive("llmText", { text: "It" });
      receive("interruption", {}, UPSTREAM);
      receive("interruption", {}, DOWNSTREAM);
      expect(replies).to.deep.equal([["It", true]]);
    });

    it("and goes on when a handler throws", () => {
      const { conversation, receive, replies } = start();
      conversation.on("reply", () => {
        throw new Error("handler");
      });
      receive("llmFullResponseStart");
      receive("llmText", { text: "It" });
      receive("llmFullResponseEnd");
      expect(logger.takeErrors()).to.deep.equal([new Error("handler")]);
      expect(replies).to.have.length(1);
    });

    // Where Pipecat does otherwise: there an interruption empties the queues of a pipeline, here text is on its way.
    it("but not what is outside of any, such as text that comes after an interruption", () => {
      const { receive, replies } = start();
      receive("llmText", { text: "before " });
      receive("llmFullResponseStart");
      receive("llmText", { text: "one" });
      receive("interruption");
      receive("llmText", { text: " late" });
      receive("llmFullResponseEnd");
      receive("llmFullResponseStart");
      receive("llmText", { text: "two" });
      receive("llmFullResponseEnd");
      expect(replies.map(([text]) => text)).to.deep.equal(["one", "two"]);
    });

    // Pipecat adds an empty message, which some models refuse.
    it("but not one of white space", () => {
      const { receive, replies, messages } = start();
      receive("llmFullResponseStart");
      receive("llmText", { text: " \n" });
      receive("llmFullResponseEnd");
      expect([replies, messages()]).to.deep.equal([[], []]);
    });

    // Pipecat takes it for the assistant's.
    it("but not what the user typed, which the assistant passes on", () => {
      const { receive, replies } = start();
      receive("llmFullResponseStart");
      receive("inputTextRaw", { text: "mine" });
      receive("llmFullResponseEnd");
      expect(replies).to.deep.equal([]);
    });
  });

  describe("records functions", () => {
    it("whose details are missing", () => {
      const { receive, messages } = start();
      receive("functionCallInProgress", { functionName: "look", toolCallId: "1", cancelOnInterruption: true });
      receive("functionCallResult", { toolCallId: "1" });
      expect(messages()).to.deep.equal([
        { role: "assistant", tool_calls: [{ id: "1", function: { name: "look", arguments: "{}" }, type: "function" }] },
        { role: "tool", content: "COMPLETED", tool_call_id: "1" },
      ]);
    });

    it("and notes a result that belongs to none", () => {
      const { receive, sent } = start();
      receive("functionCallResult", { functionName: "look", toolCallId: "1", result: "x", runLlm: true });
      expect(logger.take("warn").map(({ fields }) => fields)).to.deep.equal([{ function: "look", toolCallId: "1" }]);
      expect(sent).to.deep.equal([]);
    });

    // In Pipecat it would never be settled.
    it("that were cancelled before they were seen to run, as a cancellation overtakes what is queued", () => {
      const { receive, calls, messages, sent } = start();
      const announced = { functionCalls: [{ toolCallId: "1" }, { toolCallId: "2" }] };
      receive("functionCallsStarted", announced);
      receive("functionCallCancel", { toolCallId: "1", runLlm: true });
      calls("1", "2");
      receive("functionCallResult", { toolCallId: "1", result: "late" });
      expect(messages().slice(1, 4)).to.deep.include.members([
        { role: "tool", content: "CANCELLED", tool_call_id: "1" },
        { role: "tool", content: "IN_PROGRESS", tool_call_id: "2" },
      ]);
      expect(sent).to.deep.equal([]);
      expect(logger.take("warn")).to.have.length(1);
    });

    it("that are announced when they run already: a large announcement takes its time", () => {
      const { receive, calls, messages } = start();
      calls("1");
      receive("functionCallsStarted", { functionCalls: [{ toolCallId: "1" }, { toolCallId: "2" }] });
      calls("2");
      receive("functionCallResult", { toolCallId: "1", result: "a" });
      receive("functionCallCancel", { toolCallId: "2" });
      expect(messages().filter((message) => (message as { role?: string }).role === "tool")).to.deep.equal([
        { role: "tool", content: '"a"', tool_call_id: "1" },
        { role: "tool", content: "CANCELLED", tool_call_id: "2" },
      ]);
    });

    // Pipecat looks into the queues of its pipeline for more results, which here are still on their way.
    describe("of one answer, each of which ends before the next begins,", () => {
      function startGroup(ids: readonly string[], { announced = true } = {}) {
        const started = start();
        const { receive, sent } = started;
        const announce = () =>
          receive("functionCallsStarted", { functionCalls: ids.map((toolCallId) => ({ toolCallId })) });
        const begin = (toolCallId: string, cancelOnInterruption = true) =>
          receive("functionCallInProgress", { toolCallId, cancelOnInterruption, groupId: "g" });
        const end = (toolCallId: string, init: Init<FrameOf<"functionCallResult">> = { result: "x" }) =>
          receive("functionCallResult", { toolCallId, ...init });
        const runs = () => sent.length;
        if (announced) {
          announce();
        }
        return { ...started, announce, begin, end, runs };
      }

      it("and runs the model once, with all results", () => {
        const { begin, end, runs, sent } = startGroup(["1", "2", "3"]);
        for (const id of ["1", "2", "3"]) {
          expect(runs()).to.equal(0);
          begin(id);
          end(id);
        }
        expect(runs()).to.equal(1);
        expect(sent[0]?.messages).to.have.length(6);
      });

      it("also where the last has no result, or one that isn't for the model", () => {
        for (const last of [{}, { result: "x", properties: { runLlm: false } }]) {
          const { begin, end, runs } = startGroup(["1", "2"]);
          begin("1");
          end("1");
          expect(runs()).to.equal(0);
          begin("2");
          end("2", last);
          expect(runs()).to.equal(1);
        }
      });

      it("and where none has a result, not at all", () => {
        const { begin, end, runs } = startGroup(["1", "2"]);
        for (const id of ["1", "2"]) {
          begin(id);
          end(id, {});
        }
        expect(runs()).to.equal(0);
      });

      it("and doesn't wait for one that was cancelled before it began", () => {
        const { begin, end, receive, runs } = startGroup(["1", "2"]);
        receive("functionCallCancel", { toolCallId: "2" });
        begin("1");
        end("1");
        expect(runs()).to.equal(1);
      });

      it("and after an interruption doesn't wait for those that haven't begun", () => {
        const { begin, end, receive, runs } = startGroup(["1", "2", "3"]);
        begin("1", false);
        begin("2");
        end("2", { result: "x", properties: { runLlm: false } });
        receive("interruption");
        expect(runs()).to.equal(0);
        end("1");
        expect(runs()).to.equal(1);
      });

      it("also where the first runs already when they are announced", () => {
        const { begin, end, announce, runs } = startGroup(["1", "2"], { announced: false });
        begin("1");
        announce();
        end("1");
        expect(runs()).to.equal(0);
        begin("2");
        end("2");
        expect(runs()).to.equal(1);
      });

      it("and doesn't wait for those that ended before their announcement came", () => {
        const { begin, end, announce, runs } = startGroup(["1", "2"], { announced: false });
        begin("1");
        begin("2");
        end("1");
        announce();
        end("2");
        expect(runs()).to.equal(1);
      });
    });

    it("of an id that was used before", () => {
      const { receive, calls, messages } = start();
      for (const result of ["a", "b"]) {
        receive("functionCallsStarted", { functionCalls: [{ toolCallId: "1" }] });
        receive("functionCallCancel", { toolCallId: "1" });
        receive("functionCallsStarted", { functionCalls: [{ toolCallId: "1" }] });
        calls("1");
        receive("functionCallResult", { toolCallId: "1", result });
      }
      expect(messages().at(-1)).to.deep.equal({ role: "tool", content: '"b"', tool_call_id: "1" });
    });

    it("in the background, and takes messages of one service for no news", () => {
      const { receive, messages } = start();
      receive("functionCallInProgress", { functionName: "look", toolCallId: "1" });
      const specific = toValue({ llm: "x", message: { role: "user" } });
      const typed = toValue(null);
      typed.kind = {
        case: "typedValue",
        value: { $typeName: "crossbus.v1.TypedValue", typeName: "acme.SpecificMessage", value: specific },
      };
      const flagged = { __specific__: true, llm: "x", message: { role: "user" } };
      receive("llmMessagesAppend", { messages: [typed, flagged] });
      receive("functionCallResult", { toolCallId: "1", result: "x" });
      expect(messages().slice(1)).to.deep.equal([
        { role: "tool", content: '"x"', tool_call_id: "1" },
        toJs(specific),
        flagged,
      ]);
    });

    // Pipecat forgets the run.
    it("and runs the model after speech whose text was recorded meanwhile", () => {
      const { receive, calls, sent } = start();
      calls("1");
      receive("botStartedSpeaking", {}, UPSTREAM);
      receive("llmFullResponseStart");
      receive("llmText", { text: "Wait." });
      receive("functionCallResult", { toolCallId: "1", result: "x" });
      receive("llmFullResponseEnd");
      expect(sent).to.deep.equal([]);
      receive("botStoppedSpeaking", {}, UPSTREAM);
      expect(sent.map(({ direction }) => direction)).to.deep.equal([UPSTREAM]);
    });

    // Pipecat runs it again.
    it("and runs the model once, where a turn of the user has brought the result along", () => {
      const { conversation, receive, calls, sent } = start();
      calls("1");
      receive("userStartedSpeaking");
      receive("functionCallResult", { toolCallId: "1", result: "x" });
      receive("userStoppedSpeaking");
      conversation.addUser("Hi");
      receive("llmMessagesAppend", { messages: ["more"] });
      expect(sent.map(({ direction }) => direction)).to.deep.equal([DOWNSTREAM]);
    });
  });

  it("gives up on what the assistant was doing", () => {
    const { conversation, receive, calls, replies, messages, sent } = start();
    receive("functionCallsStarted", { functionCalls: [{ toolCallId: "0" }] });
    calls("1");
    receive("functionCallInProgress", { functionName: "look", toolCallId: "2" });
    receive("userStartedSpeaking");
    receive("botStartedSpeaking");
    receive("llmMessagesAppend", { runLlm: true });
    receive("llmFullResponseStart");
    receive("llmText", { text: "It" });
    conversation.abandon();
    expect(replies).to.deep.equal([["It", true]]);
    const [, first, , second, reply, notice] = messages() as readonly { readonly [key: string]: unknown }[];
    expect([first, reply, second?.["role"], notice?.["role"]]).to.deep.equal([
      { role: "tool", content: "CANCELLED", tool_call_id: "1" },
      { role: "assistant", content: "It" },
      "tool",
      "developer",
    ]);
    expect(JSON.parse(String(notice?.["content"]))).to.include({ status: "finished", tool_call_id: "2" });
    expect(messages()).to.have.length(6);

    // Nothing of it is left: nobody speaks, nothing is owed, no call is running, no reply is being given.
    receive("llmMessagesAppend", { messages: ["a"] });
    receive("llmText", { text: "late" });
    receive("llmFullResponseEnd");
    for (const toolCallId of ["0", "1", "2"]) {
      receive("functionCallResult", { toolCallId, result: "x", runLlm: true });
    }
    receive("functionCallCancel", { toolCallId: "0" });
    expect([messages().length, sent]).to.deep.equal([7, []]);
    calls("0");
    expect(messages().at(-1)).to.deep.equal({ role: "tool", content: "IN_PROGRESS", tool_call_id: "0" });
    receive("llmMessagesAppend", { messages: ["b"], runLlm: true });
    expect(sent).to.have.length(1);
    expect(logger.take("warn")).to.have.length(3);
  });

  it("holds, whatever comes: contexts say what there is, each call has one answer, lists don't change", () => {
    const id = fc.constantFrom("1", "2", "3");
    const call = fc.record({
      functionName: fc.constant("look"),
      toolCallId: id,
      cancelOnInterruption: fc.boolean(),
      groupId: fc.constantFrom("g", "h", undefined),
      result: fc.constantFrom("x", "", null),
      runLlm: fc.constantFrom(true, false, undefined),
      isFinal: fc.boolean(),
    });
    const functionFrame = fc
      .record({ call, kind: fc.constantFrom("functionCallInProgress", "functionCallResult", "functionCallCancel") })
      .map(({ call: { functionName, toolCallId, cancelOnInterruption, groupId, result, runLlm, isFinal }, kind }) => {
        switch (kind) {
          case "functionCallInProgress":
            return frame(kind, { functionName, toolCallId, cancelOnInterruption, groupId });
          case "functionCallResult":
            return frame(kind, { functionName, toolCallId, result, runLlm, properties: { isFinal } });
          default:
            return frame("functionCallCancel", { functionName, toolCallId, runLlm });
        }
      });
    const others = kinds.filter((kind) => kind !== "llmMessagesUpdate" && kind !== "llmMessagesAppend");
    const anyFrame = fc
      .constantFrom(...others)
      .chain((kind) => arbitraryFrameMessageOf(kind))
      .filter(({ body }) => body.case === "frame" && body.value.frame?.kind.value !== undefined)
      .map(({ body }) => (body.case === "frame" ? (body.value.frame as Frame) : frame("llmRun")));
    const turn = fc.string({ maxLength: 4 }).map((text) => ({ text }));
    const steps = fc.array(fc.tuple(fc.oneof(functionFrame, anyFrame, turn), fc.constantFrom(DOWNSTREAM, UPSTREAM)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const { conversation, sent } = start();
        const seen = new Map<readonly Value[], readonly Value[]>();
        for (const [step, direction] of list) {
          const count = sent.length;
          if ("text" in step) {
            conversation.addUser(step.text);
          } else {
            conversation.receive(step, direction);
          }
          seen.set(conversation.messages, [...conversation.messages]);
          expect(sent.length).to.be.at.most(count + 1);
          if (sent.length > count) {
            expect(sent.at(-1)?.messages).to.deep.equal(conversation.messages);
          }
        }
        for (const [messages, copy] of seen) {
          expect(messages.length === copy.length && messages.every((message, i) => message === copy[i])).to.equal(true);
        }
        const messages = conversation.messages.map((message) => toJs(message)) as readonly {
          readonly [key: string]: unknown;
        }[];
        for (const [i, message] of messages.entries()) {
          const [made] = (message["tool_calls"] ?? []) as readonly { readonly id: string }[];
          if (made !== undefined) {
            expect(messages[i + 1]).to.include({ role: "tool", tool_call_id: made.id });
          } else if (message["role"] === "tool") {
            expect(messages[i - 1]).to.have.property("tool_calls");
          }
        }
        logger.clear();
      }),
      { numRuns: 300 },
    );
  });
});
