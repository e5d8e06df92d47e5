import type { Direction, Frame } from "../../gen/crossbus/v1/frame_pb.js";
import { type EventMap, TypedEvents } from "../base/events.js";
import type { StatusError } from "../base/status.js";
import type { AnyBusMessage } from "../bus/agent-bus.js";
import type { JsValue } from "../message/value.js";
import type { Bridge } from "./bridge.js";
import type { AgentInfo } from "./registry.js";
import type { Task } from "./tasks/task.js";
import type { TaskContext } from "./tasks/task-context.js";

/** An error in a child, as its parent gets to know it. */
export interface AgentErrorInfo {
  readonly agentName: string;
  readonly error: StatusError;
}

/** The events of an agent. Each has a hook of the same name, which runs first. */
export type AgentEvents = {
  /** The agent has started. */
  ready: [];
  /** The agent has ended, and is off the bus. */
  finished: [];
  /** The agent was activated, with the arguments given. Again at each activation. */
  activated: [args: JsValue | undefined];
  /** The agent was deactivated. */
  deactivated: [];
  /** Any message that came over the bus, after the agent has dealt with it. */
  busMessage: [message: AnyBusMessage];
  /** An agent that is watched, or a child, became ready. */
  agentReady: [agent: AgentInfo];
  /** An agent that is watched, or a child, is gone. */
  agentGone: [agent: AgentInfo];
  /** A child has reported an error. */
  agentError: [info: AgentErrorInfo];
  /** A frame came back through a bridge of this agent. */
  bridgeFrame: [frame: Frame, direction: Direction, bridge: Bridge];
  /** The agent has reported an error. */
  error: [error: StatusError];
  /** A task that this agent has requested has completed. */
  taskCompleted: [task: Task];
  /** A task that this agent has requested has failed, or was cancelled. */
  taskFailed: [task: Task, error: StatusError];
  /** A task was requested of this agent. Its handler is called next. */
  taskRequested: [task: TaskContext];
  /** The requester of a task asks for an update. */
  taskUpdateRequested: [task: TaskContext];
  /** A task that this agent does was cancelled, its requester is gone, or the agent ends, as the status says. */
  taskCancelled: [task: TaskContext, why: StatusError];
};

/**
 * What an agent can be told: the hooks that a subclass overrides, and the events of the same names.
 */
export abstract class AgentHooks<Events extends EventMap> extends TypedEvents<AgentEvents & Events> {
  /** The agent has started. It is announced to others once the promise has resolved. */
  protected onReady(): void | Promise<void> {}

  /** The agent has ended: release what it holds. */
  protected onFinished(): void | Promise<void> {}

  /** The agent was activated. Further data messages wait for the promise. */
  protected onActivated(_args: JsValue | undefined): void | Promise<void> {}

  /** The agent was deactivated. */
  protected onDeactivated(): void | Promise<void> {}

  /** Gets every message that comes over the bus, after the agent has dealt with it. */
  protected onBusMessage(_message: AnyBusMessage): void | Promise<void> {}

  /** Gets the frames that come back through a bridge of this agent. Continue the pipeline with them here. */
  protected onBridgeFrame(_frame: Frame, _direction: Direction, _bridge: Bridge): void | Promise<void> {}

  /** An agent that is watched, or a child, became ready. */
  protected onAgentReady(_agent: AgentInfo): void | Promise<void> {}

  /** An agent that is watched, or a child, is gone. */
  protected onAgentGone(_agent: AgentInfo): void | Promise<void> {}

  /** A child has reported an error. */
  protected onAgentError(_info: AgentErrorInfo): void | Promise<void> {}

  /** The agent has reported an error. */
  protected onError(_error: StatusError): void {}

  /** A task that this agent has requested has completed. */
  protected onTaskCompleted(_task: Task): void | Promise<void> {}

  /** A task that this agent has requested has failed, or was cancelled. */
  protected onTaskFailed(_task: Task, _error: StatusError): void | Promise<void> {}

  /** A task was requested of this agent. Its handler is called next, without waiting for a promise. */
  protected onTaskRequested(_task: TaskContext): void | Promise<void> {}

  /** The requester of a task asks for an update. */
  protected onTaskUpdateRequested(_task: TaskContext): void | Promise<void> {}

  /** A task that this agent does was cancelled, its requester is gone, or the agent ends, as the status says. */
  protected onTaskCancelled(_task: TaskContext, _why: StatusError): void | Promise<void> {}

  /** Whether anybody is told of every message: the hook was overridden, or the event has a listener. */
  protected get hearsMessages(): boolean {
    return this.onBusMessage !== AgentHooks.prototype.onBusMessage || this.hasHandlers("busMessage");
  }

  /** Reports an error that a hook threw. */
  abstract reportError(thrown: unknown): void;

  /** Runs a hook. What it throws goes to `failed`, and is reported unless that says otherwise. */
  protected runHook(
    hook: () => void | Promise<void>,
    failed = (error: unknown) => this.reportError(error),
  ): void | Promise<void> {
    try {
      const result = hook();
      return result instanceof Promise ? result.catch(failed) : undefined;
    } catch (error) {
      failed(error);
    }
  }

  /** Runs a hook, and then tells those who listen to the event of its name. */
  protected tell<Name extends keyof AgentEvents>(
    hook: () => void | Promise<void>,
    name: Name,
    ...args: AgentEvents[Name]
  ): void | Promise<void> {
    const result = this.runHook(hook);
    return result instanceof Promise
      ? result.then(() => this.emitAgentEvent(name, ...args))
      : this.emitAgentEvent(name, ...args);
  }

  /** Emits an event of agents: in a generic class the compiler can't see that `Events` leaves them as they are. */
  protected emitAgentEvent<Name extends keyof AgentEvents>(name: Name, ...args: AgentEvents[Name]): void {
    (this.emit as unknown as (name: Name, ...args: AgentEvents[Name]) => void).call(this, name, ...args);
  }
}
