/**
 * The part of a WebSocket that this package uses. The WebSocket of browsers has it, and so has that of the
 * package `ws`, whose further methods are used where they exist, but not in a bundle for browsers.
 *
 * A socket with `on` is taken for one like `ws`: its constructor takes options, and its `send` calls back once the bytes
 * are with the operating system. Bun's built-in one has `terminate`, `ping` and `pause`, and does neither.
 */
export interface WebSocketLike {
  /** Is set to `"nodebuffer"` where there is `on`, else to `"arraybuffer"`. */
  binaryType: string;
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** The bytes that were sent and are not with the operating system yet. */
  readonly bufferedAmount: number;
  /** The subprotocol that both ends agreed on; empty without one. */
  readonly protocol: string;
  /** Sends one message. This package sends bytes alone; the other types are those that WebSockets declare. */
  send(data: string | Blob | ArrayBuffer | ArrayBufferView, done?: (error?: Error | null) => void): void;
  /** Starts the closing handshake. */
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "error" | "message" | "close", listener: (event: WebSocketEvent) => void): void;
  /** Stops reading from the network. Browsers can't. */
  pause?(): void;
  /** Reads from the network again. */
  resume?(): void;
  /** Sends a ping. Browsers can't. */
  ping?(): void;
  /** Closes at once, without a handshake. Browsers can't. */
  terminate?(): void;
  /** Listens for the answer to a request to connect that is no upgrade. Browsers don't tell. */
  on?(event: "unexpected-response", listener: (request: unknown, response: HttpResponseLike) => void): unknown;
  /** Listens for the answer that is an upgrade, before the `open` event. Browsers don't tell. */
  on?(event: "upgrade", listener: (response: HttpResponseLike) => void): unknown;
  /** Listens for messages, as `message` events tell them but without an event object. Browsers can't. */
  on?(event: "message", listener: (data: unknown, isBinary: boolean) => void): unknown;
  /** Listens for pings, which are answered anyway, and for the answers to them. Browsers don't tell. */
  on?(event: "ping" | "pong", listener: () => void): unknown;
}

/** What the events of a WebSocket carry, each its own part. */
export interface WebSocketEvent {
  readonly type: string;
  /** Of a message: an `ArrayBuffer`, or a string for a text message. */
  readonly data?: unknown;
  /** Of a close: the close code. */
  readonly code?: number;
  /** Of a close: the reason that the peer gave. */
  readonly reason?: string;
  /** Of an error, outside browsers: what was thrown. */
  readonly error?: unknown;
}

/** The part of an HTTP response that this package uses. */
export interface HttpResponseLike {
  readonly statusCode?: number | undefined;
  /** The socket that it came over. */
  readonly socket?: NetworkSocketLike;
}

/** The part of the network socket below a WebSocket that this package uses. */
export interface NetworkSocketLike {
  /** Listens for the end of what the peer sends, which it may announce while it still takes something. */
  once(event: "end", listener: () => void): unknown;
  /** Has the operating system ask after a peer that has been silent for so many milliseconds. */
  setKeepAlive?(enable: boolean, initialDelayMs: number): unknown;
  /** Keeps what is written from now on. */
  cork?(): void;
  /** Writes at once what was kept. */
  uncork?(): void;
}

/** What makes a WebSocket: that of the platform, or of the package `ws`. */
export interface WebSocketConstructor {
  new (url: string, protocols: string[], options?: WebSocketOptions): WebSocketLike;
  readonly prototype: WebSocketLike;
}

/** The options that the constructor of `ws` takes and this package sets. Browsers take none. */
export interface WebSocketOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly maxPayload: number;
  /** How many fragments a message may have. */
  readonly maxFragments: number;
  readonly perMessageDeflate: false;
  /** How long the closing handshake may take, in milliseconds. */
  readonly closeTimeout: number;
  /** The authorities to trust; those of the platform without it. */
  readonly ca?: string | Uint8Array;
  /** The certificate to show, and its key. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** The name that the server's certificate must be for; the host without it. */
  readonly servername?: string;
}

/** `readyState` of a WebSocket that can send. */
export const openState = 1;
