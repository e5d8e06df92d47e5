import type { TaskStatus } from "../../../gen/crossbus/v1/message_pb.js";
import type { StatusError } from "../../base/status.js";
import type { JsValue, ValueInit } from "../../message/value.js";
import type { PlainTask, TaskInit, TaskType, TaskValue } from "./task-type.js";

/** What can be said about a task that is requested, whatever its type. */
export interface CommonTaskOptions {
  /**
   * How long the whole call may take, in milliseconds, waiting for the workers included. After that the task is
   * cancelled and fails with DEADLINE_EXCEEDED. Default: as long as it takes.
   */
  readonly timeoutMs?: number;
  /**
   * How long to wait for workers that aren't known yet, in milliseconds, within `timeoutMs`. After that the task fails
   * with NOT_FOUND. Default: 10 000.
   */
  readonly readyTimeoutMs?: number;
  /** Cancels the task when it aborts. */
  readonly signal?: AbortSignal;
  /**
   * Whether others may cancel the task, with `requestCancelTask()`, as a button in a user interface does. Default:
   * true. Whoever has the task can always cancel it.
   */
  readonly cancellable?: boolean;
}

/** What can be said about a group, beside what can be said about a task. */
export interface GroupOptions {
  /**
   * Whether the first worker that fails ends the group: the others are cancelled, and the group fails. Else it waits for
   * all, and each outcome tells its error. Default: true.
   */
  readonly cancelOnError?: boolean;
}

/** What can be said about a task of plain values. */
export interface TaskOptions extends CommonTaskOptions {
  /** Which handler of the worker does it. Without a name it is the one for all other tasks. */
  readonly name?: string;
  /** What the worker gets. */
  readonly payload?: ValueInit;
}

/** What can be said about a task that was declared with `defineTask()`. */
export interface TypedTaskOptions<T extends TaskType> extends CommonTaskOptions {
  /** The declaration. */
  readonly task: T;
  /** What the worker gets: any fields of the request's message. */
  readonly payload?: TaskInit<T, "request">;
}

/** Something that a worker tells while it works. */
export type TaskEvent<T extends TaskType = PlainTask> =
  | { readonly type: "update"; readonly agentName: string; readonly data: TaskValue<T, "update"> }
  | { readonly type: "streamStart"; readonly agentName: string; readonly data: JsValue | undefined }
  | { readonly type: "streamData"; readonly agentName: string; readonly data: TaskValue<T, "stream"> }
  | { readonly type: "streamEnd"; readonly agentName: string; readonly data: TaskValue<T, "response"> };

/** How a task went at one worker. */
export interface TaskOutcome<Response = JsValue | undefined> {
  readonly agentName: string;
  readonly status: TaskStatus;
  /** What the worker responded; of one that failed, too. */
  readonly response: Response | undefined;
  /** Why there is no good response. Absent for one that has completed. */
  readonly error?: StatusError;
}

/** How a group of tasks went, by the names of the workers. */
export type TaskGroupResult<Response = JsValue | undefined> = ReadonlyMap<string, TaskOutcome<Response>>;

/** How far a task is. */
export type TaskState = "waiting" | "running" | "completed" | "failed";

/**
 * A task that was given to one worker, or to several.
 *
 * Awaiting it gives the worker's response, or for a group the outcomes of all, and throws a status that names the worker
 * when it fails. Iterating gives updates and stream events as they come, ends when the task does, and throws what the
 * task failed with; it needs no await beside it. Events that come before anyone iterates are kept, up to 1 000 of them
 * and 16 MiB; for a loop that is slower than they come, 10 000 and 64 MiB. Beyond that iterating throws RESOURCE_EXHAUSTED.
 * Nobody has to do either.
 */
export interface Task<Result = JsValue | undefined, Event = TaskEvent, Response = JsValue | undefined>
  extends PromiseLike<Result>,
    AsyncIterable<Event>,
    AsyncDisposable {
  /** The same for all workers of a group. */
  readonly id: string;
  /** The name of the task, where it has one. */
  readonly name: string | undefined;
  /** The workers. */
  readonly agentNames: readonly string[];
  /** Waiting for its workers, running, completed or failed. */
  readonly state: TaskState;
  /** How it went at the workers that are done, also after the task has failed. */
  readonly outcomes: TaskGroupResult<Response>;
  /** How many events were dropped because nobody read them. */
  readonly droppedEvents: number;
  /**
   * Tells the workers that aren't done to stop; the task fails with CANCELLED. Does nothing once it has ended. They are
   * told the reason, of a long one the first 4 096 characters.
   */
  cancel(reason?: string): void;
  /**
   * Asks the workers that aren't done for an update. Throws FAILED_PRECONDITION unless the task is running, and what
   * `send()` throws.
   */
  requestUpdate(): void;
  /** Cancels the task if it has not ended: for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
