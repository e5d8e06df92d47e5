/**
 * Says what is going on, on standard error: on a terminal in one line that changes, elsewhere in a line each for what
 * takes long.
 */
export class Progress {
  #shown = false;

  /** Begins something that takes long. */
  begin(text: string): void {
    if (process.stderr.isTTY) {
      this.step(text);
    } else {
      process.stderr.write(`${text}\n`);
    }
  }

  /** Says how far it is, where it can be overwritten. */
  step(text: string): void {
    if (process.stderr.isTTY) {
      this.#shown = true;
      process.stderr.write(`\r\u001b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    }
  }

  /** Leaves the line where it is: it says what was done. */
  end(): void {
    if (this.#shown) {
      this.#shown = false;
      process.stderr.write("\n");
    }
  }

  /** Removes the line. */
  clear(): void {
    if (this.#shown) {
      this.#shown = false;
      process.stderr.write("\r\u001b[K");
    }
  }
}
