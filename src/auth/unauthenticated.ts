import { Code, type Status, StatusError } from "../base/status.js";

/**
 * What the ready-made authenticators refuse with, whatever was wrong: a stranger who guesses is told nothing about how far
 * the guess has got.
 */
export function unauthenticated(): StatusError {
  return new StatusError(Code.UNAUTHENTICATED, "a credential that is valid here is needed");
}

/** Whether a status says that a client isn't let in for who it is, or for what it can't prove. */
export function isRefusal({ code }: Status): boolean {
  return code === Code.UNAUTHENTICATED || code === Code.PERMISSION_DENIED;
}
