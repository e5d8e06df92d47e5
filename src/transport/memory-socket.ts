import type { WebSocketEvent, WebSocketLike } from "./web-socket-like.js";

type EventType = "open" | "error" | "message" | "close";

/** What is on its way from one socket to the other. */
type Item =
  | { readonly type: "message"; readonly bytes: Uint8Array; readonly done: () => void }
  | { readonly type: "close"; readonly code: number; readonly reason: string };

/**
 * One of two WebSockets that are joined in memory. It behaves like one of the package `ws`: same events, same
 * closing handshake, same close code for a message that is too large. What is sent is handed over when the
 * other end's message event fires, always in a later microtask.
 */
export class MemorySocket implements WebSocketLike {
  binaryType = "arraybuffer";
  readyState = 1;
  readonly protocol: string;
  readonly #maxMessageBytes: number;
  readonly #listeners = new Map<EventType, Set<(event: WebSocketEvent) => void>>();
  #peer!: MemorySocket;
  /** What the other end has sent and this one hasn't read. */
  #incoming: Item[] = [];
  #paused = false;
  #scheduled = false;
  /** Whether messages are read and dropped, after one that was too large. */
  #deaf = false;
  #received: { readonly code: number; readonly reason: string } | undefined;
  #closeWasRead = false;

  private constructor(maxMessageBytes: number, protocol: string) {
    this.#maxMessageBytes = maxMessageBytes;
    this.protocol = protocol;
  }

  /** Makes two sockets that are connected to each other, and have agreed on a subprotocol. */
  static pair(maxMessageBytes: number, protocol: string): readonly [MemorySocket, MemorySocket] {
    const a = new MemorySocket(maxMessageBytes, protocol);
    const b = new MemorySocket(maxMessageBytes, protocol);
    a.#peer = b;
    b.#peer = a;
    return [a, b];
  }

  get bufferedAmount(): number {
    return this.#peer.#incoming.reduce((sum, item) => sum + (item.type === "message" ? item.bytes.length : 0), 0);
  }

  send(data: string | Blob | ArrayBuffer | ArrayBufferView, done: () => void = () => {}): void {
    if (!(data instanceof Uint8Array)) {
      throw new TypeError("a memory socket sends bytes alone");
    }
    this.#peer.#take({ type: "message", bytes: data, done });
  }

  close(code = 1005, reason = ""): void {
    if (this.readyState === 1) {
      this.readyState = 2;
      this.#peer.#take({ type: "close", code, reason: wellFormed(reason) });
    }
  }

  terminate(): void {
    for (const socket of [this, this.#peer]) {
      // What was on its way is lost.
      socket.#incoming = [];
      socket.#closed(1006, "");
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  /** Of the events that `ws` has beside those of browsers a message alone happens here. */
  on(event: string, listener: (first: never, isBinary: never) => void): void {
    if (event === "message") {
      const told = listener as (data: unknown, isBinary: boolean) => void;
      this.addEventListener("message", ({ data }) => told(data, true));
    }
  }

  addEventListener(type: EventType, listener: (event: WebSocketEvent) => void): void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
  }

  #emit(event: WebSocketEvent & { readonly type: EventType }): void {
    for (const listener of this.#listeners.get(event.type) ?? []) {
      listener(event);
    }
  }

  #take(item: Item): void {
    if (this.readyState !== 3) {
      this.#incoming.push(item);
      this.#schedule();
    }
  }

  #schedule(): void {
    if (!this.#scheduled && this.#incoming.length > 0) {
      this.#scheduled = true;
      queueMicrotask(() => this.#read());
    }
  }

  #read(): void {
    let next = 0;
    const incoming = this.#incoming;
    try {
      // A paused socket still notices a close that nothing precedes.
      for (let item = incoming[0]; item !== undefined && this.readyState !== 3; item = incoming[next]) {
        if (item.type === "message" && this.#paused && !this.#deaf && item.bytes.length <= this.#maxMessageBytes) {
          break;
        }
        next += 1;
        if (item.type === "message") {
          this.#readMessage(item.bytes);
          item.done();
        } else {
          this.#readClose(item.code, item.reason);
        }
      }
    } finally {
      this.#scheduled = false;
      incoming.splice(0, next);
      if (!this.#paused) {
        this.#schedule();
      }
    }
  }

  #readMessage(bytes: Uint8Array): void {
    if (this.#deaf) {
      return;
    }
    if (bytes.length > this.#maxMessageBytes) {
      this.#deaf = true;
      this.close(1009);
      const error = Object.assign(new RangeError("message too large"), { code: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" });
      this.#emit({ type: "error", error });
      return;
    }
    // The one copy: the consumer owns its bytes, and the sender keeps its own.
    this.#emit({ type: "message", data: new Uint8Array(bytes).buffer });
  }

  #readClose(code: number, reason: string): void {
    this.#received = { code, reason };
    this.#peer.#closeWasRead = true;
    this.close(code, reason);
    for (const socket of [this.#peer, this]) {
      if (socket.#closeWasRead && socket.#received !== undefined) {
        socket.#closed(socket.#received.code, socket.#received.reason);
      }
    }
  }

  #closed(code: number, reason: string): void {
    if (this.readyState !== 3) {
      this.readyState = 3;
      queueMicrotask(() => this.#emit({ type: "close", code, reason }));
    }
  }
}

/** What is left of a string after it was sent as UTF-8: lone surrogates don't survive. */
function wellFormed(text: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}
