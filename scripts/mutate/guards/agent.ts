import { type Guard, guardsOf } from "../guard.js";

/** What a peer has no say in. */
export const agentGuards: readonly Guard[] = [
  ...guardsOf(
    "src/agent/agent-runner.ts",
    ["test/agent/agent-runner.test.ts"],
    [
      {
        find: "if (message instanceof LocalMessage || deliveredBy(message) !== undefined) {",
        replace: "if (message instanceof LocalMessage) {",
        why: "a message that came over a link could end or cancel the runner",
      },
    ],
  ),
];
