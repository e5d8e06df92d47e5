/** How much memory messages share at most, in bytes, and so the most that one of them keeps alive. */
const slabBytes = 8_192;

/** Messages above this have memory of their own. */
const maxShared = 2_048;

/**
 * How many messages wait where they were written or read, beside those of other connections, 64 KiB at a time. What a
 * peer that reads too slowly, or is away, leaves waiting beyond that must not keep all of theirs alive.
 */
export const maxInPlace = 128;

/**
 * Copies messages of one connection next to each other. To give each memory of its own takes longer than to decode an
 * audio frame; so they share 8 KiB at a time, which live as long as one of them does.
 */
export class Slab {
  #memory: Uint8Array | undefined;
  #used = 0;

  /** Gives a message that has to wait behind so many others: as it is, or a copy of it where those are too many. */
  keep(bytes: Uint8Array, waiting: number): Uint8Array {
    if (waiting < maxInPlace) {
      // A connection that isn't held up keeps nothing for copies.
      this.#memory = undefined;
      return bytes;
    }
    // Where most of its memory is the message's, nothing is won.
    return bytes.length * 2 >= bytes.buffer.byteLength ? bytes : this.copy(bytes);
  }

  /** Gives a copy of `bytes`. */
  copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length > maxShared) {
      return new Uint8Array(bytes);
    }
    if (this.#memory === undefined || this.#used + length > slabBytes) {
      this.#memory = new Uint8Array(slabBytes);
      this.#used = 0;
    }
    const copy = this.#memory.subarray(this.#used, this.#used + length);
    copy.set(bytes);
    this.#used += length;
    return copy;
  }
}
