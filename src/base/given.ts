import { Code, StatusError, toStatusError } from "./status.js";

/** A value, or what gives one each time that it is needed. */
export type Given<T> = T | (() => T | Promise<T>);

/**
 * The value, asked for where it is given by a function. Rejects with the status that the function throws. What else it throws
 * is UNAVAILABLE: it asks somebody over the network as a rule, who may answer the next time.
 */
export async function ask<T>(given: Given<T>): Promise<T> {
  if (typeof given !== "function") {
    return given;
  }
  try {
    return await (given as () => T | Promise<T>)();
  } catch (error) {
    throw error instanceof StatusError
      ? error
      : new StatusError(Code.UNAVAILABLE, toStatusError(error).message, { cause: error });
  }
}
