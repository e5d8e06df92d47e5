import { consoleLogger } from "../base/logger.js";
import { Code, status } from "../base/status.js";
import type { Connection } from "./transport.js";

/** Gives a new connection to whom it is for. One that this fails for is closed, and the failure logged. */
export async function acceptConnection(accept: (connection: Connection) => unknown, connection: Connection) {
  try {
    // An async function fits the type of `accept` too, and a rejection that nobody handles ends a process.
    await accept(connection);
  } catch (error) {
    consoleLogger.error("accept() failed for a connection", { peer: connection.peer.address, error });
    await connection.close(status(Code.INTERNAL, "this connection could not be accepted"));
  }
}
