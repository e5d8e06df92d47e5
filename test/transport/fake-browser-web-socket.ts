import type { WebSocketEvent, WebSocketLike } from "../../src/transport/web-socket-like.js";

/** A WebSocket with no more than browsers offer, moved by the test. */
export class FakeBrowserWebSocket implements WebSocketLike {
  static #last: FakeBrowserWebSocket | undefined;
  binaryType = "blob";
  readyState = 0;
  bufferedAmount = 0;
  readonly protocol = "";
  readonly argumentCount: number;
  closedWith: { readonly code: number | undefined; readonly reason: string | undefined } | undefined;
  readonly #listeners = new Map<string, ((event: WebSocketEvent) => void)[]>();

  constructor(...args: readonly unknown[]) {
    this.argumentCount = args.length;
    FakeBrowserWebSocket.#last = this;
  }

  /** The one that was made last. */
  static get last(): FakeBrowserWebSocket {
    if (FakeBrowserWebSocket.#last === undefined) {
      throw new Error("none was made");
    }
    return FakeBrowserWebSocket.#last;
  }

  send(data: string | Blob | ArrayBuffer | ArrayBufferView): void {
    this.bufferedAmount += data instanceof Uint8Array ? data.length : 0;
  }

  close(code?: number, reason?: string): void {
    this.readyState = 2;
    this.closedWith = { code, reason };
  }

  addEventListener(type: string, listener: (event: WebSocketEvent) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  opened(): void {
    this.readyState = 1;
    this.#emit({ type: "open" });
  }

  arrives(data: ArrayBuffer | string): void {
    this.#emit({ type: "message", data });
  }

  /** With an error where it is like that of Deno or Bun: browsers tell none. */
  failed(error?: Error): void {
    this.#emit({ type: "error", error });
    this.closed(1006);
  }

  closed(code: number, reason = ""): void {
    this.readyState = 3;
    this.#emit({ type: "close", code, reason });
  }

  #emit(event: WebSocketEvent): void {
    for (const listener of this.#listeners.get(event.type) ?? []) {
      listener(event);
    }
  }
}
