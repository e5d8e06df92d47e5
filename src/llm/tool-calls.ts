import type { ModelMessage } from "ai";
import type { LLMContext } from "../../gen/crossbus/v1/frame_kinds_pb.js";
import type { Value } from "../../gen/crossbus/v1/value_pb.js";
import type { Clock } from "../base/clock.js";
import { randomUuid } from "../base/random-uuid.js";
import { Code, StatusError, show } from "../base/status.js";
import type { FrameKind, FrameOf, Init } from "../message/types.js";
import { toValue, type ValueInit } from "../message/value.js";
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
    const calls = requested.map((call) => this.#call(call));
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

  #call({ toolCallId, toolName, input, error }: RequestedCall): Call {
    const registered = this.#toolbox.get(toolName);
    let args = toValue({});
    let refusal =
      registered === undefined
        ? new StatusError(Code.NOT_FOUND, `there is no tool ${show(toolName)}`)
        : error === undefined
          ? undefined
          : new StatusError(Code.INVALID_ARGUMENT, messageOf(error), { cause: error });
    try {
      args = toValue((input ?? {}) as ValueInit, "arguments");
    } catch (failure) {
      refusal ??= failure as StatusError;
    }
    const aborter = new AbortController();
    return { functionName: toolName, toolCallId, arguments: args, input, registered, refusal, aborter };
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
    for (;;) {
      const { done, value } = await outputs.next();
      if (done === true) {
        return (value as ValueInit | undefined) ?? last;
      }
      if (aborter.signal.aborted) {
        await outputs.return?.();
        return undefined;
      }
      if (registered.cancelOnInterruption) {
        last = value as ValueInit;
      } else {
        this.#result(call, { result: toValue(value as ValueInit, "result"), properties: { isFinal: false } });
      }
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
      this.#result(call, result);
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

  #result(call: Call, rest: Init<FrameOf<"functionCallResult">>): void {
    const { functionName, toolCallId, arguments: args } = call;
    this.#send("functionCallResult", { functionName, toolCallId, arguments: args, ...rest });
  }

  /** Sends a frame about a call that is running. What can't be sent is reported: the call goes on to its end. */
  #send<K extends FrameKind>(kind: K, init: Init<FrameOf<K>>): void {
    try {
      this.#owner.broadcast(kind, init);
    } catch (error) {
      this.#owner.reportError(error);
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
  if (error instanceof StatusError) {
    return `${Code[error.code]}: ${error.message}`;
  }
  return error instanceof Error ? `${error.name}: ${error.message}` : show(error);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
