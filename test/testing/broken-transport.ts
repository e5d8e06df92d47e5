import { Code, type Status, StatusError, status } from "../../src/base/status.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection, Consumer, ServerTransport, Transport } from "../../src/transport/transport.js";

/** What a transport may do wrong, one at a time. */
export type Mistake =
  | "none"
  | "delivers after closed"
  | "delivers as text"
  | "doesn't slow the peer down"
  | "delivers within resume()"
  | "rejects closed"
  | "forgets the subprotocol"
  | "takes what accept() throws for OK"
  | "takes what the consumer throws for OK"
  | "turns every second pair of messages round";

/** A memory transport with a mistake. */
export function broken(mistake: Mistake): { readonly transport: Transport; readonly server: ServerTransport } {
  const memory = new MemoryTransport();
  return {
    transport: { connect: async (how) => new BrokenConnection(await memory.connect(how), mistake) },
    server: {
      listen(accept, how) {
        const given = (made: Connection): unknown => give(accept, made, mistake);
        return memory.listen(given, how);
      },
    },
  };
}

/** Gives a connection to whom it is for. What that returns is awaited, as it is by the transport inside. */
async function give(accept: (connection: Connection) => unknown, made: Connection, mistake: Mistake): Promise<void> {
  try {
    await accept(new BrokenConnection(made, mistake));
  } catch (error) {
    if (mistake !== "takes what accept() throws for OK") {
      throw error;
    }
    void made.close(status(Code.OK));
  }
}

class BrokenConnection implements Connection {
  readonly peer: Connection["peer"];
  readonly protocol: string;
  readonly closed: Promise<Status>;
  readonly #inner: Connection;
  readonly #mistake: Mistake;
  readonly #kept: (() => void)[] = [];
  #paused = false;
  #held: Uint8Array | undefined;
  #sent = 0;

  constructor(inner: Connection, mistake: Mistake) {
    this.#inner = inner;
    this.#mistake = mistake;
    this.peer = inner.peer;
    this.protocol = mistake === "forgets the subprotocol" ? "" : inner.protocol;
    this.closed = inner.closed.then((why) => {
      if (mistake === "rejects closed" && why.code !== Code.OK) {
        throw StatusError.of(why);
      }
      return why;
    });
    // Of what rejects here, the cases alone should tell.
    this.closed.catch(() => {});
  }

  get bufferedAmount(): number {
    return this.#inner.bufferedAmount;
  }

  send(bytes: Uint8Array): void {
    this.#sent += 1;
    const held = this.#held;
    this.#held = undefined;
    if (this.#mistake === "turns every second pair of messages round" && held === undefined && this.#sent % 4 === 3) {
      this.#held = bytes;
      return;
    }
    this.#inner.send(bytes);
    if (held !== undefined) {
      this.#inner.send(held);
    }
  }

  drained(amount: number): Promise<void> {
    return this.#inner.drained(amount);
  }

  receive(consumer: Consumer): void {
    const deliver = (bytes: Uint8Array): void => {
      if (this.#mistake === "delivers as text" && consumer.text !== undefined) {
        consumer.text(bytes);
        return;
      }
      try {
        consumer.message(bytes);
      } catch (error) {
        if (this.#mistake !== "takes what the consumer throws for OK") {
          throw error;
        }
        void this.#inner.close(status(Code.OK));
      }
    };
    this.#inner.receive({
      ...consumer,
      message: (bytes) => {
        if (this.#paused) {
          this.#kept.push(() => deliver(bytes));
          return;
        }
        deliver(bytes);
        if (this.#mistake === "delivers after closed") {
          void this.closed.then(() => Promise.resolve()).then(() => deliver(bytes));
        }
      },
    });
  }

  pause(): void {
    if (this.#keepsItself) {
      this.#paused = true;
    } else {
      this.#inner.pause();
    }
  }

  resume(): void {
    if (this.#keepsItself) {
      this.#paused = false;
      if (this.#mistake === "delivers within resume()") {
        this.#flush();
      } else {
        queueMicrotask(() => this.#flush());
      }
    } else {
      this.#inner.resume();
    }
  }

  close(why: Status): Promise<Status> {
    return this.#inner.close(why);
  }

  get #keepsItself(): boolean {
    return this.#mistake === "delivers within resume()" || this.#mistake === "doesn't slow the peer down";
  }

  #flush(): void {
    while (!this.#paused && this.#kept.length > 0) {
      this.#kept.shift()?.();
    }
  }
}
