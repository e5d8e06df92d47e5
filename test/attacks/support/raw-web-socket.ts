import { until } from "./until.js";
import { type Answer, upgradeRequest, Wire } from "./wire.js";

/** The opcodes of WebSocket frames. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** How a frame departs from an honest one. */
export interface FrameLook {
  readonly fin?: boolean;
  /** The reserved bits, of which the first is 4. */
  readonly reserved?: number;
  readonly masked?: boolean;
  /** The length that is announced, where it isn't the true one. */
  readonly length?: number;
}

/** Makes a frame. */
export function webSocketFrame(opcode: number, payload: Uint8Array, look: FrameLook = {}): Buffer {
  const { fin = true, reserved = 0, masked = true, length = payload.length } = look;
  const head = Buffer.alloc(14);
  head[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  let at = 2;
  if (length < 126) {
    head[1] = length;
  } else if (length < 65_536) {
    head[1] = 126;
    at = head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    at = head.writeBigUInt64BE(BigInt(length), 2);
  }
  if (masked) {
    // A mask of zeros leaves the payload as it is.
    head[1] |= 0x80;
    at += 4;
  }
  return Buffer.concat([head.subarray(0, at), payload]);
}

/** What is asked for with a WebSocket. */
export interface RawWebSocketOptions {
  readonly protocols?: string | undefined;
  readonly path?: string | undefined;
  readonly headers?: readonly string[] | undefined;
  /** Where to connect from. */
  readonly from?: string;
  /** Gets the messages that come, text and binary ones. */
  readonly onMessage?: (payload: Uint8Array) => void;
}

/** A WebSocket of an attacker's, who knows the protocol and doesn't keep to it. */
export class RawWebSocket implements Disposable {
  readonly wire: Wire;
  /** What the server has said to the request; undefined when it has hung up. */
  readonly answer: Answer | undefined;
  /** How many pongs have come. */
  pongs = 0;
  /** What the server has closed the WebSocket with. */
  closeCode: number | undefined;
  closeReason = "";
  readonly #takesMessage: (payload: Uint8Array) => void;

  private constructor(wire: Wire, answer: Answer | undefined, takesMessage: (payload: Uint8Array) => void) {
    this.wire = wire;
    this.answer = answer;
    this.#takesMessage = takesMessage;
    wire.socket.on("data", () => this.#read());
    this.#read();
  }

  /** Asks for a WebSocket. Resolves whatever the answer is. */
  static async open(port: number, options: RawWebSocketOptions = {}): Promise<RawWebSocket> {
    const wire = await Wire.open(port, options.from);
    const { protocols, headers, path = "/ws", onMessage = () => {} } = options;
    wire.write(upgradeRequest({ line: `GET ${path} HTTP/1.1`, protocols, headers }));
    return new RawWebSocket(wire, await wire.answer(), onMessage);
  }

  /** Whether the server has granted the request. */
  get isOpen(): boolean {
    return this.answer?.status === 101;
  }

  /** Whether the server has ended it, on purpose or by cutting the connection. */
  get isOver(): boolean {
    return this.closeCode !== undefined || this.wire.isClosed;
  }

  frame(opcode: number, payload: Uint8Array, look?: FrameLook): void {
    this.wire.write(webSocketFrame(opcode, payload, look));
  }

  binary(payload: Uint8Array, look?: FrameLook): void {
    this.frame(Opcode.binary, payload, look);
  }

  text(payload: string | Uint8Array): void {
    this.frame(Opcode.text, Buffer.from(payload));
  }

  close(code: number, reason = ""): void {
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    this.frame(Opcode.close, payload);
  }

  /** Resolves with whether the server has ended it before the time was up. */
  over(ms?: number): Promise<boolean> {
    return until(() => this.isOver, ms);
  }

  [Symbol.dispose](): void {
    this.wire.cut();
  }

  #read(): void {
    if (!this.isOpen) {
      return;
    }
    for (;;) {
      const bytes = this.wire.unread();
      const short = (bytes[1] ?? 0) & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < head) {
        return;
      }
      const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      if (bytes.length < head + length) {
        return;
      }
      // A copy that is no Buffer, as decoders want it.
      const payload = Uint8Array.from(bytes.subarray(head, head + length));
      this.wire.take(head + length);
      this.#received((bytes[0] as number) & 0x0f, payload);
    }
  }

  #received(opcode: number, payload: Uint8Array): void {
    if (opcode === Opcode.text || opcode === Opcode.binary) {
      this.#takesMessage(payload);
    } else if (opcode === Opcode.pong) {
      this.pongs++;
    } else if (opcode === Opcode.close) {
      const view = Buffer.from(payload);
      this.closeCode = payload.length < 2 ? 1005 : view.readUInt16BE();
      this.closeReason = view.toString("utf8", 2);
    }
  }
}
