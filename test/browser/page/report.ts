import { leaveOut } from "./left-out.js";
import { call, listenToRemote } from "./remote.js";

/** Comes after the tests: runs them, and reports each to Node. */
export async function runTests(): Promise<void> {
  await listenToRemote();
  leaveOut((mocha as unknown as { readonly suite: Mocha.Suite }).suite);
  const runner = mocha.run();
  runner.on("suite", ({ title }) => call("report", { event: "suite", title }));
  runner.on("suite end", () => call("report", { event: "suite end" }));
  runner.on("pass", ({ title, duration }) => call("report", { event: "pass", title, duration }));
  runner.on("pending", ({ title }) => call("report", { event: "pending", title }));
  runner.on("fail", (test, error) => {
    call("report", { event: "fail", title: test.title, fullTitle: test.fullTitle(), error: describeError(error) });
  });
  runner.on("end", () => call("report", { event: "end" }));
}

/** An error, and what it was caused by. */
function describeError(error: unknown): object {
  const { message, stack, cause, actual, expected } = Object(error) as {
    message?: string;
    stack?: string;
    cause?: unknown;
    actual?: unknown;
    expected?: unknown;
  };
  const differs = actual !== undefined && expected !== undefined;
  return {
    message: message ?? String(error),
    stack: stack ?? String(error),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
    ...(differs ? { actual: textOf(actual), expected: textOf(expected) } : {}),
  };
}

function textOf(value: unknown): string {
  return (Mocha as unknown as { utils: { stringify(value: unknown): string } }).utils.stringify(value);
}
