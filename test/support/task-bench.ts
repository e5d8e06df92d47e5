import { expect } from "chai";
import { afterEach } from "mocha";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { AgentRunner } from "../../src/agent/agent-runner.js";
import type { Clock } from "../../src/base/clock.js";
import type { Code, StatusError } from "../../src/base/status.js";
import type { AnyBusMessage } from "../../src/bus/agent-bus.js";
import type { BodyCase, BodyOf } from "../../src/message/types.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { expectRejected } from "./expect-status.js";
import { idle } from "./idle.js";
import type { RecordingLogger } from "./recording-logger.js";
import { TestAgent } from "./test-agent.js";
import { useRunners } from "./use-runners.js";

/** One runner with a requester and its workers, whose clock a test has in its hands. */
export interface TaskBench {
  readonly runner: AgentRunner;
  readonly clock: VirtualClock;
  readonly boss: TestAgent;
  readonly workers: Readonly<Record<string, TestAgent>>;
  /** The worker that is called "worker". */
  readonly worker: TestAgent;
  /** Everything that was sent on the bus to one agent and is about tasks, in the order of sending. */
  readonly sent: readonly BusMessage[];
  /** Adds a worker later, after `prepare` had it. */
  add(name: string, prepare?: (worker: TestAgent) => void): Promise<TestAgent>;
}

/** The body of a message that is expected to be in a case. */
export function bodyOf<C extends BodyCase>(kind: C, message: AnyBusMessage | undefined): BodyOf<C> {
  expect(message?.body.case).to.equal(kind);
  return (message as BusMessage).body.value as BodyOf<C>;
}

/** Expects a task to fail with a status of this code, and returns it. */
export function expectFailure(code: Code, task: PromiseLike<unknown>): Promise<StatusError> {
  return expectRejected(code, Promise.resolve(task));
}

/** Resolves with why a handler was told to stop. */
export function aborted(signal: AbortSignal): Promise<StatusError> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(signal.reason as StatusError), { once: true });
  });
}

/** Reads all that a task has to tell. */
export async function collect<T>(events: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const event of events) {
    all.push(event);
  }
  return all;
}

/** Counts what is begun with a function that returns how to end it. */
export function countHeld<Name extends string>(
  owner: Readonly<Record<Name, (...args: never[]) => () => void>>,
  name: Name,
): { readonly held: number } {
  const held = new Set<() => void>();
  const begin = owner[name].bind(owner) as (...args: never[]) => () => void;
  Object.assign(owner, {
    [name]: (...args: never[]) => {
      const end = begin(...args);
      const release = () => {
        held.delete(release);
        end();
      };
      held.add(release);
      return release;
    },
  });
  return {
    get held() {
      return held.size;
    },
  };
}

/**
 * Provides a suite with benches. After each test nothing may be left of its tasks: none at work, no timer that waits,
 * nobody who watches a name or listens to the bus.
 */
export function useTaskBench(logger: RecordingLogger): (...workers: readonly string[]) => Promise<TaskBench> {
  let benches: { readonly clock: VirtualClock; readonly agents: TestAgent[]; readonly held: () => number }[] = [];
  afterEach("nothing is left", async () => {
    const left = benches;
    benches = [];
    await idle();
    for (const { clock, agents, held } of left) {
      for (const { name, taskStats } of agents) {
        expect({ ...taskStats, dropped: 0 }, name).to.deep.equal({
          requested: 0,
          handled: 0,
          earlyCancels: 0,
          dropped: 0,
        });
      }
      expect(clock.pending, "timers").to.equal(0);
      expect(held(), "watchers and listeners").to.equal(0);
    }
  });
  const runners = useRunners(logger);
  return async (...names) => {
    const clock: VirtualClock & Clock = new VirtualClock();
    const runner = runners.make({ clock });
    const watchers = countHeld(runner.registry, "watch");
    const listeners = countHeld(runner.bus, "on");
    const boss = new TestAgent("boss", { bridges: [] });
    const agents = [boss];
    const workers: Record<string, TestAgent> = {};
    const add = async (name: string, prepare: (worker: TestAgent) => void = () => {}) => {
      const worker = new TestAgent(name);
      workers[name] = worker;
      agents.push(worker);
      prepare(worker);
      await runner.addAgent(worker);
      return worker;
    };
    await runner.addAgent(boss);
    for (const name of names.length === 0 ? ["worker"] : names) {
      await add(name);
    }
    const sent: BusMessage[] = [];
    runner.bus.subscribe({
      name: "tap",
      observes: true,
      onBusMessage: (message) => {
        if (message.body.case?.startsWith("task") === true) {
          sent.push(message as BusMessage);
        }
      },
    });
    void runner.run();
    await idle();
    const before = watchers.held + listeners.held;
    benches.push({ clock, agents, held: () => Math.max(0, watchers.held + listeners.held - before) });
    return { runner, clock, boss, workers, worker: workers["worker"] as TestAgent, sent, add };
  };
}
