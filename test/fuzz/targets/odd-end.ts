import { Code, formatStatus } from "../../../src/base/status.js";

/** Throws where something ends with a status that only a mistake of ours explains, unless the peer has said it. */
export function oddEnd(end: { readonly code: Code; readonly message: string } | undefined): void {
  if (end?.code === Code.UNKNOWN || end?.code === Code.INTERNAL) {
    throw new Error(`it ended with ${formatStatus({ details: [], code: end.code, message: end.message })}`);
  }
}
