import type { BusMessage, TaskStatus } from "../../../gen/crossbus/v1/message_pb.js";
import type { ValueInit } from "../../message/value.js";
import type { PlainTask, TaskInit, TaskType, TaskValue } from "./task-type.js";

/** How a response is sent. */
export interface RespondOptions {
  /** How the task went. Default: `TaskStatus.COMPLETED`. */
  readonly status?: TaskStatus;
  /** Whether the response overtakes what was sent before it. Default: false. */
  readonly urgent?: boolean;
}

/** The stream of a task, for a handler that is no generator. */
export interface TaskStream<T extends TaskType = PlainTask> {
  /** Opens the stream, with anything worth knowing before its first piece. */
  readonly start: (data?: ValueInit) => void;
  /** Sends one piece; opens the stream if that was not done. */
  readonly data: (data: TaskInit<T, "stream">) => void;
  /** Closes the stream, and is the response to the task. */
  readonly end: (data?: TaskInit<T, "response">) => void;
}

/**
 * A task as its worker has it. A handler may take it apart: `({ payload, update }) => …`. What it calls throws what
 * `send()` throws, INVALID_ARGUMENT for what can't be sent, CANCELLED once the task was cancelled, and
 * FAILED_PRECONDITION once it has been responded to.
 */
export interface TaskContext<T extends TaskType = PlainTask> {
  readonly id: string;
  /** The name of the task, where it has one. */
  readonly name: string | undefined;
  /** The agent that has requested the task. */
  readonly requester: string;
  /** What the requester sent along. */
  readonly payload: TaskValue<T, "request">;
  /** The request as it came, with the types of all its values. */
  readonly request: BusMessage;
  /**
   * Aborts when the task no longer matters: the requester cancelled it or is gone, or this agent ends. Its reason is a
   * status that says which. Pass it on to whatever takes time.
   */
  readonly signal: AbortSignal;
  /** The stream of the task. */
  readonly stream: TaskStream<T>;
  /** Tells the requester how it is going; `urgent` overtakes what was sent before. */
  readonly update: (data: TaskInit<T, "update">, options?: { readonly urgent?: boolean }) => void;
  /** Calls `listener` whenever the requester asks for an update. */
  readonly onUpdateRequest: (listener: () => void | Promise<void>) => void;
  /**
   * Responds to the task before the handler returns; what it returns then counts for nothing. With another status than
   * completed the response is a plain value, whatever the task's declaration says.
   */
  readonly respond: (response?: TaskInit<T, "response">, options?: RespondOptions) => void;
}

/**
 * Does a task. What it returns is the response. What it throws becomes a response with status error, and with its message,
 * of a long one the first 4 096 characters. One that is an async generator streams what it yields, and what it returns
 * ends the stream and is the response.
 */
export type TaskHandler<T extends TaskType = PlainTask> = (
  context: TaskContext<T>,
) => HandlerResult<T> | Promise<HandlerResult<T>> | AsyncGenerator<TaskInit<T, "stream">, HandlerResult<T>, void>;

// biome-ignore lint/suspicious/noConfusingVoidType: a handler need not return anything
type HandlerResult<T extends TaskType> = TaskInit<T, "response"> | void;

/** How a handler is run. */
export interface HandlerOptions {
  /** Whether one task waits for the one before it to end, with this handler. Default: false. */
  readonly sequential?: boolean;
}

/** A handler of whatever type: who registers it sees to it that it gets what it expects. */
export type AnyHandler = (context: never) => unknown;
