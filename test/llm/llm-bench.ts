import type { LanguageModelV3CallOptions, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { MockLanguageModelV3 } from "ai/test";
import { Direction, type Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { Bridge } from "../../src/agent/bridge.js";
import { LLMAgent, type LLMAgentOptions } from "../../src/llm/llm-agent.js";
import { frame } from "../../src/message/build.js";
import { toJs, type ValueInit } from "../../src/message/value.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { idle } from "../support/idle.js";
import type { RecordingLogger } from "../support/recording-logger.js";
import { TestAgent } from "../support/test-agent.js";
import { useRunners } from "../support/use-runners.js";

/** What a scripted model does: text, calls of tools, other parts of a stream, errors that it fails with, and waiting. */
export type Step =
  | string
  | { readonly call: string; readonly input?: unknown; readonly id?: string }
  | LanguageModelV3StreamPart
  | Error
  | Promise<unknown>;

/** A mock model of the AI SDK that gives these answers, one a call, and what it was called with. */
export function scripted(...answers: readonly (readonly Step[])[]): {
  readonly model: MockLanguageModelV3;
  readonly asked: LanguageModelV3CallOptions[];
} {
  const left = [...answers];
  const asked: LanguageModelV3CallOptions[] = [];
  const model = new MockLanguageModelV3({
    doStream: async (options) => {
      asked.push(options);
      const parts = answer(left.shift() ?? ["(nothing more is scripted)"]);
      const stream = new ReadableStream<LanguageModelV3StreamPart>({
        async pull(controller) {
          const { done, value } = await parts.next();
          if (done === true) {
            controller.close();
          } else {
            controller.enqueue(value);
          }
        },
      });
      return { stream };
    },
  });
  return { model, asked };
}

let calls = 0;

async function* answer(steps: readonly Step[]): AsyncGenerator<LanguageModelV3StreamPart> {
  yield { type: "stream-start", warnings: [] };
  yield { type: "text-start", id: "0" };
  for (const step of steps) {
    if (typeof step === "string") {
      yield { type: "text-delta", id: "0", delta: step };
    } else if (step instanceof Error) {
      yield { type: "error", error: step };
    } else if (step instanceof Promise) {
      await step;
    } else if ("call" in step) {
      const toolCallId = step.id ?? `call ${++calls}`;
      const input = typeof step.input === "string" ? step.input : JSON.stringify(step.input ?? {});
      yield { type: "tool-call", toolCallId, toolName: step.call, input };
    } else {
      yield step;
    }
  }
  yield { type: "text-end", id: "0" };
  const tokens = { total: 1, text: 1, reasoning: undefined, noCache: 1, cacheRead: undefined, cacheWrite: undefined };
  const usage = { inputTokens: tokens, outputTokens: tokens };
  yield { type: "finish", usage, finishReason: { unified: "stop", raw: undefined } };
}

/** An agent with a language model, and the owner of the media that it works for. */
export interface LLMBench {
  readonly assistant: LLMAgent;
  readonly clock: VirtualClock;
  /** Another agent on the same bus. */
  readonly other: TestAgent;
  readonly main: TestAgent;
  /** The frames that came back, each as its direction, kind and content. */
  readonly frames: readonly ReceivedFrame[];
  /** The kinds of frames that came back DOWNSTREAM, text as it is. */
  said(): readonly string[];
  send(frame: Frame, direction?: Direction): void;
  /** Sends a conversation, and waits until what comes of it has come. */
  ask(...messages: readonly ValueInit[]): Promise<void>;
}

export interface ReceivedFrame {
  readonly direction: "up" | "down";
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what kind it looks at.
  readonly value: any;
  readonly frame: Frame;
}

/** Provides a suite with agents that have a language model. */
export function useLLMBench(
  logger: RecordingLogger,
): (options: LLMAgentOptions, make?: new (name: string, options: LLMAgentOptions) => LLMAgent) => Promise<LLMBench> {
  const runners = useRunners(logger);
  return async (options, make = LLMAgent) => {
    const clock = new VirtualClock();
    const runner = runners.make({ clock });
    const main = new TestAgent("main");
    const other = new TestAgent("other", { active: false });
    const assistant = new make("assistant", { active: true, ...options });
    let bridge: Bridge | undefined;
    const frames: ReceivedFrame[] = [];
    main.hooks = {
      ready() {
        bridge = main.createBridge({ targetAgent: "assistant" });
      },
      bridgeFrame(received, direction) {
        const { case: kind = "none", value } = received.kind;
        frames.push({ direction: direction === Direction.UPSTREAM ? "up" : "down", kind, value, frame: received });
      },
    };
    for (const agent of [main, other, assistant]) {
      await runner.addAgent(agent);
    }
    const ready = new Promise<void>((resolve) => runner.once("ready", resolve));
    void runner.run();
    await ready;
    const send = (sent: Frame, direction = Direction.DOWNSTREAM) => bridge?.send(sent, direction);
    return {
      assistant,
      clock,
      main,
      other,
      frames,
      said() {
        const down = frames.filter(({ direction }) => direction === "down");
        return down.map(({ kind, value }) => (kind === "llmText" ? JSON.stringify(value.text) : kind));
      },
      send,
      async ask(...messages) {
        send(frame("llmContext", { context: { messages } }));
        await settle();
      },
    };
  };
}

/** Waits for what needs no more than some turns of the event loop: streams of the SDK take a few. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await idle();
  }
}

/** The frames of one kind that came DOWNSTREAM, as plain values of some of their fields. */
export function contents(bench: LLMBench, kind: string, ...fields: readonly string[]): readonly unknown[] {
  return bench.frames
    .filter((received) => received.kind === kind && received.direction === "down")
    .map(({ value }) => Object.fromEntries(fields.map((field) => [field, plain(value[field])])));
}

// biome-ignore lint/suspicious/noExplicitAny: a field may be anything.
function plain(field: any): unknown {
  return field?.$typeName === "crossbus.v1.Value" ? toJs(field) : field;
}
