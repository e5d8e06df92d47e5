import { checkMilliseconds } from "../base/check-milliseconds.js";
import { type Clock, systemClock } from "../base/clock.js";
import { deferred } from "../base/deferred.js";
import { asyncDispose } from "../base/dispose.js";
import { TypedEvents } from "../base/events.js";
import { type Logger, safeLogger } from "../base/logger.js";
import { randomName } from "../base/random-name.js";
import { Code, StatusError, show } from "../base/status.js";
import type { AgentBus, AnyBusMessage } from "../bus/agent-bus.js";
import { InProcessBus } from "../bus/in-process-bus.js";
import { busMessage } from "../message/build.js";
import { LocalMessage } from "../message/local-message.js";
import { checkAgentName } from "../message/names.js";
import { deliveredBy } from "../message/provenance.js";
import type { AgentContext } from "./agent-context.js";
import type { AgentErrorInfo } from "./agent-hooks.js";
import type { HostedAgent } from "./hosted-agent.js";
import { AddAgentMessage } from "./local-messages.js";
import { onStopSignal } from "./process-signals.js";
import { AgentRegistry } from "./registry.js";
import type { Tracing } from "./tracing.js";

/** What can be said about a runner. */
export interface AgentRunnerOptions {
  /** The name of the runner. Default: `runner-` and eight random hexadecimal digits. */
  readonly name?: string;
  /** The bus that the runner owns: it starts and stops it. Default: a bus in this process. */
  readonly bus?: AgentBus;
  /**
   * Whether SIGINT (Ctrl-C) cancels the runner while it runs. Default: true. Say false where one process has
   * several runners, as a server with one per session has.
   */
  readonly handleSigint?: boolean;
  /** Whether SIGTERM cancels the runner while it runs. Default: false. */
  readonly handleSigterm?: boolean;
  /**
   * How long `cancel()` waits for agents to release what they hold, in milliseconds. Those that take longer are
   * reported and left behind. Default: 10 000.
   */
  readonly cancelTimeoutMs?: number;
  /** Where log lines of the runner, its bus and its agents go. Default: the console, from warnings up. */
  readonly logger?: Logger;
  /** Where time comes from. Default: the platform. */
  readonly clock?: Clock;
  /** Follows messages and tasks: `tracing` of `crossbus/opentelemetry`. Default: nothing does. */
  readonly tracing?: Tracing | undefined;
}

/** The events of a runner. */
export type AgentRunnerEvents = {
  /** `run()` has started the agents that were added before it. */
  ready: [];
  /** An agent that has no parent has reported an error. */
  error: [info: AgentErrorInfo];
};

/**
 * Owns one bus and one registry, and starts, ends and cancels the agents on them.
 */
export class AgentRunner extends TypedEvents<AgentRunnerEvents> implements AsyncDisposable {
  readonly name: string;
  readonly bus: AgentBus;
  readonly registry: AgentRegistry;
  /** The agents that have not ended, and whether each is a root: has no parent. */
  readonly #agents = new Map<HostedAgent, { readonly root: boolean }>();
  readonly #options: AgentRunnerOptions;
  readonly #cancelTimeoutMs: number;
  readonly #context: AgentContext;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #stopping = deferred();
  readonly #cancelled = deferred();
  #running: Promise<void> | undefined;
  #started = false;
  #shutdown: "end" | "cancel" | undefined;

  constructor(options: AgentRunnerOptions = {}) {
    super();
    this.name = options.name ?? randomName("runner");
    checkAgentName("name", this.name);
    this.#cancelTimeoutMs = checkMilliseconds("cancelTimeoutMs", options.cancelTimeoutMs ?? 10_000);
    this.#options = options;
    this.#logger = safeLogger(options.logger);
    this.#clock = options.clock ?? systemClock;
    this.bus = options.bus ?? new InProcessBus({ logger: this.#logger });
    this.registry = new AgentRegistry(this.name, this.#logger);
    this.#context = {
      runnerName: this.name,
      bus: this.bus,
      registry: this.registry,
      clock: this.#clock,
      logger: this.#logger,
      tracing: options.tracing,
      rootFailed: (agentName, error) => this.emit("error", { agentName, error }),
    };
    this.bus.subscribe({ name: this.name, onBusMessage: (message) => this.#handle(message) });
  }

  /**
   * Adds an agent. While the runner runs, the agent is started, and the promise resolves once it is ready;
   * before that, `run()` starts it.
   *
   * Rejects with ALREADY_EXISTS when an agent on the bus answers to its name, and with FAILED_PRECONDITION when
   * it was added before or the runner is stopping.
   */
  async addAgent(agent: HostedAgent): Promise<void> {
    await this.#add(agent, undefined, () => {});
  }

  /**
   * Starts the agents, and resolves once the runner was ended or cancelled and all its agents have ended. Returns
   * at once after `end()` or `cancel()`. Until then it keeps the process running. Rejects with FAILED_PRECONDITION when it was called before.
   */
  run(): Promise<void> {
    if (this.#running !== undefined) {
      return Promise.reject(
        new StatusError(Code.FAILED_PRECONDITION, `runner ${show(this.name)} was run before: make a new one`),
      );
    }
    this.#running = this.#run();
    return this.#running;
  }

  /** Ends every agent once it has handled what is queued for it, and then `run()`. Ending twice is ending once. */
  end(reason?: string): void {
    if (this.#shutdown === undefined) {
      this.#shutdown = "end";
      this.#logger.debug("the runner is ending", { runner: this.name, reason });
      this.#tellRoots("endAgent", reason);
      this.#stopping.resolve();
    }
  }

  /** Ends every agent at once, and then `run()`. Cancelling twice is cancelling once. */
  cancel(reason?: string): void {
    if (this.#shutdown !== "cancel") {
      this.#shutdown = "cancel";
      this.#logger.debug("the runner is being cancelled", { runner: this.name, reason });
      this.#tellRoots("cancelAgent", reason);
      this.#stopping.resolve();
      this.#cancelled.resolve();
    }
  }

  /** Cancels the runner, and waits until `run()` has returned. */
  async [asyncDispose](): Promise<void> {
    this.cancel();
    await (this.#running ?? this.run());
  }

  protected reportHandlerError(event: string, error: unknown): void {
    this.#logger.error("a handler of a runner's event failed", { runner: this.name, event, error });
  }

  async #run(): Promise<void> {
    const { handleSigint = true, handleSigterm = false } = this.#options;
    const unlisten = [
      handleSigint ? onStopSignal("SIGINT", () => this.cancel("SIGINT")) : undefined,
      handleSigterm ? onStopSignal("SIGTERM", () => this.cancel("SIGTERM")) : undefined,
    ];
    // Agents that wait for each other hold no resource of the platform: a process would end before they do.
    const alive = setInterval(() => {}, 1_000_000_000);
    try {
      if (this.#shutdown === undefined) {
        this.bus.start();
        this.#started = true;
        const starting = Promise.all([...this.#agents.keys()].map((agent) => this.#start(agent)));
        await Promise.race([starting, this.#stopping.promise]);
        if (this.#shutdown === undefined) {
          this.emit("ready");
        }
        await this.#stopping.promise;
        await Promise.race([this.#allFinished(), this.#cancelled.promise.then(() => this.#cancelTimeout())]);
      }
      // Those that were never started, or, after the timeout, that don't end: nobody waits for these.
      const finishing = [...this.#agents.keys()].map((agent) => agent.finish());
      if (!this.#started) {
        await Promise.all(finishing);
      }
    } finally {
      clearInterval(alive);
      this.bus.stop();
      for (const stop of unlisten) {
        stop?.();
      }
    }
  }

  async #start(agent: HostedAgent): Promise<void> {
    try {
      await agent.start();
    } catch (error) {
      this.#logger.error("an agent could not be started", { agent: agent.name, error });
      await agent.finish();
    }
  }

  async #add(agent: HostedAgent, parent: string | undefined, adopt: () => void): Promise<void> {
    if (this.#shutdown !== undefined) {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `runner ${show(this.name)} is stopping, agent ${show(agent.name)} was not added`,
      );
    }
    agent.attach(this.#context, parent);
    try {
      adopt();
    } catch (error) {
      await agent.finish();
      throw error;
    }
    this.#agents.set(agent, { root: parent === undefined });
    void agent.finished.then(() => this.#agents.delete(agent));
    if (this.#started) {
      await this.#start(agent);
    }
  }

  #handle(message: AnyBusMessage): void {
    if (message instanceof AddAgentMessage) {
      const { agent, adopt, done } = message.body.value;
      // Not awaited: an agent that adds another while it starts would wait for itself.
      this.#add(agent, message.source, adopt).then(done.resolve, done.reject);
      return;
    }
    // Whoever is at the other end of a link has no say in whether this runner runs.
    if (message instanceof LocalMessage || deliveredBy(message) !== undefined) {
      return;
    }
    if (message.body.case === "end") {
      this.end(message.body.value.reason);
    } else if (message.body.case === "cancel") {
      this.cancel(message.body.value.reason);
    }
  }

  #tellRoots(kind: "endAgent" | "cancelAgent", reason: string | undefined): void {
    if (!this.#started) {
      return;
    }
    for (const [agent, { root }] of this.#agents) {
      if (root) {
        try {
          this.bus.send(busMessage(kind, { reason }, { source: this.name, target: agent.name }));
        } catch (error) {
          this.#logger.warn("an agent that can't be told to end is ended", { agent: agent.name, error });
          void agent.finish();
        }
      }
    }
  }

  async #allFinished(): Promise<void> {
    while (this.#agents.size > 0) {
      await Promise.all([...this.#agents.keys()].map((agent) => agent.finished));
    }
  }

  /** Resolves when agents have had their time to end after a cancel. */
  async #cancelTimeout(): Promise<void> {
    const finished = this.#allFinished();
    const timeout = deferred();
    const prevent = this.#clock.after(this.#cancelTimeoutMs, () => {
      this.#logger.error("agents did not end in time and are left behind", {
        runner: this.name,
        agents: [...this.#agents.keys()].map(({ name }) => name).join(", "),
      });
      timeout.resolve();
    });
    await Promise.race([finished, timeout.promise]);
    prevent();
  }
}
