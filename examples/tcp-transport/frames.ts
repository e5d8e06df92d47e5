import type { Socket } from "node:net";
import { closeReason, type Status, status } from "crossbus";

/**
 * What is on the wire: a length of four bytes, a type of one, and so many bytes. TCP keeps no borders between messages, and
 * has no word for why a connection ends: both are the transport's to add.
 */
export enum FrameType {
  /** One message. */
  Message = 0,
  /** The end of a connection, with its status. The other end answers with one of its own. */
  Close = 1,
  /** A client's first: which subprotocols it speaks. */
  Hello = 2,
  /** What grants its request. */
  Welcome = 3,
  /** What refuses it, with a status. */
  Refuse = 4,
}

const headerBytes = 5;

/** Writes one frame. `written` is called once the operating system has it. */
export function writeFrame(socket: Socket, type: FrameType, bytes: Uint8Array, written: () => void = () => {}): void {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(bytes.length, 0);
  header.writeUInt8(type, 4);
  socket.cork();
  socket.write(header);
  socket.write(bytes, (error) => error ?? written());
  process.nextTick(() => socket.uncork());
}

export function writeJson(socket: Socket, type: FrameType, value: unknown): void {
  writeFrame(socket, type, Buffer.from(JSON.stringify(value)));
}

export function readJson(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** A status as it travels: of its message no more than any transport carries. */
export function writeStatus(socket: Socket, type: FrameType, { code, message }: Status): void {
  writeJson(socket, type, { code, message: closeReason(message) });
}

export function readStatus(bytes: Uint8Array): Status {
  const { code, message } = readJson(bytes) as { code: number; message: string };
  return status(code, message);
}

/** Cuts what a socket reads into frames. While it doesn't read, the operating system lets the peer's sends wait. */
export class FrameReader {
  readonly #socket: Socket;
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #reading = true;
  /** Who gets the frames: at first whoever shakes hands, then the connection. */
  onFrame: (type: FrameType, bytes: Uint8Array) => void = () => {};
  /** A frame is larger than a message may be. It isn't read: what a peer announces must not decide what is kept for it. */
  onTooLarge: (size: number) => void = () => {};

  constructor(socket: Socket, maxBytes: number) {
    this.#socket = socket;
    this.#maxBytes = maxBytes;
    socket.on("data", (chunk) => {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
      this.#cut();
    });
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    if (reading) {
      this.#socket.resume();
      // Never within the call: nobody expects a message from resume().
      queueMicrotask(() => this.#cut());
    } else {
      this.#socket.pause();
    }
  }

  /** Reads what comes, and drops it. */
  discard(): void {
    this.#chunks.length = 0;
    this.#size = 0;
    this.onFrame = () => {};
    this.onTooLarge = () => {};
    this.#socket.removeAllListeners("data").resume();
  }

  #cut(): void {
    while (this.#reading && this.#size >= headerBytes) {
      const header = this.#peek(headerBytes);
      const size = header.readUInt32BE(0);
      if (size > this.#maxBytes) {
        this.#reading = false;
        this.onTooLarge(size);
        return;
      }
      if (this.#size < headerBytes + size) {
        return;
      }
      const frame = this.#peek(headerBytes + size);
      this.#chunks[0] = frame.subarray(headerBytes + size);
      this.#size -= headerBytes + size;
      // A copy, as a Uint8Array: nobody else may change the bytes, and a Buffer has methods that mean something else.
      this.onFrame(header.readUInt8(4), new Uint8Array(frame.subarray(headerBytes)).subarray(0, size));
    }
  }

  /** The first chunk, made so long that it has these bytes. */
  #peek(bytes: number): Buffer {
    let [first = Buffer.alloc(0)] = this.#chunks;
    if (first.length < bytes) {
      first = Buffer.concat(this.#chunks);
      this.#chunks.length = 0;
      this.#chunks.push(first);
    }
    return first;
  }
}
