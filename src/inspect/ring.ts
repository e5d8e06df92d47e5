/** The last so many items that were added. The place of the oldest is taken by the newest. */
export class Ring<Item> {
  readonly #items: Item[] = [];
  readonly #capacity: number;
  #added = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many items were added, those that are gone included. */
  get added(): number {
    return this.#added;
  }

  /** How many items are gone. */
  get gone(): number {
    return this.#added - this.#items.length;
  }

  add(item: Item): void {
    this.#items[this.#added % this.#capacity] = item;
    this.#added++;
  }

  /** The items that were added after the first `count`, oldest first, as far as they are there. */
  after(count: number): readonly Item[] {
    const items: Item[] = [];
    for (let index = Math.max(count, this.gone); index < this.#added; index++) {
      items.push(this.#items[index % this.#capacity] as Item);
    }
    return items;
  }
}
