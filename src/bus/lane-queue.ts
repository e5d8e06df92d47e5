import type { AnyBusMessage } from "./agent-bus.js";

interface Entry {
  readonly message: AnyBusMessage;
  readonly size: number;
  readonly droppable: boolean;
  previous: Entry | undefined;
  next: Entry | undefined;
  /** The droppable entry after this one, if this one is droppable. */
  nextDroppable: Entry | undefined;
}

/** What became of a message that was offered to a queue. */
export type Offer =
  | { readonly outcome: "queued"; readonly evicted: readonly AnyBusMessage[] }
  | { readonly outcome: "dropped" | "refused" };

const queued: Offer = { outcome: "queued", evicted: [] };
const dropped: Offer = { outcome: "dropped" };
const refused: Offer = { outcome: "refused" };

/**
 * A queue bounded in messages and bytes. When it is full it first gives up the oldest droppable messages, then
 * an offered message if that is droppable, and refuses any other.
 *
 * A linked list, so that a message in the middle goes at no cost, and leaves nothing behind.
 */
export class LaneQueue {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  #first: Entry | undefined;
  #last: Entry | undefined;
  #firstDroppable: Entry | undefined;
  #lastDroppable: Entry | undefined;
  #droppableBytes = 0;
  #droppableCount = 0;
  #length = 0;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the queue is more than half full: time for those who feed it to pause. */
  get high(): boolean {
    return this.#length > this.#maxMessages / 2 || this.#bytes > this.#maxBytes / 2;
  }

  /** Whether the queue is at most a quarter full: time to go on. */
  get low(): boolean {
    return this.#length <= this.#maxMessages / 4 && this.#bytes <= this.#maxBytes / 4;
  }

  /** Queues a message of `size` bytes, if it can be done. */
  offer(message: AnyBusMessage, size: number, droppable: boolean): Offer {
    if (this.#length < this.#maxMessages && this.#bytes + size <= this.#maxBytes) {
      this.#append(message, size, droppable);
      return queued;
    }
    // Nothing is evicted in vain: first see whether giving up all droppable messages would make room.
    const fits =
      this.#length - this.#droppableCount < this.#maxMessages &&
      this.#bytes - this.#droppableBytes + size <= this.#maxBytes;
    if (!fits) {
      return droppable ? dropped : refused;
    }
    const evicted: AnyBusMessage[] = [];
    while (this.#length >= this.#maxMessages || this.#bytes + size > this.#maxBytes) {
      const entry = this.#firstDroppable;
      if (entry === undefined) {
        break;
      }
      this.#remove(entry);
      evicted.push(entry.message);
    }
    this.#append(message, size, droppable);
    return { outcome: "queued", evicted };
  }

  /** Takes the oldest message. */
  shift(): AnyBusMessage | undefined {
    const entry = this.#first;
    if (entry === undefined) {
      return undefined;
    }
    this.#remove(entry);
    return entry.message;
  }

  #append(message: AnyBusMessage, size: number, droppable: boolean): void {
    const entry: Entry = {
      message,
      size,
      droppable,
      previous: this.#last,
      next: undefined,
      nextDroppable: undefined,
    };
    if (this.#last === undefined) {
      this.#first = entry;
    } else {
      this.#last.next = entry;
    }
    this.#last = entry;
    this.#length++;
    this.#bytes += size;
    if (droppable) {
      if (this.#lastDroppable === undefined) {
        this.#firstDroppable = entry;
      } else {
        this.#lastDroppable.nextDroppable = entry;
      }
      this.#lastDroppable = entry;
      this.#droppableCount++;
      this.#droppableBytes += size;
    }
  }

  /** Removes the oldest entry, or the oldest droppable one: a droppable entry is the first of its kind then. */
  #remove(entry: Entry): void {
    if (entry.previous === undefined) {
      this.#first = entry.next;
    } else {
      entry.previous.next = entry.next;
    }
    if (entry.next === undefined) {
      this.#last = entry.previous;
    } else {
      entry.next.previous = entry.previous;
    }
    this.#length--;
    this.#bytes -= entry.size;
    if (entry.droppable) {
      this.#firstDroppable = entry.nextDroppable;
      if (this.#firstDroppable === undefined) {
        this.#lastDroppable = undefined;
      }
      this.#droppableCount--;
      this.#droppableBytes -= entry.size;
    }
  }
}
