import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { OpenPage } from "./open-pages.js";

/** The header that tells who listens behind the door which page a connection belongs to. */
export const pageHeader = "x-demo-page";

/**
 * Connects a page that asks for a WebSocket to a port of this machine, byte by byte, so that the connection can be cut in
 * between. The request is handed on as it came, but for what tells of where: who listens behind the door can rely on it
 * that the page was checked.
 */
export function passThrough(
  page: OpenPage,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  port: number,
): void {
  const onward = connect(port, "127.0.0.1");
  const both = [socket, onward];
  for (const end of both) {
    page.sockets.add(end);
    end.on("error", () => {});
    end.once("close", () => {
      page.sockets.delete(end);
      for (const other of both) {
        other.destroy();
      }
    });
  }
  onward.setNoDelay(true);
  onward.write(requestHead(request, page.token, port));
  onward.write(head);
  socket.pipe(onward).pipe(socket);
}

function requestHead({ headers }: IncomingMessage, token: string, port: number): string {
  const { host: _, [pageHeader]: __, cookie: ___, ...rest } = headers;
  const lines = Object.entries({ ...rest, host: `127.0.0.1:${port}`, [pageHeader]: token });
  return ["GET /ws HTTP/1.1", ...lines.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
}
