import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { AgentRunner } from "../../../src/agent/agent-runner.js";
import type { Task, TaskOptions } from "../../../src/agent/tasks/task.js";
import type { TaskContext } from "../../../src/agent/tasks/task-context.js";
import { asyncDispose } from "../../../src/base/dispose.js";
import { Code, StatusError } from "../../../src/base/status.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { idle } from "../../support/idle.js";
import { abortListeners } from "../../support/open-node.js";
import { useRecordingLogger } from "../../support/recording-logger.js";
import { aborted, countHeld } from "../../support/task-bench.js";
import { TestAgent } from "../../support/test-agent.js";

const workerNames = ["w0", "w1", "w2"] as const;

/** What a handler does, after some turns of the event loop. */
const behaviours = ["return", "throw", "respond", "stream", "breakStream", "obey", "ignore"] as const;

/** One task: who does it and how, and what its requester does with it. */
interface Script {
  readonly workers: readonly string[];
  readonly isGroup: boolean;
  readonly cancelOnError: boolean;
  readonly behaviour: (typeof behaviours)[number];
  readonly isSequential: boolean;
  /** Turns until it is requested, until the worker is done, and until the requester intervenes. */
  readonly start: number;
  readonly work: number;
  readonly patience: number;
  readonly intervention: "none" | "cancel" | "cancelById" | "signal" | "timeout" | "dispose";
  readonly reads: "nothing" | "events" | "one event";
}

const arbitraryScript: fc.Arbitrary<Script> = fc
  .record({
    workers: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...workerNames).map((name) => [name]) },
      { weight: 3, arbitrary: fc.subarray([...workerNames], { minLength: 1 }) },
      { weight: 1, arbitrary: fc.constant(["nobody"]) },
    ),
    isGroup: fc.boolean(),
    cancelOnError: fc.boolean(),
    behaviour: fc.constantFrom(...behaviours),
    isSequential: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    start: fc.nat(60),
    work: fc.nat(4),
    patience: fc.nat(6),
    intervention: fc.constantFrom("none", "cancel", "cancelById", "signal", "timeout", "dispose"),
    reads: fc.constantFrom("nothing", "events", "one event"),
  })
  .map((script) => ({ ...script, isGroup: script.isGroup || script.workers.length > 1 }));

/** Does what the payload says. */
async function plainHandler({ payload, signal, respond, stream }: TaskContext): Promise<unknown> {
  const { behaviour, work } = payload as { behaviour: Script["behaviour"]; work: number };
  for (let i = 0; i < work; i++) {
    await idle();
  }
  switch (behaviour) {
    case "throw":
      throw new StatusError(Code.ABORTED, "as told");
    case "respond":
      if (!signal.aborted) {
        respond("done", { urgent: work === 1 });
      }
      return new Promise(() => {});
    case "obey":
      return signal.aborted ? undefined : aborted(signal).then(() => undefined);
    case "ignore":
      return new Promise(() => {});
    default:
      if (work === 2 && !signal.aborted) {
        stream.data("one");
      }
      return "done";
  }
}

async function* streamHandler({ payload }: TaskContext) {
  const { behaviour, work } = payload as { behaviour: Script["behaviour"]; work: number };
  for (let i = 0; i < work; i++) {
    await idle();
    yield i;
  }
  if (behaviour === "breakStream") {
    throw new StatusError(Code.ABORTED, "as told");
  }
  return "done";
}

/** How a task may end, if nobody else ends it: with these codes. */
function allowed({ workers, behaviour, intervention, isGroup, cancelOnError }: Script): readonly Code[] {
  const codes: Code[] = [];
  if (workers.includes("nobody")) {
    codes.push(Code.NOT_FOUND);
  } else if (behaviour === "throw" || behaviour === "breakStream") {
    codes.push(isGroup && !cancelOnError ? Code.OK : Code.ABORTED);
  } else if (behaviour !== "obey" && behaviour !== "ignore") {
    codes.push(Code.OK);
  }
  if (intervention === "timeout") {
    codes.push(workers.includes("nobody") ? Code.NOT_FOUND : Code.DEADLINE_EXCEEDED);
  }
  // Whoever is left at the end is cancelled.
  codes.push(Code.CANCELLED);
  return codes;
}

describe("tasks in random order", () => {
  const logger = useRecordingLogger();

  it("ten thousand of them, started, cancelled and completed, leave nothing behind", async () => {
    const ends = new Map<string, number>();
    let total = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryScript, { minLength: 500, maxLength: 500 }), async (scripts) => {
        const clock = new VirtualClock();
        const runner = new AgentRunner({ handleSigint: false, logger, clock });
        const watchers = countHeld(runner.registry, "watch");
        const listeners = countHeld(runner.bus, "on");
        const boss = new TestAgent("boss");
        const workers = workerNames.map((name) => new TestAgent(name));
        for (const worker of workers) {
          worker.handleTask("plain", plainHandler as () => Promise<undefined>);
          worker.handleTask("plainSequential", plainHandler as () => Promise<undefined>, { sequential: true });
          worker.handleTask("stream", streamHandler);
          worker.handleTask("streamSequential", streamHandler, { sequential: true });
        }
        for (const agent of [boss, ...workers]) {
          await runner.addAgent(agent);
        }
        void runner.run();
        await idle();
        const held = watchers.held + listeners.held;
        const controllers = scripts.map(() => new AbortController());
        const results: Promise<void>[] = [];
        const running: { readonly task: Task<unknown>; readonly due: number; readonly index: number }[] = [];

        const start = (script: Script, index: number, turn: number) => {
          const streams = script.behaviour === "stream" || script.behaviour === "breakStream";
          const options: TaskOptions = {
            name: (streams ? "stream" : "plain") + (script.isSequential ? "Sequential" : ""),
            payload: { behaviour: script.behaviour, work: script.work },
            signal: (controllers[index] as AbortController).signal,
            ...(script.intervention === "timeout" && { timeoutMs: 1 + script.patience }),
          };
          const task: Task<unknown> = script.isGroup
            ? boss.requestTaskGroup(script.workers, { ...options, cancelOnError: script.cancelOnError })
            : boss.requestTask(script.workers[0] as string, options);
          running.push({ task, due: turn + script.patience, index });
          results.push(
            Promise.resolve(task).then(
              () => ended(script, Code.OK),
              (error: StatusError) => ended(script, error.code),
            ),
          );
          if (script.reads !== "nothing") {
            results.push(read(task, script.reads === "one event"));
          }
        };
        const ended = (script: Script, code: Code) => {
          ends.set(Code[code], (ends.get(Code[code]) ?? 0) + 1);
          expect(allowed(script), JSON.stringify(script)).to.include(code);
        };

        for (let turn = 0; turn <= 70; turn++) {
          for (const [index, script] of scripts.entries()) {
            if (script.start === turn) {
              start(script, index, turn);
            }
          }
          for (const { task, index } of running.filter(({ due }) => due === turn)) {
            intervene(boss, task, (scripts[index] as Script).intervention, controllers[index] as AbortController);
          }
          clock.advance(1);
          await idle();
        }
        for (const { task } of running) {
          task.cancel("the end");
        }
        await Promise.all(results);
        for (let i = 0; i < 10; i++) {
          await idle();
        }
        for (const agent of [boss, ...workers]) {
          const { dropped, ...left } = agent.taskStats;
          expect(left, agent.name).to.deep.equal({ requested: 0, handled: 0, earlyCancels: 0 });
        }
        expect(clock.pending, "timers").to.equal(0);
        expect(watchers.held + listeners.held, "watchers and listeners").to.equal(held);
        for (const { signal } of controllers) {
          expect(abortListeners(signal), "listeners of signals").to.equal(0);
        }
        total += running.length;
        await runner[asyncDispose]();
        expect(clock.pending, "timers in the end").to.equal(0);
      }),
      { numRuns: 20 },
    );
    expect(total).to.be.at.least(10_000);
    // A property that never meets an end says nothing about it.
    for (const code of ["OK", "CANCELLED", "ABORTED", "DEADLINE_EXCEEDED", "NOT_FOUND"]) {
      expect(ends.get(code) ?? 0, code).to.be.greaterThan(20);
    }
  }).timeout(60_000);
});

function intervene(boss: TestAgent, task: Task<unknown>, how: Script["intervention"], controller: AbortController) {
  switch (how) {
    case "cancel":
      task.cancel();
      break;
    case "cancelById":
      boss.requestCancelTask(task.id, "by its id");
      break;
    case "signal":
      controller.abort();
      break;
    case "dispose":
      void task[asyncDispose]();
      break;
    default:
  }
}

/** Reads events until there are none, or only the first. */
async function read(task: Task<unknown>, isCurious: boolean): Promise<void> {
  try {
    for await (const _ of task) {
      if (isCurious) {
        return;
      }
    }
  } catch (error) {
    expect(error).to.be.instanceOf(StatusError);
  }
}
