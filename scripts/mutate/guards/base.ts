import { type Guard, guardsOf } from "../guard.js";

const waits = guardsOf(
  "src/base/backoff.ts",
  ["test/proxy/connector.test.ts"],
  [
    {
      find: "clock.spread?.() ?? Math.random()",
      replace: "Math.random()",
      why: "a test with a clock of its own would go another way each time",
    },
    {
      find: "clock.spread?.() ?? Math.random()",
      replace: "clock.spread?.() ?? 1",
      why: "all clients of a server would come back as one",
    },
  ],
);

/** What is fit for a log. */
const logs = guardsOf(
  "src/base/logger.ts",
  ["test/base/logger.test.ts"],
  [
    {
      find: "stack.includes(message || name) ? stack",
      replace: 'stack !== "" ? stack',
      why: "in Firefox and Safari nobody would be told what an error is",
    },
    {
      find: 'typeof value === "string" ? onOneLine(value, maxFieldLength) : value',
      replace: "value",
      why: "a peer could write lines of its own into an application's log",
    },
  ],
);

/** What is fit for a line of text. */
const lines = guardsOf(
  "src/base/status.ts",
  ["test/base/logger.test.ts"],
  [
    {
      find: "  const escaped = escapeControls(text.slice(0, length + 1));",
      replace: "  const escaped = text.slice(0, length + 1);",
      why: "a peer could take over the terminal that shows a log",
    },
    {
      find: "escaped.length > length ?",
      replace: "false ?",
      why: "a peer could flood a log with one long name",
    },
  ],
);

export const baseGuards: readonly Guard[] = [...waits, ...logs, ...lines];
