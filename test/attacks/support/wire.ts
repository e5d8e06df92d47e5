import { connect, type Socket } from "node:net";
import { until } from "./until.js";

/** The beginning of an HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** The status line and the headers as they came. */
  readonly text: string;
}

/** A TCP connection of an attacker's, who writes whatever bytes there are. */
export class Wire implements Disposable {
  readonly socket: Socket;
  /** Whether the connection is over, for whatever reason. */
  isClosed = false;
  #received: Buffer = Buffer.alloc(0);
  #taken = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    // What a server does to those who break the rules is no error of ours.
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      this.#received = this.#taken === this.#received.length ? bytes : Buffer.concat([this.unread(), bytes]);
      this.#taken = 0;
    });
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      this.isClosed = true;
    });
  }

  /** Connects, from an address of this machine. Resolves also when the server doesn't want it: then the wire is closed. */
  static async open(port: number, from = "127.0.0.1"): Promise<Wire> {
    const socket = connect({ port, host: "127.0.0.1", localAddress: from, noDelay: true });
    const wire = new Wire(socket);
    await new Promise<void>((resolve) => {
      socket.once("connect", () => resolve());
      socket.once("close", () => resolve());
    });
    return wire;
  }

  /** Writes, without waiting. */
  write(data: string | Uint8Array): void {
    if (!this.isClosed && this.socket.writable) {
      this.socket.write(data);
    }
  }

  /** Writes, and waits until the operating system has taken it, or the connection is over, or the time is up. */
  async writeAll(data: Uint8Array, ms?: number): Promise<void> {
    this.write(data);
    await until(() => this.isClosed || this.socket.writableLength === 0, ms);
  }

  /** What has come and was not taken. */
  unread(): Buffer {
    return this.#received.subarray(this.#taken);
  }

  /** Takes bytes that have come. */
  take(count: number): void {
    this.#taken += count;
  }

  /** Takes the beginning of an HTTP answer. Undefined when the connection ends without one. */
  async answer(ms?: number): Promise<Answer | undefined> {
    const end = () => this.unread().indexOf("\r\n\r\n");
    await until(() => end() >= 0 || this.isClosed, ms);
    if (end() < 0) {
      return undefined;
    }
    const text = this.unread().subarray(0, end()).toString("latin1");
    this.take(end() + 4);
    const [line = "", ...rest] = text.split("\r\n");
    const headers = rest.map((header) => {
      const [name = "", ...value] = header.split(":");
      return [name.toLowerCase(), value.join(":").trim()] as const;
    });
    return { status: Number(line.split(" ")[1]), headers: new Map(headers), text };
  }

  /** Reads nothing any more, so that what the server sends piles up there. */
  deaf(): void {
    this.socket.pause();
  }

  /** Goes once all is written that was to be. */
  leave(): void {
    this.socket.resume();
    this.socket.end();
  }

  /** Is gone, without a word. */
  cut(): void {
    this.socket.destroy();
  }

  [Symbol.dispose](): void {
    this.cut();
  }
}

/** A request to upgrade, down to the empty line. */
export function upgradeRequest({
  line = "GET /ws HTTP/1.1",
  protocols,
  headers = [],
}: {
  readonly line?: string | undefined;
  readonly protocols?: string | undefined;
  readonly headers?: readonly string[] | undefined;
} = {}): string {
  return [
    line,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...(protocols === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocols}`]),
    ...headers,
    "",
    "",
  ].join("\r\n");
}
