import type { Frame } from "../../gen/crossbus/v1/frame_pb.js";
import { newBusMessage, newFrame } from "../../gen/crossbus/v1/hot-builders.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { invalidArgument } from "../base/status.js";
import { buildHotBody, buildHotKind } from "./build-hot.js";
import { fromInit, oneofCase } from "./from-init.js";
import { checkAgentName } from "./names.js";
import { busMessageType, frameType } from "./schema.js";
import type { BodyCase, BodyOf, BusMessageWith, FrameKind, FrameOf, FrameWith, Init } from "./types.js";

/** Who a message is from and for. */
export interface Envelope {
  /** The name of the sender. An agent's `send` fills in its own, so it is seldom given. */
  readonly source?: string | undefined;
  /** The name of the agent that the message is for. Without it, it is for all. */
  readonly target?: string | undefined;
}

/** How many messages stand around the body of a bus message, and around a frame of a certain kind. */
const BODY_DEPTH = 2;
const KIND_DEPTH = 4;

/**
 * Makes a bus message. `init` holds any fields of its body; where the schema has a `Value` or a `Struct` it
 * may hold plain JavaScript. Messages that are already made are used as they are.
 *
 * Throws INVALID_ARGUMENT, with a path such as `taskRequest.payload.when`, for unknown fields, values of a wrong
 * type, what `toValue` refuses, strings with lone surrogates, and invalid names in the envelope.
 *
 * @example busMessage("activateAgent", { args: { greet: true } }, { target: "assistant" })
 */
export function busMessage<C extends BodyCase>(
  kind: C,
  init: Init<BodyOf<C>> = {} as Init<BodyOf<C>>,
  envelope: Envelope = {},
): BusMessageWith<C> {
  const value = buildHotBody(kind, init) ?? fromInit(oneofCase(busMessageType, "body", kind), init, kind, BODY_DEPTH);
  const message = newBusMessage({ case: kind, value } as BusMessage["body"]);
  for (const key of Object.keys(envelope)) {
    if (key !== "source" && key !== "target") {
      // A misspelt target would make a broadcast.
      throw invalidArgument("envelope", key, "must have no fields but source and target");
    }
  }
  const { source, target } = envelope;
  if (source !== undefined) {
    checkAgentName("source", source);
    message.source = source;
  }
  if (target !== undefined) {
    checkAgentName("target", target);
    message.target = target;
  }
  return message as BusMessageWith<C>;
}

/**
 * Makes a frame. `init` holds any fields of its kind, as in `busMessage`. Throws INVALID_ARGUMENT, with a path
 * such as `llmContext.context.messages[0].content`, for what `busMessage` refuses.
 *
 * @example frame("llmText", { text: "Hi" })
 */
export function frame<K extends FrameKind>(kind: K, init: Init<FrameOf<K>> = {} as Init<FrameOf<K>>): FrameWith<K> {
  const value = buildHotKind(kind, init) ?? fromInit(oneofCase(frameType, "kind", kind), init, kind, KIND_DEPTH);
  return newFrame({ case: kind, value } as Frame["kind"]) as FrameWith<K>;
}
