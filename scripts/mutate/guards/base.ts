import { type Guard, guardsOf } from "../guard.js";

/** What is fit for a log. */
export const baseGuards: readonly Guard[] = guardsOf(
  "src/base/logger.ts",
  ["test/base/logger.test.ts"],
  [
    {
      find: 'typeof value === "string" ? trim(value) : value',
      replace: "value",
      why: "a peer could write lines of its own into an application's log",
    },
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
