import { expect } from "chai";
import { type Code, StatusError } from "../../src/base/status.js";
import type { VirtualClock } from "../../src/testing/virtual-clock.js";
import { openSockets, turn } from "../support/open-node.js";

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

/** Waits, turn by turn, until no more sockets are open than before. */
export async function nothingLeft(before: readonly string[]): Promise<void> {
  for (let turns = 0; turns < 500 && openSockets().length > before.length; turns += 1) {
    await turn();
  }
  expect(openSockets()).to.have.length.at.most(before.length);
}

/** Waits, turn by turn, until a timer is set that is due in `ms` milliseconds. */
export async function timerIsSet(clock: VirtualClock, ms: number): Promise<void> {
  for (let turns = 0; turns < 5000 && !clock.dueIn.includes(ms); turns += 1) {
    await turn();
  }
  expect(clock.dueIn, `timers, of which one is to be due in ${ms} ms`).to.include(ms);
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
