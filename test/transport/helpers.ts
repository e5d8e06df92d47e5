import { expect } from "chai";
import type { Clock } from "../../src/base/clock.js";
import { type Code, StatusError } from "../../src/base/status.js";

/** A clock that stands still until a test moves it. */
export class HeldClock implements Clock {
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Whether a timer is set that is due in `ms` milliseconds. */
  isDueIn(ms: number): boolean {
    return [...this.#timers].some(({ at }) => at === this.#now + ms);
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) {
        break;
      }
      this.#timers.delete(due);
      this.#now = due.at;
      due.callback();
    }
    this.#now = end;
  }
}

/** Waits for a rejection with a status of this code, and returns it. */
export async function rejection(promise: Promise<unknown>, code: Code): Promise<StatusError> {
  const error = await promise.then(
    () => expect.fail("it didn't reject"),
    (reason: unknown) => reason,
  );
  return expectStatus(error, code);
}

/** Calls a function that must throw a status of this code, and returns it. */
export function thrown(action: () => unknown, code: Code): StatusError {
  let error: unknown;
  try {
    action();
  } catch (reason) {
    error = reason;
  }
  return expectStatus(error, code);
}

function expectStatus(error: unknown, code: Code): StatusError {
  if (!(error instanceof StatusError)) {
    throw error ?? new Error("nothing was thrown");
  }
  expect(error.code).to.equal(code);
  return error;
}

/** The sockets and servers that keep this process alive. (Timers are counted by the clocks that tests hold.) */
export function openSockets(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Pipe/.test(name));
}

/** Waits, turn by turn, until no more sockets are open than before. */
export async function nothingLeft(before: readonly string[]): Promise<void> {
  for (let turn = 0; turn < 500 && openSockets().length > before.length; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  expect(openSockets()).to.have.length.at.most(before.length);
}

/** Waits, turn by turn, until a timer is set that is due in `ms` milliseconds. */
export async function timerIsSet(clock: HeldClock, ms: number): Promise<void> {
  for (let turn = 0; turn < 5000 && !clock.isDueIn(ms); turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  expect(clock.isDueIn(ms), `whether a timer is due in ${ms} ms`).to.equal(true);
}

/** Tells whether a promise has settled by now. */
export function settled(promise: Promise<unknown>): () => boolean {
  let isSettled = false;
  void promise.finally(() => {
    isSettled = true;
  });
  return () => isSettled;
}

/** Runs an action, and keeps the errors that are logged meanwhile from the console. */
export async function withoutConsole(action: () => Promise<void>): Promise<{ readonly logged: readonly string[] }> {
  const logged: string[] = [];
  const { error } = console;
  console.error = (line: unknown) => logged.push(String(line));
  try {
    await action();
  } finally {
    console.error = error;
  }
  return { logged };
}
