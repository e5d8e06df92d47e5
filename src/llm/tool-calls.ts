import type { ModelMessage } from "ai";
import type { LLMContext } from "../../gen/crossbus/v1/frame_kinds_pb.js";
import type { Value } from "../../gen/crossbus/v1/value_pb.js";
import type { Clock } from "../base/clock.js";
import { randomUuid } from "../base/random-uuid.js";
import { Code, StatusError, show, toStatusError } from "../base/status.js";
import type { FrameKind, FrameOf, Init } from "../message/types.js";
import { toValue, type ValueInit } from "../message/value.js";
import { toWellFormed } from "../message/well-formed.js";
import type { RegisteredTool, Toolbox } from "./toolbox.js";

/** A call as a model makes it. */
export interface RequestedCall {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
  /** What is wrong with it, where something is: the input doesn't fit, say. */
  readonly error: unknown;
}

/** What the conversation was when a model asked for calls. */
export interface Asked {
  readonly context: LLMContext;
  readonly messages: ModelMessage[];
}

/** What running calls needs of the agent. */
export interface ToolCallsOwner {
  readonly name: string;
  clock(): Clock;
  /** Sends a frame in both directions, as Pipecat does with frames about function calls. */
  broadcast<K extends FrameKind>(kind: K, init: Init<FrameOf<K>>): void;
  reportError(error: unknown): void;
  /** Resolves once there is room to send, or `stop` aborts. Undefined where there is room now. */
  relief(stop: AbortSignal): Promise<void> | undefined;
  /** The last call that was running has ended. */
  idle(): void;
}

/** A call from its start to its end. */
interface Call {
  readonly functionName: string;
  readonly toolCallId: string;
  readonly arguments: Value;
  readonly input: unknown;
  readonly registered: RegisteredTool | undefined;
  /** Why the call is not run, if it isn't. */
  readonly refusal: StatusError | undefined;
  readonly aborter: AbortController;
}

/**
 * The calls of tools that a model asks for. They run side by side, and each ends once: with a result, which may tell of
 * an error, or cancelled.
 */
export class ToolCalls {
  readonly #owner: ToolCallsOwner;
  readonly #toolbox: Toolbox;
  readonly #running = new Set<Call>();
  #closed = false;

  constructor(owner: ToolCallsOwner, toolbox: Toolbox) {
    this.#owner = owner;
    this.#toolbox = toolbox;
  }

  /** Whether a tool is running. */
  get active(): boolean {
    return this.#running.size > 0;
  }

  /** Tells that calls begin. Run them with the function that is returned. */
  announce(requested: readonly RequestedCall[], asked: Asked): () => void {
    const ids = new Set([...this.#running].map(({ toolCallId }) => toolCallId));
    const calls = requested.map((call) => this.#call(call, ids));
    this.#owner.broadcast("functionCallsStarted", {
      functionCalls: calls.map(({ functionName, toolCallId, arguments: args }) => ({
        functionName,
        toolCallId,
        arguments: args,
        context: asked.context,
      })),
    });
    return () => this.#runAll(calls, asked);
  }

  /** Cancels the calls that an interruption cancels. */
  interrupt(): void {
    for (const call of [...this.#running]) {
      if (call.registered?.cancelOnInterruption !== false) {
        this.#cancel(call, new StatusError(Code.CANCELLED, "the user interrupted"), false);
      }
    }
  }

  /** Cancels all calls, and runs no more: the agent has ended. */
  close(): void {
    this.#closed = true;
    for (const call of this.#running) {
      call.aborter.abort(new StatusError(Code.CANCELLED, `agent ${show(this.#owner.name)} has ended`));
    }
    this.#running.clear();
  }

  #call({ toolCallId: id, toolName, input, error }: RequestedCall, ids: Set<string>): Call {
    const registered = this.#toolbox.get(toolName);
    // Two calls of one id would be one in the conversation.
    const toolCallId = ids.has(id) ? `${id}-${randomUuid()}` : id;
    ids.add(toolCallId);
    const refusal =
      registered === undefined
        ? new StatusError(Code.NOT_FOUND, `there is no tool ${show(toolName)}`)
        : error === undefined
          ? undefined
          : new StatusError(Code.INVALID_ARGUMENT, messageOf(error), { cause: error });
    const aborter = new AbortController();
    return { functionName: toolName, toolCallId, arguments: plain(input), input, registered, refusal, aborter };
  }

  #runAll(calls: readonly Call[], asked: Asked): void {
    // The last of a group to end runs the model, once for all.
    const groupId = randomUuid();
    for (const call of calls) {
      this.#running.add(call);
    }
    for (const { functionName, toolCallId, arguments: args, registered } of calls) {
      const cancelOnInterruption = registered?.cancelOnInterruption ?? true;
      const frame = { functionName, toolCallId, arguments: args, cancelOnInterruption, groupId };
      this.#send("functionCallInProgress", frame);
    }
    for (const call of calls) {
      // An earlier one of the group may have ended the agent.
      if (this.#running.has(call)) {
        void this.#run(call, asked);
      }
    }
  }

  async #run(call: Call, asked: Asked): Promise<void> {
    const { registered, aborter } = call;
    const timeoutMs = registered?.timeoutMs;
    const stopTimer =
      timeoutMs === undefined ? () => {} : this.#owner.clock().after(timeoutMs, () => this.#timeOut(call, timeoutMs));
    // Whatever a result is waited for, a call that was cancelled is over.
    aborter.signal.addEventListener("abort", stopTimer, { once: true });
    try {
      this.#end(call, { result: toValue((await this.#execute(call, asked)) ?? null, "result") });
    } catch (error) {
      this.#fail(call, error);
    } finally {
      stopTimer();
    }
  }

  /** Runs the tool. What a tool that goes on in the background tells on the way is sent as it comes. */
  async #execute(call: Call, { messages }: Asked): Promise<ValueInit | undefined> {
    const { registered, refusal, input, toolCallId, aborter } = call;
    if (refusal !== undefined || registered === undefined) {
      throw refusal;
    }
    const options = { toolCallId, messages, abortSignal: aborter.signal };
    const output: unknown = await registered.tool.execute?.(input, options);
    if (!isAsyncIterable(output)) {
      return output as ValueInit | undefined;
    }
    const outputs = output[Symbol.asyncIterator]();
    let last: ValueInit | undefined;
    try {
      for (;;) {
        const { done, value } = await outputs.next();
        if (done === true) {
          return (value as ValueInit | undefined) ?? last;
        }
        if (aborter.signal.aborted) {
          return undefined;
        }
        if (registered.cancelOnInterruption) {
          last = value as ValueInit;
        } else {
          this.#result(call, { result: toValue(value as ValueInit, "result"), properties: { isFinal: false } });
          await this.#owner.relief(aborter.signal);
        }
      }
    } finally {
      // One that isn't read to its end is told so: it may hold something.
      await outputs.return?.();
    }
  }

  #fail(call: Call, error: unknown): void {
    // What a tool throws that was told to stop is no news.
    if (this.#running.has(call)) {
      this.#owner.reportError(error);
      this.#end(call, { result: failure(call), error: messageOf(error) });
    }
  }

  #end(call: Call, result: Pick<Init<FrameOf<"functionCallResult">>, "result" | "error">): void {
    if (this.#running.has(call)) {
      if (!this.#result(call, result)) {
        // A result that can't be sent, since it is too large say, is none. The call has to end with one all the same.
        this.#result(call, { result: failure(call), error: "RESOURCE_EXHAUSTED: the result could not be sent" });
      }
      this.#settle(call);
    }
  }

  #timeOut(call: Call, timeoutMs: number): void {
    const error = new StatusError(
      Code.DEADLINE_EXCEEDED,
      `the tool ${show(call.functionName)} took longer than ${timeoutMs} ms`,
    );
    if (this.#running.has(call)) {
      this.#owner.reportError(error);
      this.#cancel(call, error, true);
    }
  }

  #cancel(call: Call, why: StatusError, runLlm: boolean): void {
    const { functionName, toolCallId } = call;
    this.#send("functionCallCancel", { functionName, toolCallId, runLlm });
    this.#settle(call);
    call.aborter.abort(why);
  }

  #settle(call: Call): void {
    this.#running.delete(call);
    if (!this.active && !this.#closed) {
      this.#owner.idle();
    }
  }

  #result(call: Call, rest: Init<FrameOf<"functionCallResult">>): boolean {
    const { functionName, toolCallId, arguments: args } = call;
    return this.#send("functionCallResult", { functionName, toolCallId, arguments: args, ...rest });
  }

  /**
   * Sends a frame about a call that is running, and returns whether that worked. What can't be sent is reported: the call
   * goes on to its end.
   */
  #send<K extends FrameKind>(kind: K, init: Init<FrameOf<K>>): boolean {
    try {
      this.#owner.broadcast(kind, init);
      return true;
    } catch (error) {
      this.#owner.reportError(error);
      return false;
    }
  }
}

/** What a model is told of a call that failed. The error itself is for those who read logs. */
function failure({ functionName, registered, refusal }: Call): string {
  if (registered === undefined) {
    return `There is no function ${functionName}: do without it.`;
  }
  return refusal === undefined
    ? `The function ${functionName} has failed, and there is no result.`
    : `The function ${functionName} doesn't take these arguments: ${refusal.message}`;
}

/** An error in one line, as Pipecat writes it: `TypeError: fetch failed`. */
function messageOf(error: unknown): string {
  const status = toStatusError(error);
  const type = error instanceof Error && !(error instanceof StatusError) ? error.name : Code[status.code];
  return toWellFormed(`${type}: ${status.message}`);
}

/** What a model gives to a function, as the conversation records it. A schema may have made anything of it. */
function plain(input: unknown): Value {
  try {
    return toValue((input ?? {}) as ValueInit, "arguments");
  } catch {
    try {
      return toValue(JSON.parse(JSON.stringify(input)), "arguments");
    } catch {
      return toValue({});
    }
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
