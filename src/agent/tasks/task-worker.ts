import type { BusMessage, TaskCancel, TaskRequest } from "../../../gen/crossbus/v1/message_pb.js";
import { firstTime } from "../../base/first-time.js";
import { Code, StatusError, show, toStatusError } from "../../base/status.js";
import type { LocalMessage } from "../../message/local-message.js";
import { checkAgentName } from "../../message/names.js";
import { deliveredBy, isOrphaned, onClosed } from "../../message/provenance.js";
import { approximateSize } from "../../message/size.js";
import type { AgentContext } from "../agent-context.js";
import type { TaskTrace } from "../tracing.js";
import { EarlyCancels } from "./early-cancels.js";
import type { AnyHandler, HandlerOptions, TaskContext } from "./task-context.js";
import type { TaskOutbox } from "./task-outbox.js";
import { partsOf, plainParts, type TaskParts } from "./task-parts.js";
import type { TaskType } from "./task-type.js";
import { TaskWork } from "./task-work.js";

/** What the work needs of the agent that does it. */
export interface TaskWorkerOwner {
  readonly name: string;
  /** Throws FAILED_PRECONDITION before there is one. */
  context(): AgentContext;
  send(message: BusMessage): void;
  readonly outbox: TaskOutbox;
  reportError(error: unknown): void;
  requested(task: TaskContext): void;
  updateRequested(task: TaskContext): void;
  cancelled(task: TaskContext, why: StatusError): void;
}

interface Registered {
  readonly parts: TaskParts;
  readonly handler: AnyHandler;
  /** Resolves once the last task has ended; undefined for a handler that isn't sequential. */
  last: Promise<void> | undefined;
}

/** Somebody whose tasks are at work. */
interface Requester {
  /** The tasks, and about how many bytes the request of each keeps alive, where it came over a link. */
  readonly works: Map<TaskWork, number>;
  bytes: number;
  readonly unwatch: () => void;
}

/**
 * What is done at a time for a requester at the other end of a link, in tasks and in bytes: as much as a queue holds. Its
 * requests don't stay in a queue, so that nothing else bounds them.
 */
const maxRemoteWorks = 10_000;
const maxRemoteBytes = 67_108_864;

/** How many responses are kept for such a requester when it doesn't take them. */
const maxRemoteKept = 1_000;

/** The tasks that an agent does for others. */
export class TaskWorker {
  readonly #owner: TaskWorkerOwner;
  readonly #handlers = new Map<string, Registered>();
  #otherHandler: Registered | undefined;
  readonly #works = new Map<string, TaskWork>();
  readonly #earlyCancels: EarlyCancels;
  /** The requesters of the tasks at work, and how to stop watching them. */
  readonly #requesters = new Map<string, Requester>();
  /** Whether a requester repeats itself for the first time: that is worth a line in the log, not a line each time. */
  readonly #isNews = firstTime();
  #dropped = 0;

  constructor(owner: TaskWorkerOwner) {
    this.#owner = owner;
    this.#earlyCancels = new EarlyCancels(owner);
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
    return this.#earlyCancels.size;
  }

  /** Registers a handler, for one name, or for all that have no other. Throws ALREADY_EXISTS and INVALID_ARGUMENT. */
  handle(task: string | TaskType | undefined, handler: AnyHandler, options: HandlerOptions): void {
    const name = typeof task === "object" ? task.name : task;
    const registered: Registered = {
      parts: partsOf(task),
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
        this.#cancel(message, body.value);
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
    this.#earlyCancels.receiveLocal(message);
  }

  /** Stops every task: the agent ends. */
  close(): void {
    const why = new StatusError(Code.CANCELLED, `agent ${show(this.#owner.name)} stopped`);
    for (const work of this.#works.values()) {
      this.#stop(work, why, true);
    }
    this.#earlyCancels.close();
  }

  #request(message: BusMessage, body: TaskRequest): void {
    const key = keyOf(message.source, body.taskId);
    const { taskName: name } = body;
    if (this.#works.has(key)) {
      // To respond would be taken for the response to the first one.
      this.#dropped++;
      if (this.#isNews(message.source)) {
        this.#owner.context().logger.warn("a task was requested again while it is being done", {
          agent: this.#owner.name,
          requester: message.source,
          task: name,
        });
      }
      return;
    }
    const { tracing } = this.#owner.context();
    if (tracing === undefined) {
      this.#begin(message, body, key, undefined);
    } else {
      const trace = tracing.taskReceived(
        {
          id: body.taskId,
          name,
          isKnown: name !== undefined && this.#handlers.has(name),
          requester: message.source,
          workers: [this.#owner.name],
        },
        message,
      );
      trace.run(() => this.#begin(message, body, key, trace));
    }
  }

  #begin(message: BusMessage, body: TaskRequest, key: string, trace: TaskTrace | undefined): void {
    const { taskName: name } = body;
    const isRemote = deliveredBy(message) !== undefined;
    const registered = (name === undefined ? undefined : this.#handlers.get(name)) ?? this.#otherHandler;
    const work = new TaskWork(message, body, registered?.parts ?? plainParts, {
      bus: this.#owner.context().bus,
      send: (reply) => this.#owner.send(trace?.stamp(reply) ?? reply),
      sendAnyhow: (response) => {
        const max = isRemote ? maxRemoteKept : Number.POSITIVE_INFINITY;
        if (!this.#owner.outbox.send(trace?.stamp(response) ?? response, message.source, max)) {
          this.#dropped++;
        }
      },
      reportError: (error) => this.#owner.reportError(error),
      ended: (code) => {
        this.#ended(key, work);
        trace?.end(code);
      },
    });
    const size = isRemote ? approximateSize(message) : 0;
    if (isRemote && this.#isBusyFor(message.source, size)) {
      work.fail({
        code: Code.RESOURCE_EXHAUSTED,
        message: `there is too much at work for agent ${show(message.source)}: wait for some of its tasks to end`,
        details: [],
      });
      return;
    }
    this.#works.set(key, work);
    this.#watch(work, size);
    if (isOrphaned(message)) {
      // It waited here while the connection was lost.
      this.#stop(work, requesterGone(message.source), false);
      return;
    }
    const early = this.#earlyCancels.take(message.source, key);
    if (early !== undefined) {
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

  #cancel(message: BusMessage, body: TaskCancel): void {
    const key = keyOf(message.source, body.taskId);
    const work = this.#works.get(key);
    if (work === undefined) {
      this.#dropped++;
      this.#earlyCancels.add(message, body, key);
    } else {
      this.#stop(work, cancelled(body.reason), true);
    }
  }

  #stop(work: TaskWork, why: StatusError, respond: boolean): void {
    work.stop(why, respond);
    this.#owner.cancelled(work, why);
  }

  #ended(key: string, work: TaskWork): void {
    this.#works.delete(key);
    const requester = this.#requesters.get(work.requester);
    if (requester === undefined) {
      return;
    }
    requester.bytes -= requester.works.get(work) ?? 0;
    if (requester.works.delete(work) && requester.works.size === 0) {
      this.#requesters.delete(work.requester);
      requester.unwatch();
    }
  }

  #isBusyFor(requester: string, size: number): boolean {
    const { works, bytes } = this.#requesters.get(requester) ?? { works: new Map(), bytes: 0 };
    return works.size >= maxRemoteWorks || bytes + size > maxRemoteBytes;
  }

  /** Stops the task when its requester is gone. */
  #watch(work: TaskWork, size: number): void {
    const { requester: name } = work;
    const requester = this.#requesters.get(name);
    if (requester !== undefined) {
      requester.works.set(work, size);
      requester.bytes += size;
      return;
    }
    const works = new Map([[work, size]]);
    const gone = () => {
      for (const abandoned of [...works.keys()]) {
        this.#stop(abandoned, requesterGone(name), false);
      }
    };
    // The other end of a link need not have announced an agent to send in its name.
    const link = deliveredBy(work.request);
    const unwatch = link === undefined ? this.#owner.context().registry.watch(name, { gone }) : onClosed(link, gone);
    this.#requesters.set(name, { works, bytes: size, unwatch });
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
      await work.returned(await result);
    }
  } catch (error) {
    work.threw(error);
  }
}

function isAsyncIterator(value: unknown): value is AsyncIterator<unknown, unknown, void> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value && "next" in value;
}
