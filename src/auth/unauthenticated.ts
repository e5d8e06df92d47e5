import { Code, StatusError } from "../base/status.js";

/**
 * What the ready-made authenticators refuse with, whatever was wrong: a stranger who guesses is told nothing about how far
 * the guess has got.
 */
export function unauthenticated(): StatusError {
  return new StatusError(Code.UNAUTHENTICATED, "a credential that is valid here is needed");
}
