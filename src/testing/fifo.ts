/** How many places of what is gone are kept before the list is shortened, so that shortening costs little. */
const slack = 1_024;

/** First in, first out, at a cost that doesn't grow with its length. */
export class Fifo<T> {
  #values: (T | undefined)[] = [];
  #gone = 0;

  get length(): number {
    return this.#values.length - this.#gone;
  }

  /** The value before which there are `index` older ones. */
  at(index: number): T | undefined {
    return this.#values[this.#gone + index];
  }

  push(value: T): void {
    this.#values.push(value);
  }

  shift(): T | undefined {
    const value = this.at(0);
    if (this.length > 0) {
      this.#values[this.#gone] = undefined;
      this.#gone += 1;
      if (this.#gone >= slack && this.#gone * 2 >= this.#values.length) {
        this.#values = this.#values.slice(this.#gone);
        this.#gone = 0;
      }
    }
    return value;
  }

  /** Removes all but the oldest `count`, and returns them. */
  cut(count: number): T[] {
    return this.#values.splice(this.#gone + count) as T[];
  }
}
