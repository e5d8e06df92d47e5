import { Code, type Status, status } from "../base/status.js";
import type { Connection } from "../transport/transport.js";

/** A second connection of a peer: it sends what the first one does, and drops what comes back. */
export class Duplicate {
  #connection: Connection | undefined;
  /** What was sent before it was made. */
  #early: Uint8Array[] = [];
  #ending: Status | undefined;

  /** Connects. `told` learns whether that worked. */
  constructor(connect: () => Promise<Connection>, told: (made: boolean) => void) {
    connect().then(
      (connection) => {
        told(true);
        this.#made(connection);
      },
      () => {
        this.#ending = status(Code.UNAVAILABLE);
        this.#early = [];
        told(false);
      },
    );
  }

  send(bytes: Uint8Array): void {
    if (this.#connection === undefined) {
      if (this.#ending === undefined) {
        this.#early.push(bytes);
      }
      return;
    }
    try {
      this.#connection.send(bytes);
    } catch {
      // The other end has closed this one, as it should.
    }
  }

  close(ending: Status): void {
    this.#ending ??= ending;
    void this.#connection?.close(ending);
  }

  #made(connection: Connection): void {
    this.#connection = connection;
    connection.receive({ message: () => {}, text: () => {} });
    for (const bytes of this.#early) {
      this.send(bytes);
    }
    this.#early = [];
    if (this.#ending !== undefined) {
      void connection.close(this.#ending);
    }
  }
}
