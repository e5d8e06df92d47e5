import type { Status } from "../base/status.js";
import { Outbox } from "../transport/outbox.js";
import type { Connection } from "../transport/transport.js";
import { Duplicate } from "./duplicate.js";

/** Who is told what comes from the far end. */
export interface FarEndListener {
  message(bytes: Uint8Array, isText: boolean): void;
  undelivered(bytes: Uint8Array, why: Status): void;
  ended(why: Status): void;
}

/** The connection behind the faults, on which the far end is, and the duplicates of it. */
export class FarEnd {
  readonly connection: Connection;
  readonly #windowBytes: number;
  readonly #listener: FarEndListener;
  /** What the connection was given and may not have handed over. */
  readonly #outbox = new Outbox();
  readonly #duplicates: Duplicate[] = [];
  #isReceived = false;
  #isReading = true;
  #isDetached = false;
  #hasEnded = false;
  #swallowed = 0;

  constructor(connection: Connection, windowBytes: number, listener: FarEndListener) {
    this.connection = connection;
    this.#windowBytes = windowBytes;
    this.#listener = listener;
    void connection.closed.then((why) => {
      this.#hasEnded = true;
      listener.ended(why);
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  send(bytes: Uint8Array): void {
    this.connection.send(bytes);
    this.#outbox.add(bytes);
    this.#outbox.handedOverAllBut(this.connection.bufferedAmount);
    for (const duplicate of this.#duplicates) {
      duplicate.send(bytes);
    }
  }

  receive(takesText: boolean): void {
    if (!this.#isReceived) {
      this.#isReceived = true;
      this.connection.receive({
        message: (bytes) => this.#message(bytes, false),
        ...(takesText ? { text: (bytes: Uint8Array) => this.#message(bytes, true) } : {}),
        undelivered: (bytes, why) => {
          if (!this.#isDetached) {
            this.#listener.undelivered(bytes, why);
          }
        },
      });
    }
  }

  setReading(reading: boolean): void {
    if (reading !== this.#isReading) {
      this.#isReading = reading;
      if (reading) {
        this.connection.resume();
      } else {
        this.connection.pause();
      }
    }
  }

  duplicate(again: () => Promise<Connection>, told: (made: boolean) => void): void {
    this.#duplicates.push(new Duplicate(again, told));
  }

  /** Closes the connection, and the duplicates like it. */
  close(why: Status): void {
    void this.connection.close(why);
    for (const duplicate of this.#duplicates) {
      duplicate.close(why);
    }
  }

  /**
   * Nothing that comes is told any more. Returns what had not been handed over. The far end goes on with a connection
   * that takes no more from it than a network does, until it closes it itself or `close()` is called.
   */
  detach(): readonly Uint8Array[] {
    this.#outbox.handedOverAllBut(this.connection.bufferedAmount);
    const left = this.#hasEnded ? [] : this.#outbox.close();
    this.#isDetached = true;
    this.receive(true);
    this.connection.resume();
    return left;
  }

  #message(bytes: Uint8Array, isText: boolean): void {
    if (!this.#isDetached) {
      this.#listener.message(bytes, isText);
      return;
    }
    this.#swallowed += bytes.length;
    if (this.#swallowed > this.#windowBytes) {
      this.connection.pause();
    }
  }
}
