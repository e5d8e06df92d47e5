import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { StatusError } from "../../base/status.js";
import { busMessageType } from "../../message/schema.js";
import { checkMessage } from "../check-message.js";
import type { Codec, Invalid, Peeked } from "../codec.js";
import type { Elements } from "../elements.js";
import { busMessageFromJson } from "./bus-message-from-json.js";
import { busMessageToJson } from "./bus-message-to-json.js";
import { JsonObject } from "./json.js";
import { asTyped, type TypedJson } from "./json-values.js";
import { readJson, UnreadableJson } from "./read-json.js";
import { TypeRules, type TypeRulesOptions } from "./type-rules.js";
import { writeJson } from "./write-json.js";

const encoder = new TextEncoder();

/** What a codec of a JSON dialect is told. */
export interface JsonCodecOptions extends TypeRulesOptions {
  /** How many values, objects and arrays a message may have that is read, and how many were read. Default: any number. */
  readonly elements?: Elements | undefined;
}

/**
 * Makes a codec for one peer that speaks the JSON of a Pipecat package. It learns from what the peer sends which
 * classes that has.
 *
 * `encode` throws UNIMPLEMENTED for `custom` and for what else has no class in the dialect, FAILED_PRECONDITION for
 * what came with a newer release than the peer's, and INVALID_ARGUMENT for what Python couldn't read: unspecified
 * enumerations, missing fields, classes that aren't listed, dictionaries that Python would take for objects.
 *
 * `peek` and `decode` take UTF-8 only. What parses but is no message is invalid: an unknown class, a missing or
 * mistyped field, bad base64, a duplicate key. More elements than are allowed are RESOURCE_EXHAUSTED.
 */
export function jsonCodec(options: JsonCodecOptions): Codec {
  const rules = new TypeRules(options);
  /** What was peeked last: as a rule it is decoded next, and parsing is most of the work. */
  let last: { readonly bytes: Uint8Array; readonly typed: TypedJson } | undefined;

  function peek(bytes: Uint8Array): Peeked | Invalid {
    last = undefined;
    return orInvalid(() => {
      const { value, problem } = readJson(bytes, options.elements);
      if (problem !== undefined) {
        return { invalid: problem };
      }
      const typed = asTyped(value, "message");
      if (typed === undefined) {
        return { invalid: "it is no object with __type__ and __data__" };
      }
      const peeked = peekTyped(typed, rules);
      if (!("invalid" in peeked)) {
        last = { bytes, typed };
      }
      return peeked;
    });
  }

  function decode(bytes: Uint8Array): BusMessage | Invalid {
    if (last?.bytes !== bytes) {
      const peeked = peek(bytes);
      if ("invalid" in peeked) {
        return peeked;
      }
    }
    const typed = (last as NonNullable<typeof last>).typed;
    last = undefined;
    return orInvalid(() => busMessageFromJson(typed, rules));
  }

  return {
    name: options.dialect,
    acceptsText: true,
    peekSuffices: false,
    allowTypes: (classNames) => rules.list(classNames),
    encode: (message) => {
      checkMessage(busMessageType, message);
      return encoder.encode(writeJson(busMessageToJson(message, rules)));
    },
    peek,
    decode,
  };
}

function peekTyped({ className, data }: TypedJson, rules: TypeRules): Peeked | Invalid {
  if (!(data instanceof JsonObject)) {
    return { invalid: "__data__ of the message is no object" };
  }
  const source = data.get("source");
  const target = data.get("target") ?? undefined;
  if (typeof source !== "string") {
    return { invalid: source === undefined ? "source is missing" : "source must be text" };
  }
  if (target !== undefined && typeof target !== "string") {
    return { invalid: "target must be text" };
  }
  const body = rules.classes.bodies.get(className);
  if (body === undefined) {
    return { source, target, case: "other", kind: undefined, typeName: className };
  }
  if (body !== "frame") {
    return { source, target, case: body, kind: undefined, typeName: undefined };
  }
  const frame = data.get("frame");
  const typed = frame === undefined ? undefined : asTyped(frame, "frame.frame");
  if (typed === undefined) {
    return { invalid: "frame has no frame" };
  }
  const kind = rules.classes.frames.get(typed.className);
  return kind === undefined
    ? { source, target, case: "frame", kind: "other", typeName: typed.className }
    : { source, target, case: "frame", kind, typeName: undefined };
}

/** Turns what is wrong with a message that parses into an answer. */
function orInvalid<T>(read: () => T): T | Invalid {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StatusError) || error instanceof UnreadableJson) {
      throw error;
    }
    return { invalid: error.message };
  }
}
