import { type Guard, guardsOf } from "../guard.js";

const faults = [
  "test/testing/faulty.test.ts",
  "test/testing/faulty-traffic.test.ts",
  "test/testing/faulty-connecting.test.ts",
  "test/testing/faulty.property.test.ts",
];

const clock = guardsOf(
  "src/testing/virtual-clock.ts",
  ["test/testing/virtual-clock.test.ts"],
  [
    {
      find: "(this.#waiting[index - 1] as Waiting).at > timer.at",
      replace: "(this.#waiting[index - 1] as Waiting).at >= timer.at",
      why: "timers that are due at the same time would be called in the wrong order",
    },
    {
      find: "await turn();",
      replace: "await Promise.resolve();",
      why: "what waits for promises would not run on between two timers",
    },
  ],
);

const suites = ["test/testing/conformance.test.ts"];

const conformance = [
  ...guardsOf("src/testing/run-case.ts", suites, [
    {
      find: "(found ?? left)",
      replace: "(left ?? found)",
      why: "what is left at the end would hide what the case has found",
    },
    {
      find: "const [rule] = bench.broken;",
      replace: "const [rule] = [] as string[];",
      why: "what a consumer is told too late would go unnoticed",
    },
  ]),
  ...guardsOf("src/testing/record.ts", suites, [
    {
      find: "    if (ended) {",
      replace: "    if (messages.length < 0) {",
      why: "a message that comes after the end would go unnoticed",
    },
  ]),
  ...guardsOf("src/testing/transport-workbench.ts", suites, [
    {
      find: "looks < settledLooks",
      replace: "looks < 0",
      why: "a transport that reads although it is paused would conform",
    },
    {
      find: "      return accepted();",
      replace: "      accepted();",
      why: "what becomes of an accept() that rejects would go unnoticed",
    },
  ]),
];

const tearing = guardsOf("src/testing/tear.ts", faults, [
  {
    find: "messages.length - (cutsMessage ? 1 : 0)",
    replace: "messages.length",
    why: "a message that was cut in two would arrive",
  },
  {
    find: "lane.isSilent ? 0 : ",
    replace: "",
    why: "a cut would let through what a silent direction holds",
  },
  {
    find: "tellsAll ? 0 : ",
    replace: "",
    why: "a message would be told as undelivered, and the next one not",
  },
  {
    find: "integerUpTo(Math.max(most, 0), random)",
    replace: "0",
    why: "no cut would ever let anything arrive",
  },
]);

const lanes = guardsOf("src/testing/lane.ts", faults, [
  {
    find: "this.#freeAt = Math.max(this.#freeAt, this.#options.clock.now());",
    replace: "",
    why: "a throttled line that was idle would save up what it could have sent",
  },
  {
    find: "this.#isHeld && this.#items.at(0)?.end === undefined",
    replace: "false",
    why: "a consumer that has paused would be delivered to",
  },
  {
    find: "if (this.#handedOverBytes + sizeOf(item) > this.#options.windowBytes) {",
    replace: "if (false) {",
    why: "nothing that waits would show in bufferedAmount",
  },
]);

const connections = guardsOf("src/testing/faulty-connection.ts", faults, [
  {
    find: "      this.#slot.lose([bytes]);\n",
    replace: "",
    why: "what is sent to a far end that is closed, without this end knowing, would be lost in silence",
  },
  {
    find: "this.#slot.takeBack(known);",
    replace: "[] as Uint8Array[];",
    why: "what a far end that is closed refused during a cut would be told, and what came after it not",
  },
  {
    find: "if (bytes === this.#sending && this.#in.isClear) {",
    replace: "if (true) {",
    why: "a silent connection would tell its sender that the far end has closed",
  },
  {
    find: "        const isHeard = !this.#out.isSilent;",
    replace: "        const isHeard = true;",
    why: "a far end would learn through a silent connection that this one gave up",
  },
  {
    find: "this.#closing.set(closeTimeoutMs, () => {",
    replace: "this.#closing.set(2_147_483_647, () => {",
    why: "who closes a silent connection would wait for ever",
  },
  {
    find: "this.#taking.set(takeTimeoutMs, () => {",
    replace: "this.#taking.set(2_147_483_647, () => {",
    why: "a connection whose consumer has paused would never end",
  },
]);

const ends = guardsOf("src/testing/far-end.ts", faults, [
  {
    find: "    if (this.#swallowed > this.#windowBytes) {",
    replace: "    if (false) {",
    why: "a network that is gone would take everything that an end sends which doesn't know",
  },
]);

/** What makes the bad network a true one, and its clock a reliable one. */
export const testingGuards: readonly Guard[] = [
  ...clock,
  ...conformance,
  ...tearing,
  ...lanes,
  ...connections,
  ...ends,
];
