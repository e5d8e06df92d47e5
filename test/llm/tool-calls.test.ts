import { tool } from "ai";
import { expect } from "chai";
import { describe, it } from "mocha";
import { z } from "zod";
import { Direction, type Frame } from "../../gen/crossbus/v1/frame_pb.js";
import { deferred } from "../../src/base/deferred.js";
import { Code, StatusError } from "../../src/base/status.js";
import { LLMAgent, type LLMAgentOptions, type QueuedFrame } from "../../src/llm/llm-agent.js";
import { frame } from "../../src/message/build.js";
import { toJs } from "../../src/message/value.js";
import { expectThrown } from "../support/expect-status.js";
import { until } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { contents, scripted, settle, useLLMBench } from "./llm-bench.js";

const hi = { role: "user", content: "Hi" };
const inputSchema = z.object({ item: z.string() });
/** A tool that takes an item, and does this. */
const takes = (execute: (input: { item: string }, options: { abortSignal?: AbortSignal }) => unknown) =>
  tool({ description: "Does something with an item.", inputSchema, execute });
const anvil = { call: "price", input: { item: "anvil" }, id: "call_1" };

describe("a tool of an LLMAgent", () => {
  const logger = useRecordingLogger();
  const bench = useLLMBench(logger);

  it("is told to the conversation when the agent is activated, before its messages", async () => {
    const { model } = scripted();
    const { assistant, main, frames } = await bench({ model, active: false });
    assistant.registerTool("price", tool({ description: "What it costs.", inputSchema, execute: () => 39 }));
    assistant.registerTool("hours", tool({ inputSchema: z.object({}), execute: () => "nine to five" }));
    main.activateAgent("assistant", { args: { messages: [hi] } });
    await settle();
    expect(frames.map(({ kind, direction }) => `${kind} ${direction}`)).to.deep.equal([
      "llmSetTools down",
      "llmMessagesAppend down",
    ]);
    const parameters = {
      type: "object",
      properties: { item: { type: "string" } },
      required: ["item"],
      additionalProperties: false,
    };
    expect(frames[0]?.value.tools.standardTools.map(toJs)).to.deep.equal([
      { name: "price", description: "What it costs.", parameters },
      {
        name: "hours",
        description: "",
        parameters: { type: "object", properties: {}, additionalProperties: false },
      },
    ]);
  });

  it("is offered to the model, and run when it calls it: what comes of it goes out in both directions", async () => {
    const { model, asked } = scripted(["One moment.", anvil]);
    const b = await bench({ model });
    const calls: unknown[] = [];
    b.assistant.registerTool(
      "price",
      tool({
        inputSchema,
        execute: async (input, { toolCallId, messages }) => {
          calls.push([input, toolCallId, messages.length, b.assistant.toolCallActive]);
          await settle();
          return { dollars: 39 };
        },
      }),
    );
    await b.ask(hi);
    await settle();
    expect(asked[0]?.tools?.map(({ name }) => name)).to.deep.equal(["price"]);
    expect(calls).to.deep.equal([[{ item: "anvil" }, "call_1", 1, true]]);
    expect(b.assistant.toolCallActive).to.equal(false);
    expect(b.said()).to.deep.equal([
      "llmFullResponseStart",
      '"One moment."',
      "functionCallsStarted",
      "llmFullResponseEnd",
      "functionCallInProgress",
      "functionCallResult",
    ]);
    expect(b.frames.filter(({ direction }) => direction === "up").map(({ kind }) => kind)).to.deep.equal([
      "functionCallsStarted",
      "functionCallInProgress",
      "functionCallResult",
    ]);
    const [started] = contents(b, "functionCallsStarted", "functionCalls") as [{ functionCalls: [Announced] }];
    const [{ functionName, toolCallId, arguments: args, context }] = started.functionCalls;
    expect([functionName, toolCallId, toJs(args as never)]).to.deep.equal(["price", "call_1", { item: "anvil" }]);
    expect(context.messages.map((message) => toJs(message as never))).to.deep.equal([hi]);
    const called = { functionName: "price", toolCallId: "call_1", arguments: { item: "anvil" } };
    const [inProgress] = contents(b, "functionCallInProgress", ...Object.keys(called), "cancelOnInterruption");
    expect(inProgress).to.deep.equal({ ...called, cancelOnInterruption: true });
    const [result] = contents(b, "functionCallResult", ...Object.keys(called), "result", "properties", "error");
    expect(result).to.deep.equal({ ...called, result: { dollars: 39 }, properties: undefined, error: undefined });
  });

  it("has its frames sent twice, each of which knows of its sibling", async () => {
    const { model } = scripted([anvil]);
    const { assistant, ask, frames } = await bench({ model });
    assistant.registerTool(
      "price",
      takes(() => 39),
    );
    await ask(hi);
    const siblings = frames.filter(({ kind }) => kind === "functionCallResult").map((received) => received.frame);
    expect(siblings).to.have.lengthOf(2);
    const [one, two] = siblings;
    expect(one?.id).to.be.a("bigint").and.not.equal(two?.id);
    expect([one?.broadcastSiblingId, two?.broadcastSiblingId]).to.deep.equal([two?.id, one?.id]);
  });

  it("that returns nothing has the result null, with which the model isn't run again", async () => {
    const { model } = scripted([anvil]);
    const b = await bench({ model });
    b.assistant.registerTool(
      "price",
      takes(() => undefined),
    );
    await b.ask(hi);
    expect(contents(b, "functionCallResult", "result")).to.deep.equal([{ result: null }]);
  });

  it("runs beside others of the same answer, as one group", async () => {
    const gates = { anvil: deferred<number>(), rocket: deferred<number>() };
    const { model } = scripted([anvil, { call: "price", input: { item: "rocket" }, id: "call_2" }]);
    const b = await bench({ model });
    b.assistant.registerTool(
      "price",
      takes(({ item }) => gates[item as "anvil"].promise),
    );
    await b.ask(hi);
    const groups = contents(b, "functionCallInProgress", "groupId") as readonly { groupId: string }[];
    expect(groups).to.have.lengthOf(2);
    expect(groups[0]?.groupId).to.match(/^[-\da-f]{36}$/);
    expect(groups[1]?.groupId).to.equal(groups[0]?.groupId);
    gates.rocket.resolve(149);
    await settle();
    gates.anvil.resolve(39);
    await settle();
    expect(contents(b, "functionCallResult", "toolCallId", "result")).to.deep.equal([
      { toolCallId: "call_2", result: 149 },
      { toolCallId: "call_1", result: 39 },
    ]);
  });

  it("may take its time: the agent answers the next conversation meanwhile", async () => {
    const gate = deferred<number>();
    const { model } = scripted([anvil], ["Still looking."]);
    const { assistant, ask, said } = await bench({ model });
    assistant.registerTool(
      "price",
      takes(() => gate.promise),
    );
    await ask(hi);
    await ask(hi);
    gate.resolve(39);
    await settle();
    expect(said().slice(-4)).to.deep.equal([
      "llmFullResponseStart",
      '"Still looking."',
      "llmFullResponseEnd",
      "functionCallResult",
    ]);
  });

  describe("that fails", () => {
    const failing = async (error: unknown) => {
      const { model } = scripted([anvil]);
      const b = await bench({ model });
      b.assistant.registerTool(
        "price",
        takes(async () => {
          await settle();
          throw error;
        }),
      );
      await b.ask(hi);
      await settle();
      const [result] = contents(b, "functionCallResult", "result", "error");
      return result;
    };

    it("is reported, and the model learns that it has failed, but not how", async () => {
      expect(await failing(new TypeError("no route to 10.0.0.7"))).to.deep.equal({
        result: "The function price has failed, and there is no result.",
        error: "TypeError: no route to 10.0.0.7",
      });
      expect((logger.takeErrors() as Error[]).map(({ message }) => message)).to.deep.equal(["no route to 10.0.0.7"]);
    });

    it("with a status says so", async () => {
      expect(await failing(new StatusError(Code.NOT_FOUND, "there are no anvils"))).to.deep.equal({
        result: "The function price has failed, and there is no result.",
        error: "NOT_FOUND: there are no anvils",
      });
      logger.takeErrors();
    });

    it("by a result that can't be sent ends just so", async () => {
      const { model } = scripted([anvil]);
      const b = await bench({ model });
      b.assistant.registerTool(
        "price",
        takes(() => ({ at: new Date(0) })),
      );
      await b.ask(hi);
      const [result] = contents(b, "functionCallResult", "error") as [{ error: string }];
      expect(result.error).to.match(/^INVALID_ARGUMENT: result\.at: /);
      expect(logger.takeErrors()).to.have.lengthOf(1);
      expect(b.assistant.toolCallActive).to.equal(false);
    });
  });

  it("isn't called with arguments that don't fit, and the model is told why", async () => {
    const { model } = scripted([
      { call: "price", input: { item: 3 } },
      { call: "price", input: "{not JSON" },
    ]);
    const b = await bench({ model });
    b.assistant.registerTool(
      "price",
      takes(() => expect.fail("was called")),
    );
    await b.ask(hi);
    const results = contents(b, "functionCallResult", "result", "error") as readonly {
      result: string;
      error: string;
    }[];
    expect(results).to.have.lengthOf(2);
    for (const { result, error } of results) {
      expect(error).to.match(/^INVALID_ARGUMENT: AI_InvalidToolInputError: /);
      expect(result).to.match(/^The function price doesn't take these arguments: AI_InvalidToolInputError: /);
    }
    expect(results[0]?.error).to.include("item");
    expect(logger.takeErrors()).to.have.lengthOf(2);
  });

  it("that there isn't gets a result too, so that the conversation can go on", async () => {
    const { model } = scripted([{ call: "teleport", input: {} }]);
    const b = await bench({ model });
    await b.ask(hi);
    expect(contents(b, "functionCallResult", "functionName", "result", "error")).to.deep.equal([
      {
        functionName: "teleport",
        result: "There is no function teleport: do without it.",
        error: 'NOT_FOUND: there is no tool "teleport"',
      },
    ]);
    expect(logger.takeErrors()).to.have.lengthOf(1);
  });

  for (const [what, execute] of [
    ["throws text that isn't whole", () => Promise.reject(new Error("\ud800"))],
    ["throws what can't be shown", () => Promise.reject({ constructor: { name: { toString: 1 } } })],
    ["throws an odd message", () => Promise.reject(Object.assign(new Error(), { message: Symbol("x") }))],
    ["returns more than a queue takes", () => "x".repeat(70_000_000)],
    ["throws more than a queue takes", () => Promise.reject(new Error("x".repeat(70_000_000)))],
  ] as const) {
    it(`that ${what} has a result all the same`, async () => {
      const { model } = scripted([anvil]);
      const b = await bench({ model });
      b.assistant.registerTool("price", takes(execute));
      await b.ask(hi);
      const [result] = contents(b, "functionCallResult", "result");
      expect(result).to.deep.equal({ result: "The function price has failed, and there is no result." });
      expect(b.assistant.toolCallActive).to.equal(false);
      expect(logger.takeErrors().length).to.be.greaterThan(0);
    });
  }

  it("in the background waits for a slow listener, and loses nothing of what it yields", async () => {
    const { model } = scripted([anvil]);
    const b = await bench({ model });
    async function* execute() {
      for (let i = 0; i < 12_000; i++) {
        yield i;
      }
      return "done";
    }
    b.assistant.registerTool("price", tool({ inputSchema, execute }), { cancelOnInterruption: false });
    await b.ask(hi);
    await until(() => !b.assistant.toolCallActive && b.said().length > 12_000);
    const results = contents(b, "functionCallResult", "result");
    expect(results).to.have.lengthOf(12_001);
    expect(results.at(-1)).to.deep.equal({ result: "done" });
  });

  it("takes what its schema makes of its arguments; the conversation has them as they came", async () => {
    const { model } = scripted([{ call: "when", input: { day: "2026-11-24" } }]);
    const b = await bench({ model });
    const days: unknown[] = [];
    const day = z.string().transform((text) => new Date(text));
    b.assistant.registerTool(
      "when",
      tool({ inputSchema: z.object({ day }), execute: (input) => void days.push(input.day) }),
    );
    await b.ask(hi);
    expect(days).to.deep.equal([new Date("2026-11-24")]);
    expect(contents(b, "functionCallInProgress", "arguments")).to.deep.equal([
      { arguments: { day: "2026-11-24T00:00:00.000Z" } },
    ]);
  });

  it("that is called twice under one id has two results, under ids of their own", async () => {
    const { model } = scripted([anvil, anvil]);
    const b = await bench({ model });
    let price = 38;
    b.assistant.registerTool(
      "price",
      takes(() => ++price),
    );
    await b.ask(hi);
    const results = contents(b, "functionCallResult", "toolCallId", "result") as readonly { toolCallId: string }[];
    expect(results.map(({ toolCallId }) => toolCallId.slice(0, 6))).to.deep.equal(["call_1", "call_1"]);
    expect(new Set(results.map(({ toolCallId }) => toolCallId)).size).to.equal(2);
  });

  describe("that is running at an interruption", () => {
    const interrupted = async (cancelOnInterruption?: boolean) => {
      const gate = deferred<number>();
      const signals: (AbortSignal | undefined)[] = [];
      const { model } = scripted([anvil]);
      const b = await bench({ model });
      const options = cancelOnInterruption === undefined ? {} : { cancelOnInterruption };
      const execute = (_: unknown, { abortSignal }: { abortSignal?: AbortSignal }) => {
        signals.push(abortSignal);
        return gate.promise;
      };
      b.assistant.registerTool("price", takes(execute), options);
      await b.ask(hi);
      b.send(frame("interruption"));
      await settle();
      const active = b.assistant.toolCallActive;
      gate.resolve(39);
      await settle();
      return { b, active, aborted: signals[0]?.aborted };
    };

    it("is cancelled, and its result dropped", async () => {
      const { b, active, aborted } = await interrupted();
      expect([active, aborted]).to.deep.equal([false, true]);
      expect(b.said().slice(-3)).to.deep.equal(["functionCallInProgress", "functionCallCancel", "interruption"]);
      const cancelled = { functionName: "price", toolCallId: "call_1", runLlm: false };
      expect(contents(b, "functionCallCancel", ...Object.keys(cancelled))).to.deep.equal([cancelled]);
    });

    it("hasn't failed when it throws that it was told to stop", async () => {
      const { model } = scripted([anvil]);
      const { assistant, ask, said, send } = await bench({ model });
      const execute = (_: unknown, { abortSignal }: { abortSignal?: AbortSignal }) =>
        new Promise((_resolve, reject) => {
          abortSignal?.addEventListener("abort", () => reject(abortSignal.reason));
        });
      assistant.registerTool("price", takes(execute));
      await ask(hi);
      send(frame("interruption"));
      await settle();
      expect(logger.takeErrors()).to.deep.equal([]);
      expect(said().at(-1)).to.equal("interruption");
    });

    it("goes on in the background if it is to", async () => {
      const { b, active, aborted } = await interrupted(false);
      expect([active, aborted]).to.deep.equal([true, false]);
      expect(b.said().slice(-3)).to.deep.equal(["functionCallInProgress", "interruption", "functionCallResult"]);
      expect(contents(b, "functionCallInProgress", "cancelOnInterruption")).to.deep.equal([
        { cancelOnInterruption: false },
      ]);
      expect(contents(b, "functionCallResult", "result")).to.deep.equal([{ result: 39 }]);
    });
  });

  it("leaves no timer behind when it is cancelled, though it goes on for ever", async () => {
    const { model } = scripted([anvil]);
    const { assistant, ask, clock, send } = await bench({ model });
    assistant.registerTool(
      "price",
      takes(() => new Promise(() => {})),
      { timeoutMs: 500 },
    );
    await ask(hi);
    expect(clock.pending).to.equal(1);
    send(frame("interruption"));
    await settle();
    expect(clock.pending).to.equal(0);
  });

  it("isn't run where the answer that calls it is interrupted", async () => {
    const gate = deferred();
    const { model } = scripted([anvil, "One moment.", gate.promise]);
    const { assistant, ask, said, send } = await bench({ model });
    assistant.registerTool(
      "price",
      takes(() => expect.fail("was called")),
    );
    await ask(hi);
    send(frame("interruption"));
    await settle();
    gate.resolve();
    await settle();
    expect(said()).to.deep.equal(["llmFullResponseStart", '"One moment."', "interruption", "llmFullResponseEnd"]);
  });

  it("that takes too long is cancelled, reported, and the model run to say so", async () => {
    const { model } = scripted([anvil], [anvil]);
    const b = await bench({ model });
    let quick = false;
    b.assistant.registerTool(
      "price",
      takes(() => (quick ? 39 : new Promise(() => {}))),
      { timeoutMs: 500 },
    );
    await b.ask(hi);
    b.clock.advance(499);
    await settle();
    expect(b.assistant.toolCallActive).to.equal(true);
    b.clock.advance(1);
    await settle();
    expect(contents(b, "functionCallCancel", "toolCallId", "runLlm")).to.deep.equal([
      { toolCallId: "call_1", runLlm: true },
    ]);
    const [error] = logger.takeErrors() as StatusError[];
    expect(error?.message).to.equal('the tool "price" took longer than 500 ms');
    quick = true;
    await b.ask(hi);
    expect(contents(b, "functionCallResult", "result")).to.deep.equal([{ result: 39 }]);
    expect(b.clock.pending).to.equal(0);
  });

  describe("that yields results", () => {
    const yielding = async (cancelOnInterruption: boolean, returned?: unknown) => {
      const { model } = scripted([anvil]);
      const b = await bench({ model });
      async function* execute() {
        yield "looking";
        await settle();
        yield "found";
        return returned;
      }
      b.assistant.registerTool("price", tool({ inputSchema, execute }), { cancelOnInterruption });
      await b.ask(hi);
      await settle();
      return contents(b, "functionCallResult", "result", "properties").map((result) => {
        const { result: value, properties } = result as { result: unknown; properties?: { isFinal?: boolean } };
        return [value, properties?.isFinal];
      });
    };

    it("in the background tells them as they come, and then what it returns", async () => {
      const updates = [
        ["looking", false],
        ["found", false],
      ];
      expect(await yielding(false, { dollars: 39 })).to.deep.equal([...updates, [{ dollars: 39 }, undefined]]);
      expect(await yielding(false)).to.deep.equal([...updates, [null, undefined]]);
    });

    it("is told to clean up when it yields what can't be sent", async () => {
      const { model } = scripted([anvil]);
      const b = await bench({ model });
      const done: string[] = [];
      async function* execute() {
        try {
          yield new Date(0);
        } finally {
          done.push("cleaned up");
        }
      }
      b.assistant.registerTool("price", tool({ inputSchema, execute }), { cancelOnInterruption: false });
      await b.ask(hi);
      expect(done).to.deep.equal(["cleaned up"]);
      expect(contents(b, "functionCallResult", "error")).to.have.lengthOf(1);
      logger.takeErrors();
    });

    it("is told to clean up when it is cancelled", async () => {
      const { model } = scripted([anvil]);
      const b = await bench({ model });
      const gate = deferred();
      const done: string[] = [];
      async function* execute() {
        try {
          await gate.promise;
          yield "too late";
        } finally {
          done.push("cleaned up");
        }
      }
      b.assistant.registerTool("price", tool({ inputSchema, execute }));
      await b.ask(hi);
      b.send(frame("interruption"));
      await settle();
      gate.resolve();
      await settle();
      expect(done).to.deep.equal(["cleaned up"]);
      expect(contents(b, "functionCallResult")).to.deep.equal([]);
    });

    it("with the user waiting has what it returns as its result, or else the last of them", async () => {
      expect(await yielding(true, { dollars: 39 })).to.deep.equal([[{ dollars: 39 }, undefined]]);
      expect(await yielding(true)).to.deep.equal([["found", undefined]]);
    });
  });

  it("is told to stop when the agent ends, and nothing of it is left", async () => {
    const reasons: StatusError[] = [];
    const { model } = scripted([anvil]);
    const { assistant, ask, clock, said } = await bench({ model });
    const execute = (_: unknown, { abortSignal }: { abortSignal?: AbortSignal }) => {
      assistant.queueFrame(frame("text", { text: "held" }));
      return new Promise((_resolve, reject) => {
        abortSignal?.addEventListener("abort", () => {
          reasons.push(abortSignal.reason);
          reject(abortSignal.reason);
        });
      });
    };
    assistant.registerTool("price", takes(execute), { timeoutMs: 1_000 });
    await ask(hi);
    await assistant.finish();
    await settle();
    expect(reasons.map(({ message }) => message)).to.deep.equal(['agent "assistant" has ended']);
    expect([assistant.toolCallActive, clock.pending]).to.deep.equal([false, 0]);
    expect(said().at(-1)).to.equal("functionCallInProgress");
  });

  describe("queues frames", () => {
    /** Two tools: each queues a frame, one waits for a gate. */
    const queueing = async (make?: new (name: string, options: LLMAgentOptions) => LLMAgent, fails = false) => {
      const gate = deferred();
      const { model } = scripted([
        { call: "slow", input: { item: "slow" } },
        { call: "quick", input: { item: "quick" } },
      ]);
      const b = await bench({ model }, make);
      const text = (item: string) => {
        const queued = frame("text", { text: item });
        queued.pts = 7n;
        queued.transportDestination = "screen";
        return queued;
      };
      const slow = async () => {
        b.assistant.queueFrame(text("first"));
        await gate.promise;
        b.assistant.queueFrame(text("third"), Direction.UPSTREAM);
        if (fails) {
          throw new Error("broken");
        }
        return 1;
      };
      b.assistant.registerTool("slow", takes(slow));
      b.assistant.registerTool(
        "quick",
        takes(() => b.assistant.queueFrame(text("second"))),
      );
      await b.ask(hi);
      const texts = () => b.frames.filter(({ kind }) => kind === "text");
      return { b, gate, texts };
    };

    for (const fails of [false, true]) {
      it(`that wait for the last tool${fails ? ", which fails" : ""}, and go out as they are, in order`, async () => {
        const { b, gate, texts } = await queueing(LLMAgent, fails);
        expect(texts()).to.deep.equal([]);
        gate.resolve();
        await settle();
        expect(texts().map(({ value, direction }) => `${value.text} ${direction}`)).to.deep.equal([
          "first down",
          "second down",
          "third up",
        ]);
        for (const { frame: sent } of texts()) {
          expect([sent.pts, sent.transportDestination]).to.deep.equal([7n, "screen"]);
        }
        expect(b.said().slice(-4)).to.deep.equal(["functionCallResult", "functionCallResult", "text", "text"]);
        logger.takeErrors();
      });
    }

    it("that wait only while a tool runs", async () => {
      const { model } = scripted();
      const { assistant, said } = await bench({ model });
      assistant.queueFrame(frame("text", { text: "now" }));
      await settle();
      expect(said()).to.deep.equal(["text"]);
    });

    it("that also go out when the last tool was cancelled", async () => {
      const { b, texts } = await queueing();
      b.send(frame("interruption"));
      await settle();
      expect(texts().map(({ value }) => value.text)).to.deep.equal(["first", "second"]);
    });

    it("that the agent may change before they go", async () => {
      class Loud extends LLMAgent {
        protected override processDeferredToolFrames(frames: readonly QueuedFrame[]): readonly QueuedFrame[] {
          return frames.slice(0, 2).reverse();
        }
      }
      const { gate, texts } = await queueing(Loud);
      gate.resolve();
      await settle();
      expect(texts().map(({ value }) => value.text)).to.deep.equal(["second", "first"]);
    });

    for (const [what, hook] of [
      ["throws", () => expect.fail("hook")],
      ["returns nothing", () => undefined],
      ["returns a promise", async () => []],
    ] as const) {
      it(`that aren't lost where that hook ${what}`, async () => {
        class Broken extends LLMAgent {
          protected override processDeferredToolFrames(): never {
            return hook() as never;
          }
        }
        const { gate, texts } = await queueing(Broken);
        gate.resolve();
        await settle();
        expect(texts()).to.have.lengthOf(3);
        expect(logger.takeErrors()).to.have.lengthOf(1);
      });
    }
  });

  for (const kind of ["functionCallInProgress", "functionCallResult", "llmFullResponseEnd"]) {
    it(`ends also where its frame ${kind} can't be sent, which is reported`, async () => {
      class Unlucky extends LLMAgent {
        override pushFrame(sent: Frame, direction: Direction): void {
          if (sent.kind.case === kind) {
            throw new StatusError(Code.RESOURCE_EXHAUSTED, "the bus is full");
          }
          super.pushFrame(sent, direction);
        }
      }
      const { model } = scripted([anvil]);
      const { assistant, ask, said } = await bench({ model }, Unlucky);
      let calls = 0;
      assistant.registerTool(
        "price",
        takes(() => {
          assistant.queueFrame(frame("text", { text: "held" }));
          return ++calls;
        }),
      );
      await ask(hi);
      expect([calls, assistant.toolCallActive, said().at(-1)]).to.deep.equal([1, false, "text"]);
      // A result that can't be sent is followed by one that says so.
      expect(logger.takeErrors()).to.have.lengthOf(kind === "functionCallResult" ? 2 : 1);
    });
  }

  for (const [name, args] of [
    ["", {}],
    ["other", { since: new Date(0) }],
  ] as const) {
    it(`can't hand off with what can't be sent: its agent stays active (${JSON.stringify([name, args])})`, async () => {
      const { model } = scripted([{ call: "transfer", input: { item: "sales" } }]);
      const { assistant, ask } = await bench({ model });
      assistant.registerTool(
        "transfer",
        takes(() => assistant.handoffTo(name, { args: args as never })),
      );
      await ask(hi);
      expect(assistant.active).to.equal(true);
      expect((logger.takeErrors() as StatusError[]).map(({ code }) => code)).to.deep.equal([Code.INVALID_ARGUMENT]);
    });
  }

  it("hands off once it has ended, after what it had to say", async () => {
    const { model } = scripted([{ call: "transfer", input: { item: "sales" } }]);
    const { assistant, ask, other, said } = await bench({ model });
    const states: unknown[] = [];
    const execute = async () => {
      assistant.handoffTo("other", { args: { why: "sales" } });
      assistant.queueFrame(frame("text", { text: "I put you through." }));
      states.push(assistant.active);
      await settle();
      states.push(assistant.active, other.active);
    };
    assistant.registerTool("transfer", takes(execute));
    await ask(hi);
    await settle();
    expect(states).to.deep.equal([true, true, false]);
    expect([assistant.active, other.active, other.activationArgs]).to.deep.equal([false, true, { why: "sales" }]);
    expect(said().slice(-2)).to.deep.equal(["functionCallResult", "text"]);
    assistant.handoffTo("main");
    expect(assistant.active).to.equal(false);
  });

  it("ends the session once it has ended", async () => {
    const { model } = scripted([{ call: "hangUp", input: { item: "phone" } }]);
    const { assistant, ask, said, main } = await bench({ model });
    assistant.registerTool(
      "hangUp",
      takes(() => assistant.end("bye")),
    );
    await ask(hi);
    await main.finished;
    expect(said().at(-1)).to.equal("functionCallResult");
  });

  it("is refused where it can't be run", async () => {
    const { model } = scripted();
    const agent = new LLMAgent("assistant", { model });
    agent.registerTool(
      "price",
      takes(() => 39),
    );
    expectThrown(Code.ALREADY_EXISTS, () =>
      agent.registerTool(
        "price",
        takes(() => 39),
      ),
    );
    for (const [name, refused, options] of [
      ["", takes(() => 1), {}],
      ["a", tool({ inputSchema, outputSchema: z.number() }), {}],
      ["a", undefined, {}],
      ["a", tool({ inputSchema, execute: () => 1, needsApproval: true }), {}],
      ["a", tool({ inputSchema, execute: () => 1, needsApproval: () => false }), {}],
      ["a", takes(() => 1), { timeoutMs: -1 }],
    ] as const) {
      expectThrown(Code.INVALID_ARGUMENT, () => agent.registerTool(name, refused as never, options));
    }
  });
});

interface Announced {
  readonly functionName: string;
  readonly toolCallId: string;
  readonly arguments: unknown;
  readonly context: { readonly messages: readonly unknown[] };
}
