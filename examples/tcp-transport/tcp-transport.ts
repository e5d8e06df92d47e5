import { connect, type Socket } from "node:net";
import {
  type Clock,
  Code,
  type Connection,
  type ConnectOptions,
  defaultMaxMessageBytes,
  StatusError,
  systemClock,
  type Transport,
} from "crossbus";
import { FrameReader, FrameType, readJson, readStatus, writeJson } from "./frames.js";
import { TcpConnection } from "./tcp-connection.js";

/** How long a listener may take to answer, in milliseconds. */
const answerTimeoutMs = 10_000;

/** The end that connects, over TCP. */
export class TcpTransport implements Transport {
  readonly #port: number;
  readonly #clock: Clock;

  constructor(port: number, clock: Clock = systemClock) {
    this.#port = port;
    this.#clock = clock;
  }

  connect({ protocols = [], signal }: ConnectOptions = {}): Promise<Connection> {
    const address = `tcp://127.0.0.1:${this.#port}`;
    return new Promise((resolve, reject) => {
      let socket: Socket | undefined;
      let stopTimer = () => {};
      const forget = (): void => {
        stopTimer();
        signal?.removeEventListener("abort", cancel);
        socket?.removeAllListeners("close");
      };
      // Whatever ends the attempt leaves nothing of it: no socket, timer or listener.
      const fail = (code: Code, why: string): void => {
        forget();
        socket?.destroy();
        reject(new StatusError(code, `${address}: ${why}`, { cause: signal?.reason as unknown }));
      };
      const cancel = (): void => fail(Code.CANCELLED, "the attempt to connect was given up");
      if (signal?.aborted === true) {
        cancel();
        return;
      }
      signal?.addEventListener("abort", cancel);
      stopTimer = this.#clock.after(answerTimeoutMs, () => fail(Code.UNAVAILABLE, "nobody answers"));
      const made = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
      socket = made;
      let why = "the connection broke";
      made.on("error", (error) => {
        why = error.message;
      });
      made.on("close", () => fail(Code.UNAVAILABLE, why));
      made.once("connect", () => writeJson(made, FrameType.Hello, protocols));
      const reader = new FrameReader(made, defaultMaxMessageBytes);
      reader.onFrame = (type, bytes) => {
        if (type !== FrameType.Welcome) {
          const refusal = readStatus(bytes);
          fail(refusal.code, refusal.message);
          return;
        }
        forget();
        const peer = { address, metadata: new Map<string, string>(), encrypted: false };
        resolve(new TcpConnection(made, reader, peer, readJson(bytes) as string, this.#clock));
      };
    });
  }
}
