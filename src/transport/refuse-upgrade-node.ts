import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** Answers a request to upgrade with an HTTP status, and closes its socket. The answer tells nothing but the status. */
export function refuseUpgrade(socket: Duplex, httpStatus: number): void {
  const text = STATUS_CODES[httpStatus] ?? "";
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${httpStatus} ${text}`,
      // A status of 401 has to say how to do better.
      ...(httpStatus === 401 ? ["WWW-Authenticate: Bearer"] : []),
      "Connection: close",
      "Content-Type: text/plain",
      `Content-Length: ${text.length}`,
      "",
      text,
    ].join("\r\n"),
  );
}
