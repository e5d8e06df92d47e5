import { toWellFormed } from "../message/well-formed.js";

/** Text that comes in pieces, some of which may end in the middle of a character. */
export class WholeText {
  #half = "";

  /** Gives a piece as far as it is whole. */
  next(piece: string): string {
    const text = this.#half + piece;
    const isHalf = /[\ud800-\udbff]$/.test(text);
    this.#half = isHalf ? text.slice(-1) : "";
    return toWellFormed(isHalf ? text.slice(0, -1) : text);
  }

  /** Gives what is left: half a character, which nobody can read. */
  end(): string {
    const half = this.#half;
    this.#half = "";
    return toWellFormed(half);
  }
}
