import { type AnyBusMessage, type Frame, LocalMessage } from "../../src/index.js";

/** The frame of a message, if it has one and is from this agent. */
export function frameFrom(source: string, message: AnyBusMessage): Frame | undefined {
  if (message instanceof LocalMessage || message.source !== source || message.body.case !== "frame") {
    return undefined;
  }
  return message.body.value.frame;
}
