import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Direction, type Frame } from "../../../gen/crossbus/v1/frame_pb.js";
import { type BusMessage, BusMessageSchema } from "../../../gen/crossbus/v1/message_pb.js";
import { busMessage, frame } from "../../../src/message/build.js";

/** Between whom the demo's bridge lets messages cross. */
export const route = { source: "acme", target: "assistant" } as const;

/** A frame of text, which the assistant passes on: it comes back. */
export function textMessage(text: string, from: { source: string; target?: string } = route): BusMessage {
  return frameMessage(frame("text", { text }), from);
}

/** Any frame. */
export function frameMessage(content: Frame, from: { source: string; target?: string } = route): BusMessage {
  return busMessage("frame", { frame: content, direction: Direction.DOWNSTREAM }, from);
}

/** What makes the assistant pass frames on at all. */
export function activation(from: { source: string; target?: string } = route): BusMessage {
  return busMessage("activateAgent", {}, from);
}

/** Encodes a message as protobuf-es does, which doesn't ask whether it makes sense. */
export function encoded(message: MessageInitShape<typeof BusMessageSchema>): Uint8Array {
  return toBinary(BusMessageSchema, create(BusMessageSchema, message));
}

/** Decodes what has come, as somebody does who takes it as it is. */
export function decoded(bytes: Uint8Array): BusMessage {
  return fromBinary(BusMessageSchema, bytes);
}

/** The text in a frame of text; undefined in any other message. */
export function textIn({ body }: BusMessage): string | undefined {
  const kind = body.case === "frame" ? body.value.frame?.kind : undefined;
  return kind?.case === "text" ? kind.value.text : undefined;
}

/** The kind of the frame in a message. */
export function kindIn({ body }: BusMessage): string | undefined {
  return body.case === "frame" ? body.value.frame?.kind.case : undefined;
}
