import type { BusMessage, TaskRequest } from "../../../gen/crossbus/v1/message_pb.js";
import { Code, StatusError, show, toStatusError } from "../../base/status.js";
import { LocalMessage } from "../../message/local-message.js";
import { checkAgentName } from "../../message/names.js";
import { deliveredBy, isOrphaned } from "../../message/provenance.js";
import type { AgentContext } from "../agent-context.js";
import type { AnyHandler, HandlerOptions, TaskContext } from "./task-context.js";
import type { TaskSchemas, TaskType } from "./task-type.js";
import { TaskWork } from "./task-work.js";

/** What the work needs of the agent that does it. */
export interface TaskWorkerOwner {
  readonly name: string;
  /** Throws FAILED_PRECONDITION before there is one. */
  context(): AgentContext;
  send(message: BusMessage): void;
  reportError(error: unknown): void;
  requested(task: TaskContext): void;
  updateRequested(task: TaskContext): void;
  cancelled(task: TaskContext, why: StatusError): void;
}

interface Registered {
  readonly schemas: TaskSchemas;
  readonly handler: AnyHandler;
  /** Resolves once the last task has ended; undefined for a handler that isn't sequential. */
  last: Promise<void> | undefined;
}

/** A cancel that came before its request. */
interface EarlyCancel {
  readonly reason: string | undefined;
  /** Stops the clock that forgets it. */
  readonly keep: () => void;
}

/** How many early cancels are remembered of one requester, and for how long where the request comes over a link. */
const maxEarlyCancels = 1_000;
const earlyCancelMs = 30_000;

/**
 * Tells an agent, its own target, that requests which were sent before a cancel have all been handled. It takes the lane
 * of data, as they do.
 */
class ForgetCancelMessage extends LocalMessage<
  "forgetTaskCancel",
  { readonly requester: string; readonly key: string }
> {
  override readonly isSystem = false;

  constructor(name: string, requester: string, key: string) {
    super("forgetTaskCancel", { requester, key }, { source: name, target: name });
  }
}

/** The tasks that an agent does for others. */
export class TaskWorker {
  readonly #owner: TaskWorkerOwner;
  readonly #handlers = new Map<string, Registered>();
  #otherHandler: Registered | undefined;
  readonly #works = new Map<string, TaskWork>();
  /** By requester, so that one who sends many has none of another's forgotten, and by key. */
  readonly #earlyCancels = new Map<string, Map<string, EarlyCancel>>();
  /** The requesters of the tasks at work, and how to stop watching them. */
  readonly #requesters = new Map<string, { readonly works: Set<TaskWork>; readonly unwatch: () => void }>();
  #dropped = 0;

  constructor(owner: TaskWorkerOwner) {
    this.#owner = owner;
  }

  /** How many tasks are being done. */
  get size(): number {
    return this.#works.size;
  }

  /** How many messages of requesters were dropped: about tasks that are none of theirs, or done, or sent twice. */
  get dropped(): number {
    return this.#dropped;
  }

  /** How many cancels are remembered that came before their request. */
  get earlyCancels(): number {
    let count = 0;
    for (const cancels of this.#earlyCancels.values()) {
      count += cancels.size;
    }
    return count;
  }

  /** Registers a handler, for one name, or for all that have no other. Throws ALREADY_EXISTS and INVALID_ARGUMENT. */
  handle(task: string | TaskType | undefined, handler: AnyHandler, options: HandlerOptions): void {
    const name = typeof task === "object" ? task.name : task;
    const registered: Registered = {
      schemas: typeof task === "object" ? task.schemas : {},
      handler,
      last: options.sequential === true ? Promise.resolve() : undefined,
    };
    if (typeof handler !== "function") {
      throw new StatusError(Code.INVALID_ARGUMENT, "handler: must be a function");
    }
    if (name !== undefined) {
      checkAgentName("name", name);
    }
    if (name === undefined ? this.#otherHandler !== undefined : this.#handlers.has(name)) {
      const what = name === undefined ? "all other tasks" : `task ${show(name)}`;
      throw new StatusError(Code.ALREADY_EXISTS, `agent ${show(this.#owner.name)} has a handler for ${what} already`);
    }
    if (name === undefined) {
      this.#otherHandler = registered;
    } else {
      this.#handlers.set(name, registered);
    }
  }

  /** Takes a message from a requester. Returns false for one that isn't about a task to do. */
  receive(message: BusMessage): boolean {
    const { source, body } = message;
    switch (body.case) {
      case "taskRequest":
        this.#request(message, body.value);
        return true;
      case "taskCancel":
        this.#cancel(message, keyOf(source, body.value.taskId), body.value.reason);
        return true;
      case "taskUpdateRequest": {
        const work = this.#works.get(keyOf(source, body.value.taskId));
        if (work === undefined) {
          this.#dropped++;
        } else {
          this.#owner.updateRequested(work);
          work.updateRequested();
        }
        return true;
      }
      default:
        return false;
    }
  }

  /** Takes the agent's own note that a cancel needn't be remembered any more. */
  receiveLocal(message: LocalMessage): void {
    if (message instanceof ForgetCancelMessage) {
      const { requester, key } = message.body.value;
      this.#forget(requester, key);
    }
  }

  /** Stops every task: the agent ends. */
  close(): void {
    const why = new StatusError(Code.CANCELLED, `agent ${show(this.#owner.name)} stopped`);
    for (const work of this.#works.values()) {
      this.#stop(work, why, true);
    }
    for (const [requester, cancels] of this.#earlyCancels) {
      for (const key of cancels.keys()) {
        this.#forget(requester, key);
      }
    }
  }

  #request(message: BusMessage, body: TaskRequest): void {
    const key = keyOf(message.source, body.taskId);
    const { taskName: name } = body;
    if (this.#works.has(key)) {
      // To respond would be taken for the response to the first one.
      this.#dropped++;
      this.#owner.context().logger.warn("a task was requested again while it is being done", {
        agent: this.#owner.name,
        requester: message.source,
        task: name,
      });
      return;
    }
    const registered = (name === undefined ? undefined : this.#handlers.get(name)) ?? this.#otherHandler;
    const work = new TaskWork(message, body, registered?.schemas ?? {}, {
      bus: this.#owner.context().bus,
      send: (response) => this.#owner.send(response),
      reportError: (error) => this.#owner.reportError(error),
      ended: () => this.#ended(key, work),
    });
    this.#works.set(key, work);
    this.#watch(work);
    if (isOrphaned(message)) {
      // It waited here while the connection was lost.
      this.#stop(work, requesterGone(message.source), false);
      return;
    }
    const early = this.#earlyCancels.get(message.source)?.get(key);
    if (early !== undefined) {
      this.#forget(message.source, key);
      this.#stop(work, cancelled(early.reason), true);
      return;
    }
    this.#owner.requested(work);
    // Who was told of the request may have responded to it.
    if (!work.running) {
      return;
    }
    if (registered === undefined) {
      const what = name === undefined ? "tasks without a name" : `task ${show(name)}`;
      work.fail({
        code: Code.UNIMPLEMENTED,
        message: `there is no handler for ${what}`,
        details: [],
      });
      return;
    }
    try {
      work.checkPayload();
    } catch (error) {
      work.fail(toStatusError(error));
      return;
    }
    if (registered.last === undefined) {
      void run(registered.handler, work);
    } else {
      registered.last = registered.last.then(() => (work.running ? run(registered.handler, work) : undefined));
    }
  }

  #cancel(message: BusMessage, key: string, reason: string | undefined): void {
    const work = this.#works.get(key);
    if (work !== undefined) {
      this.#stop(work, cancelled(reason), true);
      return;
    }
    // The request may still be on its way: a cancel takes the faster lane.
    const { clock, bus } = this.#owner.context();
    this.#dropped++;
    const { source } = message;
    this.#forget(source, key);
    const [oldest] = this.#earlyCancels.get(source)?.keys() ?? [];
    if (oldest !== undefined && this.#earlyCancels.get(source)?.size === maxEarlyCancels) {
      this.#forget(source, oldest);
    }
    let keep = () => {};
    if (deliveredBy(message) !== undefined) {
      keep = clock.after(earlyCancelMs, () => this.#forget(source, key));
    } else {
      try {
        bus.send(new ForgetCancelMessage(this.#owner.name, source, key));
      } catch {
        keep = clock.after(earlyCancelMs, () => this.#forget(source, key));
      }
    }
    const cancels = this.#earlyCancels.get(source) ?? new Map<string, EarlyCancel>();
    this.#earlyCancels.set(source, cancels.set(key, { reason, keep }));
  }

  #stop(work: TaskWork, why: StatusError, respond: boolean): void {
    work.stop(why, respond);
    this.#owner.cancelled(work, why);
  }

  #ended(key: string, work: TaskWork): void {
    this.#works.delete(key);
    const requester = this.#requesters.get(work.requester);
    if (requester?.works.delete(work) === true && requester.works.size === 0) {
      this.#requesters.delete(work.requester);
      requester.unwatch();
    }
  }

  /** Stops the task when its requester is gone. */
  #watch(work: TaskWork): void {
    const { requester: name } = work;
    const requester = this.#requesters.get(name);
    if (requester !== undefined) {
      requester.works.add(work);
      return;
    }
    const works = new Set([work]);
    const gone = () => {
      for (const abandoned of [...works]) {
        this.#stop(abandoned, requesterGone(name), false);
      }
    };
    const unwatch = this.#owner.context().registry.watch(name, { gone });
    this.#requesters.set(name, { works, unwatch });
  }

  #forget(requester: string, key: string): void {
    const cancels = this.#earlyCancels.get(requester);
    cancels?.get(key)?.keep();
    if (cancels?.delete(key) === true && cancels.size === 0) {
      this.#earlyCancels.delete(requester);
    }
  }
}

/** A task at its requester. Ids are the requester's own, so that two of them may use the same one. */
function keyOf(requester: string, id: string): string {
  return `${id}\n${requester}`;
}

function requesterGone(name: string): StatusError {
  return new StatusError(Code.UNAVAILABLE, `agent ${show(name)}, which requested the task, is gone`);
}

function cancelled(reason: string | undefined): StatusError {
  const because = reason === undefined || reason === "" ? "" : `: ${reason}`;
  return new StatusError(Code.CANCELLED, `the task was cancelled by its requester${because}`);
}

/** Runs a handler, and responds with what comes of it. */
async function run(handler: AnyHandler, work: TaskWork): Promise<void> {
  try {
    const result = handler(work as never);
    if (isAsyncIterator(result)) {
      await work.pull(result);
    } else {
      work.returned(await result);
    }
  } catch (error) {
    work.threw(error);
  }
}

function isAsyncIterator(value: unknown): value is AsyncIterator<unknown, unknown, void> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value && "next" in value;
}
