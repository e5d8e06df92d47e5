import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { Code } from "../base/status.js";
import type { AnyBusMessage } from "../bus/agent-bus.js";

/**
 * Follows messages and tasks from one agent to the next, also across bridges. `crossbus/opentelemetry` exports one; its
 * methods are for the agents and proxies of the runner that it was given to. None of them throws but what `send`,
 * `deliver` and `handler` throw.
 */
export interface Tracing {
  /** Calls what handles a message within the trace that the message carries, or within none. */
  run<T>(message: AnyBusMessage, handler: () => T): T;
  /** The message as an agent sends it: a copy that carries the active trace, unless it carries one already. */
  stamp(message: BusMessage): BusMessage;
  /** Sends a message over a link, in the form in which `send` is called with it. Gives its size, which `send` returns. */
  send(message: BusMessage, proxy: string, send: (message: BusMessage) => number): number;
  /** Delivers a message of `bytes` bytes that came over a link and that nobody else has yet: it may be changed. */
  receive(message: BusMessage, proxy: string, bytes: number, deliver: () => void): void;
  /** An agent requests a task, as part of what is active. */
  taskRequested(task: TracedTask): TaskTrace;
  /** An agent gets a request for a task, as part of the trace that the request carries. */
  taskReceived(task: TracedTask, request: BusMessage): TaskTrace;
}

/** What is told of a task. Its name and id may be a peer's, and of any length. */
export interface TracedTask {
  readonly id: string;
  readonly name: string | undefined;
  /** Whether this side knows a task of that name: the names that it knows are few. */
  readonly isKnown: boolean;
  readonly requester: string;
  readonly workers: readonly string[];
}

/** A task that is followed from its request to its end, on one of its sides. */
export interface TaskTrace {
  /** Calls what is part of the task. */
  run<T>(part: () => T): T;
  /** A copy of a message about the task, which carries its trace. */
  stamp(message: BusMessage): BusMessage;
  /** The task has ended, with `OK` or what it failed with. */
  end(code: Code): void;
}
