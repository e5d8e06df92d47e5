import type { BodyTraits, FrameTraits } from "../../gen/crossbus/v1/traits.js";
import * as Flag from "./flag.js";
import type { MessageType } from "./message-type.js";
import { busMessageType, frameType } from "./schema.js";

/** What each case of `BusMessage.body` is. */
export const bodyTraits = /*@__PURE__*/ caseTraits(busMessageType) as BodyTraits;

/** What each kind of frame is. */
export const frameTraits = /*@__PURE__*/ caseTraits(frameType) as FrameTraits;

/** Reads what the schema says of the cases of the oneof in a message type, by their names. */
function caseTraits(type: MessageType): unknown {
  const traits: Record<string, unknown> = {};
  for (const { localName, number, oneof, flags = "" } of type.fields) {
    const has = (flag: string) => flags.includes(flag);
    if (oneof !== undefined) {
      traits[localName] = {
        number,
        system: has(Flag.system),
        untargeted: has(Flag.untargeted),
        forwarding: has(Flag.never)
          ? "never"
          : has(Flag.activation)
            ? "activation"
            : has(Flag.announcement)
              ? "announcement"
              : "listed",
        lifecycle: has(Flag.lifecycle),
        local: has(Flag.local),
        droppable: has(Flag.droppable),
      };
    }
  }
  return traits;
}
