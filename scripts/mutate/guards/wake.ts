import { type Guard, guardsOf } from "../guard.js";

/** What a client makes of a page that goes on after it stood still, and of what a server says of time. */
export const wakeGuards: readonly Guard[] = [
  ...guardsOf(
    "src/base/wake.ts",
    ["test/base/wake.test.ts"],
    [
      {
        find: 'if (document?.visibilityState === "visible") {',
        replace: "if (true) {",
        why: "a page that is hidden would ask its peer, and connect, at the very moment when it should rest",
      },
      {
        find: "      target?.removeEventListener?.(type, listener);",
        replace: "",
        why: "a link that is over would go on listening for as long as the page lives",
      },
    ],
  ),
  ...guardsOf(
    "src/base/wait.ts",
    ["test/base/wake.test.ts"],
    [
      {
        find: "  if (leastMs > 0) {\n    await wait(clock, leastMs, signal);\n  }",
        replace: "",
        why: "a page that is shown again would come back sooner than a busy server asks it to",
      },
      {
        find: "  await wait(clock, ms, enough.signal);",
        replace: "  await wait(clock, ms, signal);",
        why: "a page that is shown again would be without its session until the back-off is over",
      },
      {
        find: "  await wait(clock, ms, enough.signal);",
        replace: "  await wait(clock, ms - leastMs, enough.signal);",
        why: "all clients of a server that asks them to wait would come back at the same moment",
      },
    ],
  ),
  ...guardsOf(
    "src/link/resumable/client.ts",
    ["test/link/resumable/open.test.ts"],
    [
      {
        find: "heartbeatMs: Math.min(heartbeatMs, longestMs),",
        replace: "heartbeatMs,",
        why: "a server that says a time too long for timers would have its client ask without a pause",
      },
    ],
  ),
  ...guardsOf(
    "src/link/resumable/client-handshake.ts",
    ["test/proxy/connect.test.ts"],
    [
      {
        find: "channel.close(why, hello.resume !== undefined);",
        replace: "channel.close(why, true);",
        why: "a session that its client has given up before it knew of it would wait for it",
      },
    ],
  ),
  ...guardsOf(
    "src/link/resumable/client.ts",
    ["test/link/resumable/handshake.test.ts"],
    [
      {
        find: "if (client.link.terms === undefined) {",
        replace: "if (false) {",
        why: "a Welcome that doesn't fit would give a link without a peer, which throws at the first message",
      },
    ],
  ),
];
