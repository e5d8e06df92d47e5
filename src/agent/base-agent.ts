import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { EventMap } from "../base/events.js";
import { Code, StatusError, show } from "../base/status.js";
import type { LocalMessage } from "../message/local-message.js";
import { Agent } from "./agent.js";
import type { GroupOptions, Task, TaskEvent, TaskGroupResult, TaskOptions, TypedTaskOptions } from "./tasks/task.js";
import type { AnyHandler, HandlerOptions, TaskHandler } from "./tasks/task-context.js";
import { TaskOutbox } from "./tasks/task-outbox.js";
import { type AnyTaskOptions, TaskRequester } from "./tasks/task-requester.js";
import type { TaskType, TaskValue } from "./tasks/task-type.js";
import { TaskWorker } from "./tasks/task-worker.js";

/** What an agent has to do with tasks. */
export interface TaskStats {
  /** Tasks that it has requested and that have not ended. */
  readonly requested: number;
  /** Tasks that it does for others. */
  readonly handled: number;
  /** Cancels that came before their request, which is waited for. */
  readonly earlyCancels: number;
  /**
   * Messages that were dropped since the agent was made: responses and updates that nobody awaits (any more), or that
   * come from others than the worker, and cancels and requests of no consequence.
   */
  readonly dropped: number;
}

/** Both ends of tasks. */
interface Tasks {
  readonly requester: TaskRequester;
  readonly worker: TaskWorker;
}

/**
 * An agent: something with a unique name on a bus, which gives tasks to others and does tasks for others.
 *
 * Extend it and override the hooks, or listen to the events of the same names. An error that a hook throws is
 * reported as `reportError()` does it, and the agent goes on.
 */
export class BaseAgent<Events extends EventMap = Record<never, never>> extends Agent<Events> {
  /** Made when it is first needed: many agents have nothing to do with tasks, and a server has some for each session. */
  #tasks: Tasks | undefined;

  /** How many tasks the agent has to do with. */
  get taskStats(): TaskStats {
    if (this.#tasks === undefined) {
      return { requested: 0, handled: 0, earlyCancels: 0, dropped: 0 };
    }
    const { requester, worker } = this.#tasks;
    return {
      requested: requester.size,
      handled: worker.size,
      earlyCancels: worker.earlyCancels,
      dropped: requester.dropped + worker.dropped,
    };
  }

  /**
   * Requests a task of another agent. The request is sent at once, or as soon as that agent is ready.
   *
   * Throws INVALID_ARGUMENT for a bad option or a payload that can't be sent, and FAILED_PRECONDITION before the agent
   * was added to a runner and after it has ended. All else fails the task: NOT_FOUND when the worker isn't known in
   * time, UNIMPLEMENTED when it has no handler of that name, RESOURCE_EXHAUSTED when there is no room for the request or
   * the response, DEADLINE_EXCEEDED, CANCELLED, UNAVAILABLE when it is gone, and what its handler throws.
   *
   * @example const answer = await this.requestTask("researcher", { name: "research", payload: { topic: "anvils" } });
   */
  requestTask<T extends TaskType>(
    agentName: string,
    options: TypedTaskOptions<T>,
  ): Task<TaskValue<T, "response">, TaskEvent<T>, TaskValue<T, "response">>;
  requestTask(agentName: string, options?: TaskOptions): Task;
  requestTask(agentName: string, options: AnyTaskOptions = {}): unknown {
    return this.#request([agentName], options, undefined);
  }

  /**
   * Requests the same task of several agents. Awaiting it gives the outcome at each of them. Throws and fails as
   * `requestTask()`; the first worker that fails ends it, unless `cancelOnError` is false.
   */
  requestTaskGroup<T extends TaskType>(
    agentNames: readonly string[],
    options: TypedTaskOptions<T> & GroupOptions,
  ): Task<TaskGroupResult<TaskValue<T, "response">>, TaskEvent<T>, TaskValue<T, "response">>;
  requestTaskGroup(agentNames: readonly string[], options?: TaskOptions & GroupOptions): Task<TaskGroupResult>;
  requestTaskGroup(agentNames: readonly string[], options: AnyTaskOptions & GroupOptions = {}): unknown {
    return this.#request(agentNames, options, options);
  }

  /**
   * Cancels a task that this agent has requested, on behalf of somebody else, such as a user. Returns false when there
   * is no such task, or it was requested with `cancellable: false`.
   */
  requestCancelTask(id: string, reason?: string): boolean {
    const call = this.#tasks?.requester.get(id);
    if (call?.cancellable !== true) {
      return false;
    }
    call.cancel(reason);
    return true;
  }

  /**
   * Does the tasks of one name, or of one declaration, for whoever requests them. Of an agent at the other end of a link
   * it has at most 10 000 at work, and 64 MiB of their requests; further ones are RESOURCE_EXHAUSTED. Throws ALREADY_EXISTS when there is a
   * handler for it, and INVALID_ARGUMENT for a bad name.
   *
   * @example this.handleTask("research", async ({ payload, signal }) => find(payload, signal));
   */
  handleTask<T extends TaskType>(task: T, handler: TaskHandler<T>, options?: HandlerOptions): void;
  handleTask(name: string, handler: TaskHandler, options?: HandlerOptions): void;
  handleTask(task: string | TaskType, handler: AnyHandler, options: HandlerOptions = {}): void {
    this.#madeTasks.worker.handle(task, handler, options);
  }

  /** Does the tasks that have no name, or one that no other handler has. Without it they are UNIMPLEMENTED. */
  handleOtherTasks(handler: TaskHandler, options: HandlerOptions = {}): void {
    this.#madeTasks.worker.handle(undefined, handler, options);
  }

  protected override receiveTask(message: BusMessage): void {
    const { requester, worker } = this.#madeTasks;
    if (!requester.receive(message)) {
      worker.receive(message);
    }
  }

  protected override receiveLocal(message: LocalMessage): void {
    this.#tasks?.requester.receiveLocal(message);
    this.#tasks?.worker.receiveLocal(message);
  }

  protected override endTasks(): void {
    this.#tasks?.requester.close();
    this.#tasks?.worker.close();
  }

  get #madeTasks(): Tasks {
    this.#tasks ??= this.#makeTasks();
    return this.#tasks;
  }

  #makeTasks(): Tasks {
    const send = (message: BusMessage) => this.send(message);
    const owner = {
      name: this.name,
      context: () => this.context,
      send,
      outbox: new TaskOutbox(() => this.context.bus, send),
      reportError: (error: unknown) => this.reportError(error),
    };
    const requester = new TaskRequester({
      ...owner,
      completed: (task) => void this.tell(() => this.onTaskCompleted(task), "taskCompleted", task),
      failed: (task, error) => void this.tell(() => this.onTaskFailed(task, error), "taskFailed", task, error),
    });
    const worker = new TaskWorker({
      ...owner,
      requested: (task) => void this.tell(() => this.onTaskRequested(task), "taskRequested", task),
      updateRequested: (task) => void this.tell(() => this.onTaskUpdateRequested(task), "taskUpdateRequested", task),
      cancelled: (task, why) => void this.tell(() => this.onTaskCancelled(task, why), "taskCancelled", task, why),
    });
    return { requester, worker };
  }

  #request(agentNames: readonly string[], options: AnyTaskOptions, group: GroupOptions | undefined): unknown {
    if (this.ended) {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `agent ${show(this.name)} has ended, it can't request tasks any more`,
      );
    }
    return this.#madeTasks.requester.request(agentNames, options, group);
  }
}
