import type { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { invalidArgument } from "../base/status.js";

/**
 * A copy of a message with another source. Everything else stays, also what this schema doesn't know. The copy
 * is a new message, which no link delivered, and shares its body with the original.
 */
export function withSource<M extends BusMessage>(message: M, source: string): M {
  return { ...message, source };
}

/** A copy of a message with another target, or, given undefined, with none. Otherwise like `withSource`. */
export function withTarget<M extends BusMessage>(message: M, target: string | undefined): M {
  const copy = { ...message };
  if (target === undefined) {
    delete copy.target;
  } else {
    copy.target = target;
  }
  return copy;
}

/**
 * A copy of a frame message whose frame travels in another direction. Otherwise like `withSource`. Throws
 * INVALID_ARGUMENT for a message that carries no frame.
 */
export function withDirection<M extends BusMessage>(message: M, direction: Direction): M {
  if (message.body.case !== "frame") {
    throw invalidArgument("message.body", message.body.case, "only a frame message has a direction");
  }
  return { ...message, body: { case: "frame", value: { ...message.body.value, direction } } };
}
