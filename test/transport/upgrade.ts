import { connect, type Socket } from "node:net";

/** The headers of a request that becomes a WebSocket. */
export const upgradeHeaders = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
  "sec-websocket-version": "13",
};

/** Connects to the address of a listener, below HTTP. What fails later shows in the close alone. */
export function openTcp(address: string): Socket {
  const { hostname, port } = new URL(address);
  return connect(Number(port), hostname).on("error", () => {});
}

/** The text of a request to upgrade. */
export function upgradeRequest(address: string, headers: Readonly<Record<string, string>> = {}): string {
  const { host, pathname, search } = new URL(address);
  const lines = Object.entries({ host, ...upgradeHeaders, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** A frame as a client sends it, masked with zeros: its bytes stand there as they are. */
export function clientFrame(firstByte: number, content: Uint8Array = new Uint8Array()): Uint8Array {
  const { length } = content;
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff];
  return Uint8Array.from([firstByte, ...size, 0, 0, 0, 0, ...content]);
}
