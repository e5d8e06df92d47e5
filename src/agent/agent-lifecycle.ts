import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { deferred } from "../base/deferred.js";
import type { EventMap } from "../base/events.js";
import { consoleLogger } from "../base/logger.js";
import { Code, StatusError, show, toStatusError } from "../base/status.js";
import type { AnyBusMessage } from "../bus/agent-bus.js";
import { busMessage } from "../message/build.js";
import { withSource } from "../message/copy.js";
import { LocalMessage } from "../message/local-message.js";
import { checkAgentName } from "../message/names.js";
import { isSystem } from "../message/traits.js";
import type { BodyOf } from "../message/types.js";
import { type JsValue, toJs } from "../message/value.js";
import type { AgentContext } from "./agent-context.js";
import { AgentHooks } from "./agent-hooks.js";
import { Children, type Parent } from "./children.js";
import type { HostedAgent } from "./hosted-agent.js";
import { AddAgentMessage, AgentLocalErrorMessage } from "./local-messages.js";
import type { AgentWatcher } from "./registry.js";

/**
 * The part of an agent that comes and goes: its name and place on a bus, its state, its children, and what it
 * does about the messages that control it.
 */
export abstract class AgentLifecycle<Events extends EventMap> extends AgentHooks<Events> implements HostedAgent {
  readonly name: string;
  readonly #startsActive: boolean;
  readonly #bridged: boolean;
  readonly #children = new Children();
  /** The names that are watched, and how to end it. */
  readonly #watches = new Map<string, () => void>();
  readonly #watcher: AgentWatcher = {
    ready: (agent) => void this.tell(() => this.onAgentReady(agent), "agentReady", agent),
    gone: (agent) => void this.tell(() => this.onAgentGone(agent), "agentGone", agent),
  };
  readonly #finished = deferred();
  #context: AgentContext | undefined;
  #unsubscribe: () => void = () => {};
  #parent: string | undefined;
  #state: "new" | "attached" | "ready" | "ending" | "finished" = "new";
  #startedAt: number | undefined;
  #active = false;
  #activationArgs: JsValue | undefined;
  /** An activation that came before the agent was ready for it. */
  #pendingActivation: { readonly args: JsValue | undefined } | undefined;
  #started = false;
  /** The activation at the start, while it runs. Later ones run in the lane of data messages. */
  #firstActivation: Promise<void> | undefined;

  constructor(name: string, active: boolean, bridged: boolean) {
    super();
    checkAgentName("name", name);
    this.name = name;
    this.#startsActive = active;
    this.#bridged = bridged;
  }

  /** Whether the agent is active. */
  get active(): boolean {
    return this.#active;
  }

  get ready(): boolean {
    return this.#state === "ready";
  }

  /** When the agent became ready, in seconds since the epoch. */
  get startedAt(): number | undefined {
    return this.#startedAt;
  }

  /** What the agent was activated with; undefined while it is inactive. */
  get activationArgs(): JsValue | undefined {
    return this.#activationArgs;
  }

  /** The name of the agent that added this one, if one did. */
  get parent(): string | undefined {
    return this.#parent;
  }

  /** The agents that this one has added and that have not ended. */
  get children(): readonly HostedAgent[] {
    return this.#children.all;
  }

  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** Further names that the agent answers for on the bus. Override it to answer for some. */
  protected get addresses(): readonly string[] {
    return [];
  }

  /** Takes a frame that came over the bus. */
  protected abstract receiveFrame(message: BusMessage, body: BodyOf<"frame">): void | Promise<void>;

  /** Takes a message about a task that is for this agent. */
  protected abstract receiveTask(message: BusMessage): void;

  /** Takes a message with live references that is for this agent. Does nothing unless overridden. */
  protected receiveLocal(_message: LocalMessage): void {}

  /** Ends the tasks that this agent has requested, and those that it does. Does nothing unless overridden. */
  protected endTasks(): void {}

  /** Aborts the signal of every frame that is being handled. */
  protected abstract abortFrames(): void;

  /** What the runner provides. Throws FAILED_PRECONDITION before the agent was added to one. */
  protected get context(): AgentContext {
    if (this.#context === undefined) {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `agent ${show(this.name)} is not on a bus yet: add it to a runner first`,
      );
    }
    return this.#context;
  }

  /**
   * Sends a message as this agent: its name becomes the source. A message that already has another source is
   * copied first.
   *
   * Throws what `AgentBus.send()` throws, and FAILED_PRECONDITION before the agent was added to a runner.
   */
  send(message: BusMessage): void {
    if (message.source === "") {
      message.source = this.name;
    }
    const { bus, tracing } = this.context;
    const own = message.source === this.name ? message : withSource(message, this.name);
    bus.send(tracing === undefined ? own : tracing.stamp(own));
  }

  /**
   * Deactivates this agent: `active` is false and the signals of frames are aborted at once, the hook runs when
   * the message comes back.
   */
  protected deactivateSelf(): void {
    this.#active = false;
    this.abortFrames();
    this.send(busMessage("deactivateAgent", {}, { target: this.name }));
  }

  /**
   * Adds an agent as a child of this one: it ends when this one ends, this one watches it, and its errors are
   * reported to this one. Resolves once the child is ready, which it isn't before the runner runs. Rejects with
   * ALREADY_EXISTS when its name is taken, and with FAILED_PRECONDITION when it was added before, this agent was
   * not, or this agent has ended.
   */
  async addAgent(agent: HostedAgent): Promise<void> {
    const { bus, runnerName } = this.context;
    const done = deferred();
    let adopted = false;
    const adopt = () => {
      this.#adopt(agent);
      adopted = true;
    };
    bus.send(new AddAgentMessage(agent, adopt, done, { source: this.name, target: runnerName }));
    // A bus that stops drops what waits, and with it the request.
    const ended = this.finished.then(() => (adopted ? undefined : this.#refuseChild(agent)));
    await Promise.race([done.promise, ended]);
  }

  /** Takes a child in as soon as the runner has it: before it can report an error, or this agent can end. */
  #adopt(agent: HostedAgent): void {
    if (this.ended) {
      this.#refuseChild(agent);
    }
    this.#children.add(agent);
    this.watchAgent(agent.name);
  }

  #refuseChild(agent: HostedAgent): never {
    throw new StatusError(
      Code.FAILED_PRECONDITION,
      `agent ${show(this.name)} has ended, agent ${show(agent.name)} was not added`,
    );
  }

  /**
   * Watches for agents of that name: `agentReady` tells when one becomes ready, at once if it is, and
   * `agentGone` when it is gone. Watching twice is the same as watching once.
   */
  watchAgent(name: string): void {
    if (!this.#watches.has(name) && !this.ended) {
      this.#watches.set(name, this.#started ? this.context.registry.watch(name, this.#watcher) : () => {});
    }
  }

  /**
   * Reports an error: to the log, to the event `error`, and to the parent, or to everyone on the bus when there
   * is none. That a task was cancelled because this agent has ended is no error, and only in the log, for debugging.
   */
  reportError(thrown: unknown): void {
    if (this.#isOwnEnd(thrown)) {
      this.reportHandlerError("error", thrown);
      return;
    }
    const error = toStatusError(thrown);
    const context = this.#context;
    const logger = context?.logger ?? consoleLogger;
    logger.error("an agent reported an error", { agent: this.name, error: thrown });
    try {
      this.onError(error);
    } catch (failure) {
      this.reportHandlerError("error", failure);
    }
    this.emitAgentEvent("error", error);
    if (context === undefined) {
      return;
    }
    try {
      if (this.#parent === undefined) {
        context.rootFailed(this.name, error);
        this.send(busMessage("agentError", { error: error.message }));
      } else {
        context.bus.send(new AgentLocalErrorMessage(error, { source: this.name, target: this.#parent }));
      }
    } catch (failure) {
      // The error is in the log already; the bus is gone or full.
      logger.debug("an error could not be told to others", { agent: this.name, error: failure });
    }
  }

  // For the runner, as HostedAgent says.

  attach(context: AgentContext, parent: string | undefined): void {
    if (this.#state !== "new") {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `agent ${show(this.name)} was added to a runner before: make a new one`,
      );
    }
    const { tracing } = context;
    this.#unsubscribe = context.bus.subscribe({
      name: this.name,
      addresses: this.addresses,
      wants: (message) => this.hearsMessages || message instanceof LocalMessage || message.body.case === "frame",
      isPrompt: (message) => message.target === this.name && isTaskReply(message),
      // Whoever sends to an idle bus has it run: without this, the sender's trace would be active for all that follows.
      onBusMessage:
        tracing === undefined
          ? (message) => this.#handle(message)
          : (message) => tracing.run(message, () => this.#handle(message)),
    });
    this.#state = "attached";
    this.#context = context;
    this.#parent = parent;
  }

  async start(): Promise<void> {
    if (this.#state !== "attached") {
      return;
    }
    const { clock, registry, runnerName } = this.context;
    this.#state = "ready";
    this.#startedAt = clock.now() / 1000;
    if (this.#startsActive) {
      this.#pendingActivation ??= { args: undefined };
    }
    await this.tell(() => this.onReady(), "ready");
    // The hook may have ended the agent.
    if (!this.ready) {
      return;
    }
    const info = {
      runner: runnerName,
      parent: this.#parent,
      active: this.#pendingActivation !== undefined,
      bridged: this.#bridged,
      startedAt: this.#startedAt,
    };
    this.send(busMessage("agentReady", info));
    registry.register({ name: this.name, ...info });
    this.#started = true;
    for (const name of this.#watches.keys()) {
      this.#watches.set(name, registry.watch(name, this.#watcher));
    }
    const activation = this.#pendingActivation;
    this.#pendingActivation = undefined;
    const activated = activation === undefined ? undefined : this.#activate(activation.args);
    if (activated !== undefined) {
      this.#firstActivation = activated;
      await activated;
      this.#firstActivation = undefined;
    }
  }

  finish(): Promise<void> {
    return this.#finish(undefined);
  }

  /** Ends this agent at once, and cancels the children that it still has. */
  async #finish(reason: string | undefined): Promise<void> {
    if (this.ended) {
      return this.finished;
    }
    const attached = this.#context !== undefined;
    if (attached) {
      this.#children.cancel(this.#asParent(), reason);
    }
    this.#state = "ending";
    this.#active = false;
    this.#activationArgs = undefined;
    this.abortFrames();
    if (attached) {
      this.endTasks();
    }
    this.#unsubscribe();
    for (const unwatch of this.#watches.values()) {
      unwatch();
    }
    this.#watches.clear();
    if (attached) {
      this.context.registry.unregister(this.name, this.context.runnerName);
      await this.tell(() => this.onFinished(), "finished");
    }
    this.#state = "finished";
    this.#finished.resolve();
  }

  protected reportHandlerError(event: string, error: unknown): void {
    const level = this.#isOwnEnd(error) ? "debug" : "error";
    (this.#context?.logger ?? consoleLogger)[level]("a handler of an agent's event failed", {
      agent: this.name,
      event,
      error,
    });
  }

  /** Whether what awaits a task fails because its agent ends, as that of a page that is left does: nobody's error. */
  #isOwnEnd(error: unknown): boolean {
    return this.ended && error instanceof StatusError && error.code === Code.CANCELLED;
  }

  /** Whether the agent has ended, or is about to. */
  protected get ended(): boolean {
    return this.#state === "ending" || this.#state === "finished";
  }

  #handle(message: AnyBusMessage): void | Promise<void> {
    if (this.#firstActivation !== undefined && this.#waitsForActivation(message)) {
      return this.#firstActivation.then(() => (this.ended ? undefined : this.#handle(message)));
    }
    const dealt = this.#deal(message);
    return dealt instanceof Promise ? dealt.then(() => this.#tellMessage(message)) : this.#tellMessage(message);
  }

  /** Does what `tell()` does, without the closures: this is done for every message. */
  #tellMessage(message: AnyBusMessage): void | Promise<void> {
    let result: unknown;
    try {
      result = this.onBusMessage(message);
    } catch (error) {
      this.#busHookFailed(message, error);
    }
    if (result instanceof Promise) {
      return result
        .catch((error: unknown) => this.#busHookFailed(message, error))
        .then(() => this.emitAgentEvent("busMessage", message));
    }
    this.emitAgentEvent("busMessage", message);
  }

  #busHookFailed(message: AnyBusMessage, error: unknown): void {
    if (isErrorReport(message)) {
      // To report what such a hook throws at a report of an error would go on without end.
      this.reportHandlerError("busMessage", error);
    } else {
      this.reportError(error);
    }
  }

  #waitsForActivation(message: AnyBusMessage): boolean {
    return !(message instanceof LocalMessage) && !isSystem(message) && !isTaskReply(message);
  }

  /** What an agent does about a message of its own accord. What is targeted at others is not its business. */
  #deal(message: AnyBusMessage): void | Promise<void> {
    if (message instanceof AgentLocalErrorMessage) {
      return this.#childFailed(message.source, message.body.value.error);
    }
    if (message instanceof LocalMessage) {
      return this.receiveLocal(message);
    }
    const body = message.body;
    if (body.case === "frame") {
      return this.receiveFrame(message, body.value);
    }
    if (message.target !== this.name) {
      return;
    }
    switch (body.case) {
      case "activateAgent":
        return this.#activate(toJs(body.value.args));
      case "deactivateAgent":
        return this.#deactivate();
      case "endAgent":
        return this.#end(body.value.reason);
      case "cancelAgent":
        return this.#finish(body.value.reason);
      default:
        if (body.case?.startsWith("task") === true) {
          this.receiveTask(message);
        }
    }
  }

  #activate(args: JsValue | undefined): void | Promise<void> {
    if (!this.#started) {
      this.#pendingActivation = { args };
      return;
    }
    this.#active = true;
    this.#activationArgs = args;
    return this.tell(() => this.onActivated(args), "activated", args);
  }

  #deactivate(): void | Promise<void> {
    this.#pendingActivation = undefined;
    this.#active = false;
    this.#activationArgs = undefined;
    this.abortFrames();
    return this.tell(() => this.onDeactivated(), "deactivated");
  }

  #childFailed(agentName: string, error: StatusError): void | Promise<void> {
    if (this.#children.has(agentName)) {
      const info = { agentName, error };
      return this.tell(() => this.onAgentError(info), "agentError", info);
    }
  }

  async #end(reason: string | undefined): Promise<void> {
    await this.#children.end(this.#asParent(), reason);
    await this.#finish(reason);
  }

  #asParent(): Parent {
    return { send: (message) => this.send(message), logger: this.context.logger };
  }
}

function isErrorReport(message: AnyBusMessage): boolean {
  return message instanceof AgentLocalErrorMessage || message.body.case === "agentError";
}

/**
 * Whether a message is about a task that this agent has requested, or ends one that it does. It is dealt with at once,
 * also while the handler of another message awaits that very task.
 */
function isTaskReply(message: AnyBusMessage): boolean {
  const name: string = message.body.case ?? "";
  return name.startsWith("task") && name !== "taskRequest";
}
