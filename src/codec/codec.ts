import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { BodyCase, FrameKind } from "../message/types.js";

/**
 * What can be read from an encoded message without building it: all that a policy decides on.
 */
export interface Peeked {
  readonly source: string;
  /** Undefined in a message for all agents. */
  readonly target: string | undefined;
  readonly case: BodyCase;
  /** The kind of the frame, in case `frame`. */
  readonly kind: FrameKind | undefined;
  /**
   * The name of a type outside the schema: in case `custom` that of the application's message, in case `other`
   * and for frames of kind `other` that of the Python class.
   */
  readonly typeName: string | undefined;
}

/** A message that parses, but that nobody here can know: why. */
export interface Invalid {
  readonly invalid: string;
}

/**
 * Turns bus messages into bytes and back.
 *
 * `peek` and `decode` agree on every byte string: what `peek` reads is what the decoded message says, and
 * bytes that `peek` refuses `decode` refuses too.
 */
export interface Codec {
  /** The name of the dialect that it speaks, for people. */
  readonly name: string;
  /** Whether text messages of a transport are taken as well as binary ones. */
  readonly acceptsText: boolean;
  /**
   * Whether a message may be passed on to a peer after no more than a peek. Where peers act on what `peek` doesn't look
   * at, as Python imports each class that a message names at any depth, it must have been decoded.
   */
  readonly peekSuffices: boolean;
  /**
   * Names the Python classes beside those of the schema that a message may hold, at any depth. Without it, or in a
   * dialect that has them as data, there are none to speak of.
   */
  allowTypes?(classNames: ReadonlySet<string> | "any"): void;
  /** Encodes a message. Throws a status for what can't be encoded, naming it. */
  encode(message: BusMessage): Uint8Array;
  /** Reads what a policy needs. Throws INVALID_ARGUMENT for bytes that don't parse. */
  peek(bytes: Uint8Array): Peeked | Invalid;
  /**
   * Decodes a message for which `peek` gave an answer that isn't `Invalid`: it may still prove to be invalid in what
   * no policy looks at. Throws INVALID_ARGUMENT for bytes that don't parse.
   */
  decode(bytes: Uint8Array): BusMessage | Invalid;
}
