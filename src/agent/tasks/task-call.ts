import { type BusMessage, TaskStatus } from "../../../gen/crossbus/v1/message_pb.js";
import type { Value } from "../../../gen/crossbus/v1/value_pb.js";
import type { Clock } from "../../base/clock.js";
import { type Deferred, deferred } from "../../base/deferred.js";
import { asyncDispose } from "../../base/dispose.js";
import { onAbort } from "../../base/on-abort.js";
import { Code, type Status, StatusError, show, toStatusError } from "../../base/status.js";
import { busMessage } from "../../message/build.js";
import { toJs } from "../../message/value.js";
import type { AgentRegistry } from "../registry.js";
import { EventQueue } from "./event-queue.js";
import type { Task, TaskEvent, TaskOutcome, TaskState } from "./task.js";
import { reasonText, responseError, shortText, workerError } from "./task-error.js";
import type { TaskPart, TaskParts } from "./task-parts.js";

/** What a task is started with. */
export interface TaskCallOptions {
  readonly id: string;
  readonly name: string | undefined;
  readonly agentNames: readonly string[];
  readonly payload: Value | undefined;
  readonly parts: TaskParts;
  /** Whether the first error ends it. */
  readonly cancelOnError: boolean;
  readonly cancellable: boolean;
  readonly timeoutMs: number | undefined;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** What a task needs of the agent that requests it. */
export interface TaskCallHost {
  readonly clock: Clock;
  readonly registry: AgentRegistry;
  send(message: BusMessage): void;
  /** Sends a cancel, now or once there is room for it. */
  sendCancel(cancel: BusMessage, agentName: string): void;
  /** Is told that a worker is gone. Calls `gone()` once everything that the worker has sent before has been handled. */
  goneLater(call: TaskCall, agentName: string): void;
  /** Is told once that the task has ended, with why it failed if it did. */
  ended(call: TaskCall, error: StatusError | undefined): void;
}

/** Why there is no response of a worker that has ended, or whose connection is lost. */
export const gone: Status = { code: Code.UNAVAILABLE, message: "is gone before it has responded", details: [] };

/** One event as it came over the bus. */
export interface IncomingEvent {
  readonly type: TaskEvent["type"];
  readonly data: Value | undefined;
}

/** The requester's end of a task. `project` makes what awaiting the task gives of the outcomes of its workers. */
export class TaskCall implements Task<unknown, TaskEvent, unknown> {
  readonly id: string;
  readonly name: string | undefined;
  readonly agentNames: readonly string[];
  readonly cancellable: boolean;
  readonly #options: TaskCallOptions;
  readonly #host: TaskCallHost;
  readonly #project: (outcomes: ReadonlyMap<string, TaskOutcome<unknown>>) => unknown;
  readonly #outcomes = new Map<string, TaskOutcome<unknown>>();
  readonly #known = new Set<string>();
  /** Workers that are gone, while what they have sent before is handled. */
  readonly #leaving = new Set<string>();
  readonly #events = new EventQueue<TaskEvent>();
  /** Undoes what was set up: timers, watches, the listener of the signal. */
  readonly #undo: (() => void)[] = [];
  #state: TaskState = "waiting";
  #error: StatusError | undefined;
  #result: Deferred<unknown> | undefined;

  constructor(
    options: TaskCallOptions,
    host: TaskCallHost,
    project: (outcomes: ReadonlyMap<string, TaskOutcome<unknown>>) => unknown,
  ) {
    this.id = options.id;
    this.name = options.name;
    this.agentNames = options.agentNames;
    this.cancellable = options.cancellable;
    this.#options = options;
    this.#host = host;
    this.#project = project;
  }

  get state(): TaskState {
    return this.#state;
  }

  get outcomes(): ReadonlyMap<string, TaskOutcome<unknown>> {
    return new Map(this.#outcomes);
  }

  get droppedEvents(): number {
    return this.#events.dropped;
  }

  /** Sends the requests as soon as all workers are known, which may be at once. */
  start(): void {
    const { signal, timeoutMs, readyTimeoutMs } = this.#options;
    const { clock, registry } = this.#host;
    if (signal?.aborted === true) {
      this.#aborted(signal);
      return;
    }
    if (signal !== undefined) {
      this.#undo.push(onAbort(signal, () => this.#aborted(signal)));
    }
    for (const agentName of this.agentNames) {
      const watcher = { ready: () => this.#ready(agentName), gone: () => this.#gone(agentName) };
      this.#undo.push(registry.watch(agentName, watcher));
    }
    if (this.#isDone) {
      // The request could not be sent; what was set up since then is undone too.
      this.#release();
      return;
    }
    if (this.#state === "waiting") {
      const gateMs = Math.min(readyTimeoutMs, timeoutMs ?? readyTimeoutMs);
      const closeGate = clock.after(gateMs, () => this.#gateTimeout(gateMs));
      this.#undo.push(closeGate);
    }
    if (timeoutMs !== undefined) {
      this.#undo.push(clock.after(timeoutMs, () => this.#timeout(timeoutMs)));
    }
  }

  cancel(reason?: string): void {
    const text = reasonText(reason);
    this.#fail(new StatusError(Code.CANCELLED, `${this.#title} was cancelled${because(text)}`), text);
  }

  /** Fails the task, and cancels it at the workers that aren't done: its agent ends. */
  abort(why: StatusError, reason?: string): void {
    for (const agentName of this.#leaving) {
      this.lost(agentName, gone);
    }
    this.#fail(why, reason);
  }

  requestUpdate(): void {
    if (this.#state !== "running") {
      throw new StatusError(Code.FAILED_PRECONDITION, `${this.#title} is ${this.#state}, there is nothing to update`);
    }
    for (const target of this.#unanswered()) {
      this.#host.send(busMessage("taskUpdateRequest", { taskId: this.id }, { target }));
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: a task is awaited
  then<Fulfilled = unknown, Rejected = never>(
    onFulfilled?: ((value: unknown) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    // Made when it is first asked for: a promise that rejects with nobody there would end the process.
    if (this.#result === undefined) {
      this.#result = deferred();
      this.#settle();
    }
    return this.#result.promise.then(onFulfilled, onRejected);
  }

  [Symbol.asyncIterator](): AsyncIterator<TaskEvent> {
    return this.#events.read();
  }

  async [asyncDispose](): Promise<void> {
    this.cancel("the block that it belongs to was left");
  }

  // For the agent, which hands over what comes over the bus.

  /** Takes an event from a worker. Returns false when it has no business to send one. */
  event(agentName: string, { type, data }: IncomingEvent, size: number): boolean {
    if (!this.#awaits(agentName)) {
      return false;
    }
    const part = type === "streamData" ? "stream" : type === "update" ? "update" : undefined;
    this.#read(agentName, part, data, type, (read) => {
      this.#events.push({ type, agentName, data: read } as TaskEvent, size);
    });
    return true;
  }

  /** Takes the response of a worker. Returns false when nobody awaits it. */
  response(agentName: string, taskStatus: TaskStatus, response: Value | undefined): boolean {
    if (!this.#awaits(agentName)) {
      return false;
    }
    switch (taskStatus) {
      case TaskStatus.CANCELLED:
      case TaskStatus.FAILED:
      case TaskStatus.ERROR: {
        const error = responseError(agentName, taskStatus, response);
        this.#outcome({ agentName, status: taskStatus, response: plain(response), error });
        break;
      }
      default:
        this.#read(agentName, "response", response, "response", (read) =>
          this.#outcome({ agentName, status: TaskStatus.COMPLETED, response: read }),
        );
    }
    return true;
  }

  /** Takes the end of a worker's stream, which is its response too. Returns false when nobody awaits it. */
  streamEnd(agentName: string, data: Value | undefined, size: number): boolean {
    if (!this.#awaits(agentName)) {
      return false;
    }
    this.#read(agentName, "response", data, "streamEnd", (read) => {
      this.#events.push({ type: "streamEnd", agentName, data: read } as TaskEvent, size);
      this.#outcome({ agentName, status: TaskStatus.COMPLETED, response: read });
    });
    return true;
  }

  /** Takes note that there will be no response, for a reason that is none of the worker's making. */
  lost(agentName: string, why: Status): void {
    if (this.#awaits(agentName)) {
      const error = workerError(agentName, why);
      this.#outcome({ agentName, status: TaskStatus.ERROR, response: undefined, error });
    }
  }

  get #isDone(): boolean {
    return this.#state === "completed" || this.#state === "failed";
  }

  /** The task in an error message. */
  get #title(): string {
    return this.name === undefined ? "the task" : `task ${show(this.name)}`;
  }

  #awaits(agentName: string): boolean {
    return this.#state === "running" && this.agentNames.includes(agentName) && !this.#outcomes.has(agentName);
  }

  #unanswered(): readonly string[] {
    return this.agentNames.filter((name) => !this.#outcomes.has(name));
  }

  #ready(agentName: string): void {
    if (this.#state !== "waiting") {
      return;
    }
    this.#known.add(agentName);
    if (this.#known.size === this.agentNames.length) {
      this.#state = "running";
      this.#request();
    }
  }

  #gone(agentName: string): void {
    this.#known.delete(agentName);
    if (this.#awaits(agentName)) {
      this.#leaving.add(agentName);
      this.#host.goneLater(this, agentName);
    }
  }

  #request(): void {
    for (const target of this.agentNames) {
      if (this.#state !== "running") {
        return;
      }
      try {
        const body = { taskId: this.id, taskName: this.name, payload: this.#options.payload };
        this.#host.send(busMessage("taskRequest", body, { target }));
      } catch (error) {
        this.lost(target, toStatusError(error));
      }
    }
  }

  #read(
    agentName: string,
    part: TaskPart,
    value: Value | undefined,
    path: string,
    take: (read: unknown) => void,
  ): void {
    let read: unknown;
    try {
      read = this.#options.parts.read(part, value, path);
    } catch (error) {
      this.#fail(workerError(agentName, toStatusError(error)), `an invalid ${path}`);
      return;
    }
    take(read);
  }

  #outcome(outcome: TaskOutcome<unknown>): void {
    this.#outcomes.set(outcome.agentName, outcome);
    const { cancelOnError } = this.#options;
    if (cancelOnError && outcome.error !== undefined && outcome.status !== TaskStatus.CANCELLED) {
      this.#fail(outcome.error, `agent ${show(outcome.agentName)} failed`);
    } else if (this.#outcomes.size === this.agentNames.length) {
      this.#end("completed", undefined);
    }
  }

  #aborted(signal: AbortSignal): void {
    const reason: unknown = signal.reason;
    const text = reasonText(reason);
    const error = new StatusError(Code.CANCELLED, `${this.#title} was cancelled${because(text)}`, { cause: reason });
    this.#fail(error, text);
  }

  #gateTimeout(ms: number): void {
    if (this.#state !== "waiting") {
      return;
    }
    const missing = this.agentNames.filter((name) => !this.#known.has(name));
    const names = missing.map(show).join(", ");
    this.#fail(
      new StatusError(
        Code.NOT_FOUND,
        `${this.#title}: no agent ${names} became ready within ${ms} ms: check the name, and that it runs`,
        { details: missing.map((resourceName) => ({ type: "resourceInfo", resourceType: "agent", resourceName })) },
      ),
    );
  }

  #timeout(ms: number): void {
    const names = this.#unanswered();
    this.#fail(
      new StatusError(
        Code.DEADLINE_EXCEEDED,
        `${this.#title} took longer than ${ms} ms: no response from agent ${names.map(show).join(", ")}`,
        { details: names.map((resourceName) => ({ type: "resourceInfo", resourceType: "agent", resourceName })) },
      ),
      "timeout",
    );
  }

  #fail(error: StatusError, reason?: string): void {
    if (this.#isDone) {
      return;
    }
    const running = this.#state === "running";
    this.#end("failed", error);
    if (!running) {
      return;
    }
    const body = { taskId: this.id, reason: reason === undefined ? undefined : shortText(reason) };
    for (const target of this.#unanswered()) {
      this.#host.sendCancel(busMessage("taskCancel", body, { target }), target);
    }
  }

  #end(state: "completed" | "failed", error: StatusError | undefined): void {
    this.#state = state;
    this.#release();
    let failure = error;
    if (failure === undefined) {
      try {
        // A single worker that has cancelled has no response to give.
        this.#project(this.#outcomes);
      } catch (thrown) {
        failure = toStatusError(thrown);
        this.#state = "failed";
      }
    }
    this.#error = failure;
    this.#events.end(failure);
    this.#settle();
    this.#host.ended(this, failure);
  }

  #settle(): void {
    if (this.#state === "failed") {
      this.#result?.reject(this.#error);
    } else if (this.#state === "completed") {
      this.#result?.resolve(this.#project(this.#outcomes));
    }
  }

  #release(): void {
    for (const undo of this.#undo.splice(0)) {
      undo();
    }
  }
}

/** What of a response that tells of an error can be shown as it is. */
function plain(response: Value | undefined): unknown {
  try {
    return toJs(response, "response");
  } catch {
    return undefined;
  }
}

function because(reason: string | undefined): string {
  return reason === undefined || reason === "" ? "" : `: ${reason}`;
}

/** What awaiting a task of one worker gives. Throws when the worker has cancelled it. */
export function singleResponse(outcomes: ReadonlyMap<string, TaskOutcome<unknown>>): unknown {
  for (const { error, response } of outcomes.values()) {
    if (error !== undefined) {
      throw error;
    }
    return response;
  }
  throw new StatusError(Code.INTERNAL, "a task without workers has no response");
}

/** What awaiting a group gives. */
export function groupResult(outcomes: ReadonlyMap<string, TaskOutcome<unknown>>): unknown {
  return new Map(outcomes);
}
