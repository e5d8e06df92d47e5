import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { Code, StatusError } from "../base/status.js";
import { busMessageType } from "../message/schema.js";
import { agree } from "./agree.js";
import { checkMessage } from "./check-message.js";
import type { Codec, Peeked } from "./codec.js";
import { decodeMessage } from "./decode-message.js";
import type { Elements } from "./elements.js";
import { encodeMessage } from "./encode-message.js";
import { decodeHot, encodeHot } from "./hot-codec.js";
import { peek } from "./peek.js";
import { type WireWriter, wireWriter } from "./wire-writer.js";

/**
 * The codec between Crossbus ends: a `crossbus.v1.BusMessage` in Protocol Buffers.
 *
 * `encode` gives exactly the bytes of protobuf-es, and refuses what would arrive as something else: a field
 * that doesn't hold what its type says, text with lone surrogates, a payload that breaks a rule of `Value`, a
 * message without a body or a frame without a kind, unknown fields that contradict the known ones.
 *
 * With `headroom`, so many bytes are left free in front of the message. With `writer`, it is that one's memory which the
 * message takes a part of; by default all messages share.
 *
 * `decode` refuses what `peek` refuses or calls invalid, and goes by the same rules further down. With `elements` it
 * refuses a message with more messages in it, at any depth, with RESOURCE_EXHAUSTED, and counts them. It keeps unknown fields. `bytes` fields of the message are views of the bytes given, not copies: don't change or reuse
 * those bytes as long as the message lives, and copy a field that outlives its message, since a view keeps all of
 * the bytes that it is a part of from being freed: of what came over a WebSocket up to 8 KiB.
 */
export const protobufCodec = {
  name: "protobuf",
  acceptsText: false,
  peekSuffices: true,
  encode,
  peek,
  decode,
} satisfies Codec;

/** This codec for messages of at most so many elements, which are the messages inside a message, and are counted. */
export function countingProtobuf(elements: Elements): Codec {
  return { ...protobufCodec, decode: (bytes) => decode(bytes, elements) };
}

function encode(message: BusMessage, headroom = 0, writer = wireWriter): Uint8Array {
  return encodeHot(message, headroom, writer) ?? encodeAny(message, headroom, writer);
}

/** Encodes any message, or says what is wrong with it. */
function encodeAny(message: BusMessage, headroom: number, writer: WireWriter): Uint8Array {
  checkMessage(busMessageType, message);
  const bytes = encodeMessage(busMessageType, message, headroom, writer);
  // What the peer will make of it decides. Unknown fields are written as they are, and may say anything.
  if (!agree(known(bytes.subarray(headroom), "encoded"), message)) {
    throw new StatusError(
      Code.INVALID_ARGUMENT,
      "the message can't be encoded: its unknown fields ($unknown) contradict the known ones; remove them",
      { details: [{ type: "badRequest", field: "$unknown" }] },
    );
  }
  return bytes;
}

function decode(bytes: Uint8Array, elements?: Elements): BusMessage {
  // Of a Buffer, which is what sockets give on Node, parts would be Buffers too.
  const plain =
    bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return decodeHot(plain, elements) ?? decodeAny(plain, elements);
}

/** Decodes any message, or says what is wrong with it. */
function decodeAny(plain: Uint8Array, elements: Elements | undefined): BusMessage {
  const peeked = known(plain, "decoded");
  const message = decodeMessage(busMessageType, plain, elements);
  if (!agree(peeked, message)) {
    throw new StatusError(Code.INVALID_ARGUMENT, "the message can't be decoded: it reads in two ways");
  }
  return message;
}

/** What the bytes say, if anybody here can know it. */
function known(bytes: Uint8Array, verb: "encoded" | "decoded"): Peeked {
  const peeked = peek(bytes);
  if ("invalid" in peeked) {
    throw new StatusError(Code.INVALID_ARGUMENT, `the message can't be ${verb}: ${peeked.invalid}`, {
      details: [{ type: "badRequest", field: "body" }],
    });
  }
  return peeked;
}
