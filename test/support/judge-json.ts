import { expect } from "chai";
import type { Codec } from "../../src/codec/codec.js";
import { jsonCodec } from "../../src/codec/pipecat/json-codec.js";
import type { JsonDialect } from "../../src/codec/pipecat/python-classes.js";
import { readJson, UnreadableJson } from "../../src/codec/pipecat/read-json.js";
import { writeJson } from "../../src/codec/pipecat/write-json.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { PIPECAT_FRAMES } from "../../src/message/python-type.js";
import { describeMessage } from "../../src/proxy/policy.js";
import { canonical, sameButNulls } from "./canonical-json.js";

/** What the codec of a dialect makes of bytes. */
export type JsonOutcome = "unreadable" | "invalid" | "message";

const decoder = new TextDecoder();
const listed = new Set(PIPECAT_FRAMES.flatMap((entry) => (typeof entry === "string" ? [] : [entry.typeName])));

export function codecFor(dialect: JsonDialect): Codec {
  const codec = jsonCodec({ dialect, pipecatVersion: undefined });
  codec.allowTypes?.(listed);
  return codec;
}

/** Reads as a link does; undefined where the connection would close. Anything but a status for that fails the test. */
export function unlessUnreadable<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    expect(error).to.be.instanceOf(UnreadableJson);
    return undefined;
  }
}

/** Expects the rules of all bytes to hold, and tells what became of these. */
export function judgeJson(dialect: JsonDialect, bytes: Uint8Array): JsonOutcome {
  const codec = codecFor(dialect);
  const wire = decoder.decode(bytes);
  const peeked = unlessUnreadable(() => codec.peek(bytes));
  const message = unlessUnreadable(() => codec.decode(bytes));
  // Whether it was peeked before makes no difference.
  expect(
    unlessUnreadable(() => codecFor(dialect).decode(bytes)),
    wire,
  ).to.deep.equal(message);
  if (peeked === undefined) {
    expect(message, wire).to.equal(undefined);
    return "unreadable";
  }
  if ("invalid" in peeked) {
    expect(message, wire).to.deep.equal(peeked);
    return "invalid";
  }
  if (message === undefined) {
    return "unreadable";
  }
  if ("invalid" in message) {
    expect(message.invalid).to.be.a("string").with.length.above(0);
    return "invalid";
  }
  expect(describeMessage(message), wire).to.deep.equal(peeked);
  // What was taken can be sent on, in Protocol Buffers too, and is the same then.
  const sent = readJson(codec.encode(message)).value;
  expect(sameButNulls(readJson(bytes).value, sent), `${wire} became ${writeJson(sent)}`).to.equal(true);
  const copy = protobufCodec.decode(protobufCodec.encode(message));
  expect(canonical(readJson(codec.encode(copy)).value), wire).to.deep.equal(canonical(sent));
  return "message";
}
