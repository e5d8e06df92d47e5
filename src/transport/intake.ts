import { soon } from "../base/soon.js";
import { bytesOfMessage } from "./bytes-of-message.js";
import { Slab } from "./slab.js";

/**
 * What was read from the network in one piece is left in place up to this size, in bytes. Less than the pool of Node, 8
 * KiB, in which a message may stand beside whatever else the process does.
 */
const maxLeft = 4_096;

/**
 * Makes bytes of what the message events of one connection carry. Where many messages are read from the network at once,
 * each is a view of all that was read, 64 KiB, and would keep that alive. So they are copied next to each other: whoever
 * keeps one keeps 8 KiB at most, all of the same connection.
 */
export class Intake {
  /**
   * Whether anything has come since somebody has last set this to false. It stands here, since this is what a message meets
   * anyway: a server with a thousand sessions fetches from memory whatever that is.
   */
  hasHeard = false;
  #slab: Slab | undefined;

  /** The bytes of a message, those of text in UTF-8. Nobody changes them later. */
  take(data: unknown): Uint8Array {
    this.hasHeard = true;
    return ArrayBuffer.isView(data) ? this.#takeView(data) : bytesOfMessage(data);
  }

  #takeView({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
    // Not a Buffer, whose parts are Buffers too.
    const view = new Uint8Array(buffer, byteOffset, byteLength);
    if (buffer.byteLength <= maxLeft || byteLength * 2 > buffer.byteLength) {
      return view;
    }
    if (this.#slab === undefined) {
      this.#slab = new Slab();
      // A connection that is idle keeps nothing.
      soon(this.#drop);
    }
    return this.#slab.copy(view);
  }

  readonly #drop = (): void => {
    this.#slab = undefined;
  };
}
