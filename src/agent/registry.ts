import { consoleLogger, type Logger } from "../base/logger.js";

/** What is known of an agent that is ready. */
export interface AgentInfo {
  readonly name: string;
  /** The name of the runner that hosts the agent. */
  readonly runner: string;
  /** The name of the agent that added this one. Absent for one that was added to a runner. */
  readonly parent?: string | undefined;
  /** Whether the agent was active when it became ready. */
  readonly active?: boolean | undefined;
  /** Whether the agent takes frames from bridges. */
  readonly bridged?: boolean | undefined;
  /** When the agent became ready, in seconds since the epoch. */
  readonly startedAt?: number | undefined;
}

/** Is told when agents of one name come and go. */
export interface AgentWatcher {
  /** An agent of that name became ready. Told again for each runner that has one. */
  ready?(agent: AgentInfo): void;
  /** The last agent of that name is gone. */
  gone?(agent: AgentInfo): void;
}

/**
 * The agents that are ready, on this runner and, through proxies, on others.
 */
export class AgentRegistry {
  /** The name of the runner whose agents are local. */
  readonly runnerName: string;
  readonly #agents = new Map<string, Map<string, AgentInfo>>();
  readonly #watchers = new Map<string, Set<AgentWatcher>>();

  readonly #logger: Logger;

  /** A watcher that throws is reported to `logger`, and keeps nobody else from being told. Default: the console. */
  constructor(runnerName: string, logger: Logger = consoleLogger) {
    this.runnerName = runnerName;
    this.#logger = logger;
  }

  /** The agents of this runner, in the order in which they became ready. */
  get localAgents(): readonly AgentInfo[] {
    return this.#all((agent) => agent.runner === this.runnerName);
  }

  /** The agents of other runners. */
  get remoteAgents(): readonly AgentInfo[] {
    return this.#all((agent) => agent.runner !== this.runnerName);
  }

  /** Adds an agent, and tells who watches its name. Returns false when that runner has it already. */
  register(agent: AgentInfo): boolean {
    let runners = this.#agents.get(agent.name);
    if (runners?.has(agent.runner)) {
      return false;
    }
    if (runners === undefined) {
      runners = new Map();
      this.#agents.set(agent.name, runners);
    }
    runners.set(agent.runner, agent);
    for (const watcher of [...(this.#watchers.get(agent.name) ?? [])]) {
      this.#tell(watcher, "ready", agent);
    }
    return true;
  }

  /** Removes an agent. Who watches its name is told when it was the last of that name. */
  unregister(name: string, runner: string): boolean {
    const runners = this.#agents.get(name);
    const agent = runners?.get(runner);
    if (runners === undefined || agent === undefined) {
      return false;
    }
    runners.delete(runner);
    if (runners.size === 0) {
      this.#agents.delete(name);
      for (const watcher of [...(this.#watchers.get(name) ?? [])]) {
        this.#tell(watcher, "gone", agent);
      }
    }
    return true;
  }

  /** The agent of that name, a local one first. */
  get(name: string): AgentInfo | undefined {
    const runners = this.#agents.get(name);
    return runners?.get(this.runnerName) ?? runners?.values().next().value;
  }

  /** Whether an agent of that name is ready. */
  has(name: string): boolean {
    return this.#agents.has(name);
  }

  /**
   * Tells `watcher` when agents of that name come and go, at once where they are there already. The same
   * watcher given twice is told once. Returns a function that ends it.
   */
  watch(name: string, watcher: AgentWatcher): () => void {
    let watchers = this.#watchers.get(name);
    if (watchers === undefined) {
      watchers = new Set();
      this.#watchers.set(name, watchers);
    }
    if (!watchers.has(watcher)) {
      watchers.add(watcher);
      for (const agent of [...(this.#agents.get(name)?.values() ?? [])]) {
        this.#tell(watcher, "ready", agent);
      }
    }
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(name) === watchers) {
        this.#watchers.delete(name);
      }
    };
  }

  #tell(watcher: AgentWatcher, what: "ready" | "gone", agent: AgentInfo): void {
    try {
      watcher[what]?.(agent);
    } catch (error) {
      this.#logger.error("a watcher of an agent failed", { agent: agent.name, error });
    }
  }

  #all(test: (agent: AgentInfo) => boolean): readonly AgentInfo[] {
    return [...this.#agents.values()].flatMap((runners) => [...runners.values()]).filter(test);
  }
}
