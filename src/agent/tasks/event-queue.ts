import { type Deferred, deferred } from "../../base/deferred.js";
import { Code, StatusError } from "../../base/status.js";

/** What is kept, at most. */
interface Room {
  readonly events: number;
  readonly bytes: number;
}

/** For a reader that isn't there yet, and may never be. */
const withoutReader: Room = { events: 1_000, bytes: 16_777_216 };

/**
 * For one that is there: as much as a queue of a bus holds by default. A bus delivers up to 1 000 messages before a
 * reader has its turn, so that one that does nothing but read would miss some if no more were kept.
 */
const withReader: Room = { events: 10_000, bytes: 67_108_864 };

/**
 * Events in the order in which they came, for one reader at a time. What comes before there is a reader is kept, up to
 * 1 000 events and 16 MiB; for a reader that is slower than they come, 10 000 and 64 MiB. What comes beyond that is
 * dropped and counted, and the reader is told so when it gets there.
 */
export class EventQueue<Event> {
  #events: { readonly event: Event; readonly size: number }[] = [];
  #bytes = 0;
  #dropped = 0;
  #ended = false;
  #error: StatusError | undefined;
  #reading = false;
  #waiting: Deferred<void> | undefined;

  /** How many events were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds an event that keeps about `size` bytes alive. */
  push(event: Event, size: number): void {
    if (this.#ended) {
      return;
    }
    const room = this.#reading ? withReader : withoutReader;
    // What comes after a gap would not be in its place.
    if (this.#dropped > 0 || this.#events.length >= room.events || this.#bytes + size > room.bytes) {
      this.#dropped++;
      return;
    }
    this.#events.push({ event, size });
    this.#bytes += size;
    this.#wake();
  }

  /** Says that no more events come. A reader gets those that are kept, and then the error, if there is one. */
  end(error?: StatusError): void {
    this.#ended = true;
    this.#error = error;
    this.#wake();
  }

  /**
   * Reads the events. A reader that stops early leaves the rest for the next one. Throws FAILED_PRECONDITION while there
   * is another reader; reading throws what `end()` was given, and RESOURCE_EXHAUSTED where events were dropped.
   */
  async *read(): AsyncGenerator<Event, void, undefined> {
    if (this.#reading) {
      throw new StatusError(Code.FAILED_PRECONDITION, "the events of this task are being read already");
    }
    this.#reading = true;
    try {
      for (;;) {
        const next = this.#events.shift();
        if (next !== undefined) {
          this.#bytes -= next.size;
          yield next.event;
        } else if (this.#dropped > 0) {
          throw new StatusError(
            Code.RESOURCE_EXHAUSTED,
            `${this.#dropped} events of the task were dropped: they came faster than they were read`,
          );
        } else if (this.#ended) {
          break;
        } else {
          this.#waiting = deferred();
          await this.#waiting.promise;
        }
      }
      if (this.#error !== undefined) {
        throw this.#error;
      }
    } finally {
      this.#reading = false;
    }
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
