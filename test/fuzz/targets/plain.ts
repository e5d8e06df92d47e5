import { expect } from "chai";
import fc from "fast-check";
import { Code, type StatusError } from "../../../src/base/status.js";
import type { Dialect } from "../../../src/codec/dialect.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import type { ForwardEntry } from "../../../src/message/forward.js";
import { deliveredBy } from "../../../src/message/provenance.js";
import { PIPECAT_FRAMES } from "../../../src/message/python-type.js";
import { described } from "../../support/arbitrary-agreement.js";
import { arbitraryDamaged, arbitraryEncoded } from "../../support/arbitrary-bytes.js";
import { arbitraryWire } from "../../support/arbitrary-wire.js";
import { idle } from "../../support/idle.js";
import { unlessInvalid } from "../../support/judge-protobuf.js";
import { type Agreement, judge, listedCases } from "../../support/policy-model.js";
import { ProxyBench } from "../../support/proxy-bench.js";
import type { FuzzTarget } from "../target.js";
import { jsonPieces, recordedJson } from "./json.js";
import { wordsOf } from "./outcome.js";
import { protobufPieces, recordedMessages } from "./protobuf.js";

const dialects: readonly Dialect[] = ["protobuf", "pipecat", "pipecat-subagents"];

/** What the proxy lets across: the second byte of an input says which of these. */
const agreed: readonly (readonly ForwardEntry[])[] = [
  [...PIPECAT_FRAMES, ...listedCases.filter((name) => name !== "frame")],
  ["frame"],
  ["taskRequest", "taskCancel", "taskResponseUrgent"],
  [],
];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The same message between the agents that matter here. */
function named(dialect: Dialect, bytes: Uint8Array): Uint8Array {
  if (dialect === "protobuf") {
    const message = unlessInvalid(() => protobufCodec.decode(bytes));
    return message === undefined ? bytes : protobufCodec.encode({ ...message, source: "helper", target: "main" });
  }
  const text = decoder.decode(bytes).replace(/"target":"[^"]*",/, "");
  return encoder.encode(text.replace(/"source":"[^"]*"/, '"source":"helper","target":"main"'));
}

/** An input: which dialect, which policy, and messages with their lengths before them in two bytes. */
function written(dialect: Dialect, policy: number, messages: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from([
    dialects.indexOf(dialect),
    policy,
    ...messages.flatMap((message) => [message.length >> 8, message.length & 0xff, ...message]),
  ]);
}

function read(input: Uint8Array) {
  const messages: Uint8Array[] = [];
  for (let at = 2; at < input.length && messages.length < 20; ) {
    const length = ((input[at] as number) << 8) | (input[at + 1] ?? 0);
    messages.push(input.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  const policy = (input[1] ?? 0) % agreed.length;
  return { dialect: dialects[(input[0] ?? 0) % dialects.length] as Dialect, policy, messages };
}

async function run(input: Uint8Array): Promise<string> {
  const { dialect, policy, messages } = read(input);
  const forwardMessages = agreed[policy] as readonly ForwardEntry[];
  const agreement: Agreement = {
    side: "client",
    local: "main",
    remote: "helper",
    cases: forwardMessages.filter((entry) => typeof entry === "string"),
    kinds: [],
    customTypes: [],
    pythonTypes: forwardMessages.flatMap((entry) =>
      typeof entry === "object" && entry.kind === "pythonType" ? entry.typeName : [],
    ),
    activation: true,
  };
  const bench = await ProxyBench.start({ side: "client", dialect, forwardMessages });
  const { connection, arrived, logger, denied, invalid } = bench;
  try {
    for (const message of messages) {
      connection.deliver(message);
      await idle();
    }
    for (const message of arrived) {
      expect(message.source, "it came in another's name").to.equal("helper");
      expect(message.target, "it came for another").to.equal("main");
      expect(judge(agreement, "in", described(message)), "it came although it may not").to.equal("allow");
      expect(deliveredBy(message), "nobody knows where it came from").not.to.equal(undefined);
    }
  } finally {
    await bench.stop();
  }
  const closedWith = connection.closedWith?.code ?? Code.OK;
  expect(Code[closedWith], "what closed the connection").to.be.oneOf(["INVALID_ARGUMENT", "OK"]);
  // A client proxy reports why it closed its connection.
  const errors = logger.takeErrors().filter((error) => (error as StatusError).code !== Code.INVALID_ARGUMENT);
  expect(errors, "errors that were logged").to.deep.equal([]);
  expect(bench.clock.pending, "timers are left").to.equal(0);
  const rules = [...new Set(denied.map(({ rule }) => rule))].sort().join();
  return `${dialect} ${arrived.map(({ body }) => body.case).join()} ${rules} ${wordsOf(invalid[0] ?? "")} ${Code[closedWith]}`;
}

/** What a peer sends over a plain link to a proxy. */
export const plainTarget: FuzzTarget = {
  name: "plain",
  about: "messages in every dialect over a plain link into a proxy: no more reaches the bus than the policy allows",
  seeds: () =>
    dialects.flatMap((dialect) => {
      const recorded = dialect === "protobuf" ? recordedMessages() : recordedJson(dialect);
      const some = recorded.filter((_, i) => i % 5 === 0).map((bytes) => named(dialect, bytes));
      return some.map((bytes, i) => written(dialect, i % 6 === 0 ? i % agreed.length : 0, [bytes]));
    }),
  arbitrary: fc
    .tuple(fc.constantFrom(...dialects), fc.nat({ max: agreed.length - 1 }), fc.boolean())
    .chain(([dialect, policy, isNamed]) => {
      const any =
        dialect === "protobuf"
          ? fc.oneof(arbitraryEncoded(), arbitraryDamaged())
          : arbitraryWire(dialect).map((wire) => encoder.encode(wire));
      const one = isNamed ? any.map((bytes) => named(dialect, bytes)) : any;
      return fc.array(one, { minLength: 1, maxLength: 3 }).map((list) => written(dialect, policy, list));
    }),
  dictionary: [...protobufPieces, ...jsonPieces],
  run,
};
