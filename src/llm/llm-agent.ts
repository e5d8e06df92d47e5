import { type CallSettings, type LanguageModel, streamText, type Tool } from "ai";
import { Direction, type Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { AgentOptions } from "../agent/agent.js";
import { BaseAgent } from "../agent/base-agent.js";
import type { FrameContext } from "../agent/frame-call.js";
import type { EventMap } from "../base/events.js";
import { firstTime } from "../base/first-time.js";
import { Code, formatStatus, invalidArgument, StatusError, show, toStatusError } from "../base/status.js";
import { relief } from "../bus/relief.js";
import { frame } from "../message/build.js";
import { isPlainObject } from "../message/plain-object.js";
import type { FrameKind, FrameOf, Init } from "../message/types.js";
import type { JsValue } from "../message/value.js";
import { toWellFormed } from "../message/well-formed.js";
import { toPrompt } from "./prompt.js";
import { type Asked, type RequestedCall, ToolCalls } from "./tool-calls.js";
import { Toolbox, type ToolOptions } from "./toolbox.js";
import { untilAborted } from "./until-aborted.js";
import { WholeText } from "./whole-text.js";

/** What the AI SDK takes beside the conversation: temperature, number of retries, options of a provider, and so on. */
export type ModelSettings = Omit<CallSettings, "abortSignal"> &
  Pick<Parameters<typeof streamText>[0], "providerOptions">;

/** What can be said about an agent that has a language model. */
export interface LLMAgentOptions extends AgentOptions {
  /** The model that answers: any of the AI SDK. */
  readonly model: LanguageModel;
  /** What the model is told before each conversation. Default: nothing but the conversation. */
  readonly instructions?: string;
  /** How the model is called. Default: as the AI SDK and the provider have it. */
  readonly settings?: ModelSettings;
  /** As for any agent, but by default it is inactive until it is activated. */
  readonly active?: boolean;
  /** As for any agent, but by default it takes frames from any bridge. */
  readonly bridges?: readonly string[];
}

/** A frame that is to be sent on, and where to. */
export interface QueuedFrame {
  readonly frame: Frame;
  readonly direction: Direction;
}

/** Two frames that are the same, sent in both directions, know of each other by these. */
let lastFrameId = 0n;

/**
 * An agent that answers conversations from a language model, through the AI SDK. It works as Pipecat's `LLMWorker`
 * does, and takes its place on either side of a bridge:
 *
 * - It keeps no conversation. Each `llmContext` that comes brings the whole of it, is answered DOWNSTREAM with
 *   `llmFullResponseStart`, `llmText` and `llmFullResponseEnd`, and goes no further. Everything else is passed on.
 * - An interruption stops the answer at once, and cancels the tools that are running.
 * - Activated with `{ messages, run_llm }`, it asks the owner of the conversation to add the messages and, unless
 *   `run_llm` is false, to have it answer. That is how it greets. If it has tools, it lists them first.
 * - When the model calls tools, the agent runs them, and tells of it with frames about function calls, in both
 *   directions. The owner of the conversation adds the results, and sends it once more.
 * - When the model fails, that is reported, and an `error` frame goes UPSTREAM.
 *
 * A subclass that overrides `onFrame()` or `onActivated()` calls the method that it overrides.
 *
 * @example
 * class Assistant extends LLMAgent {
 *   constructor() {
 *     super("assistant", { model: openai("gpt-5-mini"), instructions: "You help the customers of Acme." });
 *     this.registerTool(
 *       "price",
 *       tool({
 *         description: "What an item costs, in dollars.",
 *         inputSchema: z.object({ item: z.string() }),
 *         execute: ({ item }) => ({ dollars: prices[item] ?? null }),
 *       }),
 *     );
 *   }
 * }
 */
export class LLMAgent<Events extends EventMap = Record<never, never>> extends BaseAgent<Events> {
  readonly #model: LanguageModel;
  readonly #instructions: string | undefined;
  readonly #settings: ModelSettings;
  readonly #toolbox = new Toolbox();
  readonly #toolCalls: ToolCalls;
  readonly #isNew = firstTime();
  /** What tools have queued, and what they have asked for that ends their agent's turn. */
  #deferred: QueuedFrame[] = [];
  #afterTools: (() => void)[] = [];

  /** Throws INVALID_ARGUMENT for a bad name, and for a model that is none. */
  constructor(name: string, options: LLMAgentOptions) {
    super(name, { ...options, active: options.active ?? false, bridges: options.bridges ?? [] });
    if (typeof options.model !== "string" && typeof options.model?.doStream !== "function") {
      throw invalidArgument("model", options.model, "must be a language model of the AI SDK");
    }
    this.#model = options.model;
    this.#instructions = options.instructions;
    this.#settings = options.settings ?? {};
    const owner = {
      name,
      clock: () => this.context.clock,
      broadcast: <K extends FrameKind>(kind: K, init: Init<FrameOf<K>>) => this.#broadcast(kind, init),
      reportError: (error: unknown) => this.reportError(error),
      relief: (stop: AbortSignal) => this.#relief(stop),
      idle: () => this.#flush(),
    };
    this.#toolCalls = new ToolCalls(owner, this.#toolbox);
  }

  /** Whether a tool is running. */
  get toolCallActive(): boolean {
    return this.#toolCalls.active;
  }

  /**
   * Gives the model a tool, made with the AI SDK's `tool()`. Its `execute` gets arguments that fit its schema, and a
   * signal that aborts when the call is cancelled. What it returns is the result, and the model goes on with it; without
   * a result it isn't run again. What it throws is reported, and the model is told that the tool failed.
   *
   * It may be an async generator: the result is what it returns. Of a tool in the background the model is told
   * everything that is yielded, as it comes; otherwise, with nothing returned, the last of it is the result.
   *
   * Throws INVALID_ARGUMENT for a tool without `execute` and one that needs approval, which nobody here could give, and
   * ALREADY_EXISTS for a name that is taken.
   */
  registerTool<Input, Output>(name: string, tool: Tool<Input, Output>, options: ToolOptions = {}): void {
    this.#toolbox.register(name, tool as Tool, options);
  }

  /**
   * Sends a frame on as `pushFrame()` does, but not while a tool is running: then it waits until the last one has
   * ended, and its result was sent. Such frames go out in the order in which they were queued. Use it in tools, so that
   * what they say doesn't get between the model's words.
   */
  queueFrame(queued: Frame, direction: Direction = Direction.DOWNSTREAM): void {
    if (this.#toolCalls.active) {
      this.#deferred.push({ frame: queued, direction });
    } else {
      this.pushFrame(queued, direction);
    }
  }

  /**
   * Gets the frames that were queued while tools ran, before they are sent. Returns what is to be sent in their place:
   * the same, unless overridden.
   */
  protected processDeferredToolFrames(frames: readonly QueuedFrame[]): readonly QueuedFrame[] {
    return frames;
  }

  protected override async onActivated(args: JsValue | undefined): Promise<void> {
    const standardTools = await this.#toolbox.describe();
    if (standardTools.length > 0) {
      this.pushFrame(frame("llmSetTools", { tools: { standardTools } }), Direction.DOWNSTREAM);
    }
    const { messages = null, run_llm: runLlm = null } = isPlainObject(args) ? (args as ActivationArgs) : {};
    if (messages !== null && !Array.isArray(messages)) {
      throw invalidArgument("args.messages", messages, "must be a list of messages");
    }
    if (messages !== null && messages.length > 0) {
      this.pushFrame(frame("llmMessagesAppend", { messages, runLlm: runLlm !== false }), Direction.DOWNSTREAM);
    }
  }

  protected override onFrame(received: Frame, direction: Direction, { signal }: FrameContext): void | Promise<void> {
    if (received.kind.case === "llmContext") {
      return this.#answer(received.kind.value, signal);
    }
    if (received.kind.case === "interruption") {
      this.#toolCalls.interrupt();
    }
    this.pushFrame(received, direction);
  }

  /** To hand off, and to end the session, waits until no tool is running: its result would be nobody's. */
  protected override endTurn(action: () => void): void {
    if (this.#toolCalls.active) {
      this.#afterTools.push(action);
    } else {
      action();
    }
  }

  protected override endTasks(): void {
    super.endTasks();
    this.#toolCalls.close();
    this.#deferred = [];
    this.#afterTools = [];
  }

  async #answer(received: FrameOf<"llmContext">, signal: AbortSignal): Promise<void> {
    let runCalls = () => {};
    this.pushFrame(frame("llmFullResponseStart"), Direction.DOWNSTREAM);
    try {
      const { calls, asked } = await this.#stream(received, signal);
      if (calls.length > 0 && !signal.aborted) {
        runCalls = this.#toolCalls.announce(calls, asked);
      }
    } catch (error) {
      // Interrupted: whatever was said stays said.
      if (!signal.aborted) {
        void this.runHook(() => this.#modelFailed(error));
      }
    }
    if (!this.ended) {
      try {
        this.pushFrame(frame("llmFullResponseEnd"), Direction.DOWNSTREAM);
      } finally {
        // What was announced has to end with a result.
        runCalls();
      }
    }
  }

  /** Has the model answer, sends what it says, and returns what it calls. */
  async #stream(
    { context }: FrameOf<"llmContext">,
    signal: AbortSignal,
  ): Promise<{ readonly calls: readonly RequestedCall[]; readonly asked: Asked }> {
    if (context === undefined) {
      throw new StatusError(Code.INVALID_ARGUMENT, "llmContext.context: must be there, to be answered");
    }
    const { messages, toolChoice, leftOut } = toPrompt(context, (name) => this.#toolbox.get(name) !== undefined);
    for (const what of leftOut) {
      this.#warnOnce(what);
    }
    if (messages.length === 0) {
      throw new StatusError(Code.FAILED_PRECONDITION, "the conversation has no message that a model could answer");
    }
    const { fullStream } = streamText({
      ...this.#settings,
      model: this.#model,
      messages,
      // The conversation belongs to the application, on whichever side of the bridge it is kept.
      allowSystemInMessages: true,
      ...(this.#instructions === undefined ? {} : { system: this.#instructions }),
      tools: this.#toolbox.forModel(),
      ...(toolChoice === undefined ? {} : { toolChoice }),
      abortSignal: signal,
      experimental_download: async (wanted) => wanted.map(refuseToDownload),
      // Errors come out of the stream below; by default they would be printed here as well.
      onError: () => {},
    });
    const calls: RequestedCall[] = [];
    const whole = new WholeText();
    for await (const part of untilAborted(fullStream, signal)) {
      switch (part.type) {
        case "text-delta":
          this.#say(whole.next(part.text));
          await this.#relief(signal);
          break;
        case "tool-call":
          if (part.providerExecuted !== true) {
            const { toolCallId, toolName, input } = part;
            calls.push({ toolCallId, toolName, input, error: part.invalid === true ? part.error : undefined });
          }
          break;
        case "error":
          throw part.error;
      }
    }
    this.#say(whole.end());
    return { calls, asked: { context, messages } };
  }

  #say(text: string): void {
    if (text !== "") {
      this.pushFrame(frame("llmText", { text }), Direction.DOWNSTREAM);
    }
  }

  /** Waits for a listener who is slower than the model, or than a tool, so that the end of what they say has room. */
  #relief(signal: AbortSignal): Promise<void> | undefined {
    const target = this.segmentTarget;
    return target === undefined ? undefined : relief(this.context.bus, target, signal);
  }

  #modelFailed(error: unknown): void {
    this.reportError(error);
    if (!this.ended) {
      const text = `the language model failed: ${formatStatus(toStatusError(error))}`;
      this.pushFrame(frame("error", { error: toWellFormed(text) }), Direction.UPSTREAM);
    }
  }

  #broadcast<K extends FrameKind>(kind: K, init: Init<FrameOf<K>>): void {
    const down: Frame = frame(kind, init);
    const up: Frame = frame(kind, down.kind.value as Init<FrameOf<K>>);
    down.id = up.broadcastSiblingId = ++lastFrameId;
    up.id = down.broadcastSiblingId = ++lastFrameId;
    this.pushFrame(down, Direction.DOWNSTREAM);
    this.pushFrame(up, Direction.UPSTREAM);
  }

  /** Sends what was held while tools ran, and does what they asked for. One that fails doesn't keep up the others. */
  #flush(): void {
    const held = this.#deferred;
    const actions = this.#afterTools;
    this.#deferred = [];
    this.#afterTools = [];
    let frames: readonly QueuedFrame[] = held;
    const attempt = (action: () => void) => void this.runHook(action);
    if (held.length > 0) {
      attempt(() => {
        frames = checkQueued(this.processDeferredToolFrames(held));
      });
    }
    for (const { frame: queued, direction } of frames) {
      attempt(() => this.pushFrame(queued, direction));
    }
    for (const action of actions) {
      attempt(action);
    }
  }

  #warnOnce(what: string): void {
    if (this.#isNew(what)) {
      this.context.logger.warn("the model doesn't get all of the conversation", { agent: this.name, without: what });
    }
  }
}

/** Not everybody's compiler sees what an override returns. */
function checkQueued(frames: unknown): readonly QueuedFrame[] {
  if (!Array.isArray(frames)) {
    throw invalidArgument("processDeferredToolFrames()", frames, "must return a list of frames");
  }
  return frames;
}

/** What an agent is activated with, as Pipecat writes it. */
interface ActivationArgs {
  readonly messages?: JsValue;
  readonly run_llm?: JsValue;
}

/**
 * Lets a model fetch what it can fetch by itself. This process doesn't: the addresses come from a peer, who could reach
 * hosts that way which only this one should.
 */
function refuseToDownload({ url, isUrlSupportedByModel }: { url: URL; isUrlSupportedByModel: boolean }): null {
  if (isUrlSupportedByModel) {
    return null;
  }
  throw new StatusError(
    Code.FAILED_PRECONDITION,
    `the model can't fetch ${show(url.href)} by itself, and this agent fetches nothing: send it as a data: URL`,
  );
}
