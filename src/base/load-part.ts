import { Code, StatusError, toStatusError } from "./status.js";

/**
 * Loads what not everybody needs. Rejects with UNAVAILABLE where it can't be had, as in a page that is offline: it is tried
 * again like a connection that can't be made.
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { message } = toStatusError(error);
    throw new StatusError(Code.UNAVAILABLE, `a part of the program can't be loaded: ${message}`, { cause: error });
  }
}
