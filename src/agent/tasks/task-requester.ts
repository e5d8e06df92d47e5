import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { checkMilliseconds } from "../../base/check-milliseconds.js";
import { randomUuid } from "../../base/random-uuid.js";
import { Code, invalidArgument, StatusError, show } from "../../base/status.js";
import type { AgentBus } from "../../bus/agent-bus.js";
import { LocalMessage } from "../../message/local-message.js";
import { checkAgentName } from "../../message/names.js";
import { approximateSize } from "../../message/size.js";
import type { AgentContext } from "../agent-context.js";
import type { TaskTrace } from "../tracing.js";
import type { CommonTaskOptions, GroupOptions, Task, TaskOptions, TypedTaskOptions } from "./task.js";
import { gone, groupResult, singleResponse, TaskCall, type TaskCallHost } from "./task-call.js";
import type { TaskOutbox } from "./task-outbox.js";
import { partsOf } from "./task-parts.js";
import type { TaskType } from "./task-type.js";

/** What a task is requested with, of either sort. */
export type AnyTaskOptions = (TaskOptions & { readonly task?: undefined }) | TypedTaskOptions<TaskType>;

/** What the requests need of the agent that makes them. */
export interface TaskRequesterOwner {
  readonly name: string;
  /** Throws FAILED_PRECONDITION before there is one. */
  context(): AgentContext;
  send(message: BusMessage): void;
  readonly outbox: TaskOutbox;
  completed(task: Task): void;
  failed(task: Task, error: StatusError): void;
}

/** How long to wait for workers that aren't known. */
const defaultReadyTimeoutMs = 10_000;

/**
 * Tells an agent, its own target, that a worker is gone. It takes the lane of data, so that what the worker has sent
 * before is handled first, or that of system messages where there is no room.
 */
class WorkerGoneMessage extends LocalMessage<
  "taskWorkerGone",
  { readonly call: TaskCall; readonly agentName: string }
> {
  override readonly isSystem: boolean;

  constructor(name: string, call: TaskCall, agentName: string, isSystem: boolean) {
    super("taskWorkerGone", { call, agentName }, { source: name, target: name });
    this.isSystem = isSystem;
  }
}

/** The tasks that an agent has requested and that have not ended. */
export class TaskRequester {
  readonly #owner: TaskRequesterOwner;
  readonly #calls = new Map<string, TaskCall>();
  #stopListening: (() => void) | undefined;
  #dropped = 0;

  constructor(owner: TaskRequesterOwner) {
    this.#owner = owner;
  }

  /** How many tasks have not ended. */
  get size(): number {
    return this.#calls.size;
  }

  /** How many messages of workers were dropped, because nobody awaited them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Requests a task of one worker, or with `group` of all of these. */
  request(agentNames: readonly string[], options: AnyTaskOptions, group: GroupOptions | undefined): TaskCall {
    const context = this.#owner.context();
    checkWorkers(agentNames);
    const { task, payload } = options;
    const name = task === undefined ? options.name : task.name;
    if (name !== undefined) {
      checkAgentName("name", name);
    }
    const parts = partsOf(task);
    const { timeoutMs, readyTimeoutMs, signal, cancellable } = checkCommon(options);
    // Field by field: what a spread gives first takes longer to add to than the rest of a request.
    const callOptions = {
      id: randomUuid(),
      name,
      agentNames: [...agentNames],
      payload: parts.write("request", payload, "payload"),
      parts,
      cancelOnError: group?.cancelOnError ?? true,
      cancellable,
      timeoutMs,
      readyTimeoutMs,
      signal,
    };
    const trace = context.tracing?.taskRequested({
      id: callOptions.id,
      name,
      isKnown: true,
      requester: this.#owner.name,
      workers: agentNames,
    });
    const call = new TaskCall(
      callOptions,
      this.#host(context, trace),
      group === undefined ? singleResponse : groupResult,
    );
    this.#calls.set(call.id, call);
    this.#stopListening ??= this.#listen(context.bus);
    call.start();
    return call;
  }

  /** The task of that id, if it has not ended. */
  get(id: string): TaskCall | undefined {
    return this.#calls.get(id);
  }

  /** Takes a message from a worker. Returns false for one that isn't about a requested task. */
  receive(message: BusMessage): boolean {
    const { source, body } = message;
    switch (body.case) {
      case "taskResponse":
      case "taskResponseUrgent": {
        const { taskId, status, response } = body.value;
        return this.#count(this.#calls.get(taskId)?.response(source, status, response));
      }
      case "taskUpdate":
      case "taskUpdateUrgent": {
        const { taskId, update: data } = body.value;
        return this.#event(message, taskId, { type: "update", data });
      }
      case "taskStreamStart":
        return this.#event(message, body.value.taskId, { type: "streamStart", data: body.value.data });
      case "taskStreamData":
        return this.#event(message, body.value.taskId, { type: "streamData", data: body.value.data });
      case "taskStreamEnd": {
        const { taskId, data } = body.value;
        const call = this.#calls.get(taskId);
        return this.#count(call?.streamEnd(source, data, approximateSize(message)));
      }
      default:
        return false;
    }
  }

  /** Takes the agent's own note that a worker is gone. */
  receiveLocal(message: LocalMessage): void {
    if (message instanceof WorkerGoneMessage) {
      const { call, agentName } = message.body.value;
      call.lost(agentName, gone);
    }
  }

  /** Cancels every task: the agent ends. */
  close(): void {
    for (const call of this.#calls.values()) {
      const why = `agent ${show(this.#owner.name)} stopped`;
      call.abort(new StatusError(Code.CANCELLED, `the task was cancelled: ${why}`), why);
    }
  }

  #host(context: AgentContext, trace: TaskTrace | undefined): TaskCallHost {
    const { clock, registry, bus } = context;
    const { name } = this.#owner;
    return {
      clock,
      registry,
      send: (message) => this.#owner.send(trace?.stamp(message) ?? message),
      sendCancel: (cancel, agentName) => {
        try {
          this.#owner.outbox.send(trace?.stamp(cancel) ?? cancel, agentName, Number.POSITIVE_INFINITY);
        } catch {
          // The bus has stopped, and the worker with it.
        }
      },
      goneLater: (call, agentName) => {
        for (const isSystem of [false, true]) {
          try {
            bus.send(new WorkerGoneMessage(name, call, agentName, isSystem));
            return;
          } catch {
            // There is no room in that lane.
          }
        }
        call.lost(agentName, gone);
      },
      ended: (call, error) => {
        this.#calls.delete(call.id);
        trace?.end(error?.code ?? Code.OK);
        if (this.#calls.size === 0) {
          this.#stopListening?.();
          this.#stopListening = undefined;
        }
        if (error === undefined) {
          this.#owner.completed(call as Task);
        } else {
          this.#owner.failed(call as Task, error);
        }
      },
    };
  }

  /** A request that reaches nobody gets no response. */
  #listen(bus: AgentBus): () => void {
    return bus.on("undelivered", (message, why) => {
      if (message.source === this.#owner.name && message.body.case === "taskRequest" && message.target !== undefined) {
        const { taskId } = (message as BusMessage).body.value as { readonly taskId: string };
        this.#calls.get(taskId)?.lost(message.target, why);
      }
    });
  }

  #event(message: BusMessage, id: string, event: Parameters<TaskCall["event"]>[1]): boolean {
    return this.#count(this.#calls.get(id)?.event(message.source, event, approximateSize(message)));
  }

  #count(taken: boolean | undefined): true {
    if (taken !== true) {
      this.#dropped++;
    }
    return true;
  }
}

function checkWorkers(agentNames: readonly string[]): void {
  if (!Array.isArray(agentNames) || agentNames.length === 0) {
    throw invalidArgument("agentNames", agentNames, "must be the names of one agent or more");
  }
  for (const [index, name] of agentNames.entries()) {
    checkAgentName(`agentNames[${index}]`, name);
    if (agentNames.indexOf(name) !== index) {
      throw invalidArgument(`agentNames[${index}]`, name, "must occur once");
    }
  }
}

function checkCommon(options: CommonTaskOptions) {
  const { timeoutMs, readyTimeoutMs = defaultReadyTimeoutMs, signal, cancellable = true } = options;
  if (timeoutMs !== undefined) {
    checkMilliseconds("timeoutMs", timeoutMs);
  }
  checkMilliseconds("readyTimeoutMs", readyTimeoutMs);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgument("signal", signal, "must be an AbortSignal");
  }
  return { timeoutMs, readyTimeoutMs, signal, cancellable };
}
