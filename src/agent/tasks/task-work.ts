import { type BusMessage, type TaskRequest, TaskStatus } from "../../../gen/crossbus/v1/message_pb.js";
import type { Value } from "../../../gen/crossbus/v1/value_pb.js";
import { Code, invalidArgument, type Status, StatusError, show, toStatusError } from "../../base/status.js";
import type { AgentBus } from "../../bus/agent-bus.js";
import { relief } from "../../bus/relief.js";
import { busMessage } from "../../message/build.js";
import type { RespondOptions, TaskContext, TaskStream } from "./task-context.js";
import { errorResponse } from "./task-error.js";
import type { TaskParts } from "./task-parts.js";

/** What a worker tells a requester. */
type TaskReply =
  | "taskUpdate"
  | "taskUpdateUrgent"
  | "taskResponse"
  | "taskResponseUrgent"
  | "taskStreamStart"
  | "taskStreamData"
  | "taskStreamEnd";

/** What a task at work needs of the agent that does it. */
export interface TaskWorkHost {
  readonly bus: AgentBus;
  send(message: BusMessage): void;
  /** Sends a response that must arrive, now or once there is room for it. */
  sendAnyhow(response: BusMessage): void;
  /**
   * Is told once that the task needs no further attention: it was responded to, cancelled, or its requester is gone.
   * `code` is how it went.
   */
  ended(code: Code): void;
  /** Is told of an error that nobody else gets to know. */
  reportError(error: unknown): void;
}

/**
 * The worker's end of a task: what its handler gets, and how it is told to stop. Handlers take it apart, as in
 * `({ payload, update }) => …`, so that what they call is bound to it.
 */
export class TaskWork implements TaskContext {
  readonly id: string;
  readonly name: string | undefined;
  readonly requester: string;
  readonly request: BusMessage;
  readonly stream: TaskStream;
  readonly #parts: TaskParts;
  readonly #host: TaskWorkHost;
  readonly #payload: Value | undefined;
  readonly #controller = new AbortController();
  readonly #updateListeners: (() => void | Promise<void>)[] = [];
  #state: "running" | "responded" | "stopped" = "running";
  #streaming = false;
  #read: { readonly payload: unknown } | undefined;

  constructor(request: BusMessage, body: TaskRequest, parts: TaskParts, host: TaskWorkHost) {
    this.id = body.taskId;
    this.name = body.taskName;
    this.requester = request.source;
    this.request = request;
    this.#payload = body.payload;
    this.#parts = parts;
    this.#host = host;
    this.stream = {
      start: (data) => {
        this.#openStream(parts.write(undefined, data, "streamStart"));
      },
      data: (data) => this.#streamData(data),
      end: (data) => this.#endStream(data),
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it has neither been responded to nor stopped. */
  get running(): boolean {
    return this.#state === "running";
  }

  /** Throws INVALID_ARGUMENT for a payload that isn't what the declaration says: see `checkPayload()`. */
  get payload(): never {
    this.#read ??= { payload: this.#parts.read("request", this.#payload, "payload") };
    // Its type is the declaration's, which this class doesn't know.
    return this.#read.payload as never;
  }

  /** Reads the payload, before a handler is called with it. Throws INVALID_ARGUMENT with the path of what is wrong. */
  checkPayload(): void {
    void this.payload;
  }

  readonly update = (data: unknown, { urgent = false }: { readonly urgent?: boolean } = {}): void => {
    this.#checkRunning();
    const update = this.#parts.write("update", data, "update");
    this.#send(urgent ? "taskUpdateUrgent" : "taskUpdate", { update });
  };

  readonly onUpdateRequest = (listener: () => void | Promise<void>): void => {
    this.#updateListeners.push(listener);
  };

  readonly respond = (response?: unknown, options: RespondOptions = {}): void => {
    this.#checkRunning();
    const { status = TaskStatus.COMPLETED, urgent = false } = options;
    if (status === TaskStatus.UNSPECIFIED || TaskStatus[status] === undefined) {
      throw invalidArgument("status", status, "must be a TaskStatus");
    }
    const part = status === TaskStatus.COMPLETED ? "response" : undefined;
    this.#respond(status, this.#parts.write(part, response, "response"), urgent, codeOf(status));
  };

  // For the agent, which runs the handler.

  /** Tells that the requester asks for an update. */
  updateRequested(): void {
    for (const listener of this.#updateListeners) {
      this.#guard(listener);
    }
  }

  /**
   * Takes what the handler returned, once the requester has room for it. It counts for nothing when the handler has
   * responded itself.
   */
  returned(response: unknown): void | Promise<void> {
    const wait = this.#room();
    if (wait !== undefined) {
      return wait.then(() => this.returned(response));
    }
    if (!this.running) {
      return;
    }
    if (this.#streaming) {
      this.#endStream(response);
    } else {
      this.respond(response);
    }
  }

  /** Takes what the handler threw. What isn't a status is an error of the handler's, and reported too. */
  threw(thrown: unknown): void {
    if (this.#state === "stopped") {
      return;
    }
    if (!(thrown instanceof StatusError) || this.#state === "responded") {
      this.#host.reportError(thrown);
    }
    this.fail(toStatusError(thrown));
  }

  /** Responds with an error. */
  fail(why: Status): void {
    if (this.running) {
      this.#respondAnyhow(TaskStatus.ERROR, errorResponse(why), why.code);
    }
  }

  /** Stops the task, and responds that it was cancelled unless nobody is there to know. */
  stop(why: StatusError, respond: boolean): void {
    if (!this.running) {
      return;
    }
    if (respond) {
      this.#respondAnyhow(TaskStatus.CANCELLED, undefined, why.code);
    } else {
      this.#end(why.code);
    }
    this.#state = "stopped";
    this.#controller.abort(why);
  }

  /** Streams what a generator yields, as long as there is room in the requester's queue. */
  async pull(generator: AsyncIterator<unknown, unknown, void>): Promise<void> {
    try {
      this.#openStream(undefined);
      while (this.running) {
        const next = await generator.next();
        for (let wait = this.#room(); wait !== undefined; wait = this.#room()) {
          await wait;
        }
        if (!this.running) {
          break;
        }
        if (next.done === true) {
          this.#endStream(next.value);
        } else {
          this.#streamData(next.value);
        }
      }
    } finally {
      // One that was stopped, or failed to send, is told so: it may hold something.
      await generator.return?.();
    }
  }

  /**
   * Resolves once the requester has room for what the task sends. Undefined where it has now, and when the task has
   * ended. Others may have waited for the same, and take it: ask right before sending.
   */
  #room(): Promise<void> | undefined {
    const { bus } = this.#host;
    return this.running && bus.isCongested(this.requester)
      ? relief(bus, this.requester, this.signal, this.#message("taskResponse", {}))
      : undefined;
  }

  #openStream(data: Value | undefined): void {
    this.#checkRunning();
    if (this.#streaming) {
      throw new StatusError(Code.FAILED_PRECONDITION, `the stream of ${this.#title} is open already`);
    }
    this.#send("taskStreamStart", { data });
    this.#streaming = true;
  }

  #streamData(data: unknown): void {
    this.#checkRunning();
    const value = this.#parts.write("stream", data, "streamData");
    if (!this.#streaming) {
      this.#openStream(undefined);
    }
    this.#send("taskStreamData", { data: value });
  }

  #endStream(data: unknown): void {
    this.#checkRunning();
    const value = this.#parts.write("response", data, "response");
    if (!this.#streaming) {
      this.#openStream(undefined);
    }
    this.#send("taskStreamEnd", { data: value });
    this.#end(Code.OK);
  }

  get #title(): string {
    return this.name === undefined ? "the task" : `task ${show(this.name)}`;
  }

  #checkRunning(): void {
    if (this.#state === "stopped") {
      throw this.signal.reason;
    }
    if (this.#state === "responded") {
      throw new StatusError(Code.FAILED_PRECONDITION, `${this.#title} was responded to already`);
    }
  }

  #respond(status: TaskStatus, response: Value | undefined, urgent: boolean, code: Code): void {
    this.#send(urgent ? "taskResponseUrgent" : "taskResponse", { status, response });
    this.#end(code);
  }

  /** Responds in whatever way there is room for: a requester that hears nothing would wait for ever. */
  #respondAnyhow(status: TaskStatus, response: Value | undefined, code: Code): void {
    for (const urgent of [false, true]) {
      try {
        this.#respond(status, response, urgent, code);
        return;
      } catch {
        // There is another way.
      }
    }
    this.#end(code);
    try {
      this.#host.sendAnyhow(this.#message("taskResponse", { status, response }));
    } catch (error) {
      // A bus that has stopped has nobody on it that waits.
      if (toStatusError(error).code !== Code.UNAVAILABLE) {
        this.#host.reportError(error);
      }
    }
  }

  #send(kind: TaskReply, fields: object): void {
    this.#host.send(this.#message(kind, fields));
  }

  #message(kind: TaskReply, fields: object): BusMessage {
    return busMessage(kind, { taskId: this.id, ...fields }, { target: this.requester });
  }

  #end(code: Code): void {
    this.#state = "responded";
    this.#host.ended(code);
  }

  #guard(listener: () => void | Promise<void>): void {
    try {
      const result = listener();
      if (result instanceof Promise) {
        result.catch((error: unknown) => this.#host.reportError(error));
      }
    } catch (error) {
      this.#host.reportError(error);
    }
  }
}

/** How a task went that its handler has responded to itself. */
function codeOf(taskStatus: TaskStatus): Code {
  if (taskStatus === TaskStatus.COMPLETED) {
    return Code.OK;
  }
  return taskStatus === TaskStatus.CANCELLED ? Code.CANCELLED : Code.UNKNOWN;
}
