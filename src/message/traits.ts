import type { Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { bodyTraits, frameTraits } from "./case-traits.js";
import { customSchema, isSystemType } from "./custom-schema.js";

/**
 * Whether a message takes the system lane: it is handled before queued data messages, and while one is being
 * handled. A frame has the priority of its kind, a custom message that of its type.
 */
export function isSystem(message: BusMessage): boolean {
  const body = message.body;
  switch (body.case) {
    case undefined:
      return false;
    case "frame":
      return body.value.frame !== undefined && isSystemFrame(body.value.frame);
    case "custom": {
      const schema = customSchema(body.value);
      return schema !== undefined && isSystemType(schema);
    }
    default:
      return bodyTraits[body.case].system;
  }
}

/** Whether a frame has system priority. */
export function isSystemFrame(frame: Frame): boolean {
  return frame.kind.case !== undefined && frameTraits[frame.kind.case].system;
}

/** Whether a full queue may drop the message to make room: media frames, never text. */
export function isDroppable(message: BusMessage): boolean {
  const body = message.body;
  if (body.case !== "frame") {
    return false;
  }
  const kind = body.value.frame?.kind.case;
  return kind !== undefined && frameTraits[kind].droppable;
}

/** Whether a frame belongs to one pipeline alone, and so never leaves it through a bridge. */
export function isLocalFrame(frame: Frame): boolean {
  return frame.kind.case !== undefined && frameTraits[frame.kind.case].local;
}
