import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";

/** Whether a message says what it is, down to the kind of its frame. One that doesn't is invalid. */
export function isWhole({ body }: BusMessage): boolean {
  return body.case === "frame" ? body.value.frame?.kind.case !== undefined : body.case !== undefined;
}
