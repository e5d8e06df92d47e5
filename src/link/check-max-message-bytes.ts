import { invalidArgument } from "../base/status.js";
import { defaultMaxMessageBytes } from "../transport/transport.js";

/** Checks the option `maxMessageBytes` and fills in its default. Throws INVALID_ARGUMENT. */
export function checkMaxMessageBytes(value: number = defaultMaxMessageBytes): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw invalidArgument("maxMessageBytes", value, "must be a positive integer");
  }
  return value;
}
