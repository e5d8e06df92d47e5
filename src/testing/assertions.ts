import { Code, formatStatus, type Status, StatusError } from "../base/status.js";

/** How long a list may be to be shown as a whole. */
const shownItems = 20;

export function assert(condition: boolean, otherwise: string): asserts condition {
  if (!condition) {
    throw new Error(otherwise);
  }
}

/** Compares what JSON shows of two values. */
export function assertEqual(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(difference(actual, expected));
  }
}

/** Checks with which code something ended. */
export function assertEnd(seen: Status, code: Code): void {
  assert(seen.code === code, `expected it to end with ${Code[code]}, and it ended with ${formatStatus(seen)}`);
}

export function assertThrows(action: () => unknown, code: Code): void {
  try {
    action();
  } catch (error) {
    assertCode(error, code);
    return;
  }
  throw new Error(`expected ${Code[code]}, and nothing was thrown`);
}

/** Checks that a promise rejects with one of these codes. */
export async function assertRejects(promise: Promise<unknown>, ...codes: readonly Code[]): Promise<void> {
  try {
    await promise;
  } catch (error) {
    assertCode(error, ...codes);
    return;
  }
  throw new Error(`expected ${namesOf(codes)}, and nothing was thrown`);
}

function assertCode(error: unknown, ...codes: readonly Code[]): void {
  if (!(error instanceof StatusError)) {
    throw new Error(`expected a StatusError with ${namesOf(codes)}, got ${String(error)}`, { cause: error });
  }
  assert(codes.includes(error.code), `expected ${namesOf(codes)}, got ${formatStatus(error)}`);
}

function namesOf(codes: readonly Code[]): string {
  return codes.map((code) => Code[code]).join(" or ");
}

/** An error for a case to throw. It ends up in the log of the transport, and says there that it is nothing to look into. */
export function onPurpose(): Error {
  const error = new Error("thrown by a conformance case, to see that the transport goes on");
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** Says how two values differ. Of long lists only where they begin to: the rest would hide it. */
function difference(actual: unknown, expected: unknown): string {
  if (!Array.isArray(actual) || !Array.isArray(expected) || Math.max(actual.length, expected.length) <= shownItems) {
    return `expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
  }
  const [got, wanted] = [actual, expected].map((list) => list.map((item) => JSON.stringify(item))) as [
    string[],
    string[],
  ];
  const at = wanted.findIndex((item, index) => item !== got[index]);
  const index = at < 0 ? wanted.length : at;
  const [want = "nothing more", have = "nothing more"] = [wanted[index], got[index]];
  return `expected ${wanted.length} items, got ${got.length}; item ${index} should be ${want}, and is ${have}`;
}
