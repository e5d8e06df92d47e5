import type { WebSocket } from "ws";
import { toStatusError } from "../../../src/base/status.js";

/** Does what a page calls by its name. What it throws is thrown in the page. */
export type Served = (args: never, bytes: Uint8Array) => unknown;

/** The end in Node of what test/browser/page/remote.ts has in a page. */
export class Remote {
  readonly #served = new Map<string, Served>();
  #events: { readonly head: object; readonly bytes: Uint8Array | undefined }[] = [];
  #socket: WebSocket | undefined;
  #hasPoked = false;
  #answered = 0;
  /** The calls that wait for those before them. */
  readonly #early = new Map<number, () => void>();

  /** Serves calls by a name. */
  serve(name: string, served: Served): void {
    this.#served.set(name, served);
  }

  /** Tells the page of events over this socket: that there are any, for it to fetch them. */
  listen(socket: WebSocket): void {
    this.#socket = socket;
    this.#poke();
  }

  /** Has something in the page get to know that something has happened. */
  emit(to: string, name: string, value?: unknown, bytes?: Uint8Array): void {
    // What arrives over a network may be overwritten later.
    const head = { to, name, value, ...(bytes === undefined ? {} : { bytes: bytes.length }) };
    this.#events.push({ head, bytes: bytes?.slice() });
    this.#poke();
  }

  /** Answers a call once those before it have been answered, with all that has happened up to then. */
  async answer(number: number, name: string, args: unknown, bytes: Uint8Array): Promise<Buffer> {
    if (number > this.#answered + 1) {
      await new Promise<void>((resolve) => this.#early.set(number, resolve));
    }
    const answer = this.#answer(name, args, bytes);
    this.#answered = number;
    this.#early.get(number + 1)?.();
    return answer;
  }

  #answer(name: string, args: unknown, bytes: Uint8Array): Buffer {
    const answer: { result?: unknown; error?: unknown; events?: readonly object[] } = {};
    try {
      const served = this.#served.get(name);
      if (served === undefined) {
        throw new Error(`nothing is called ${name}`);
      }
      answer.result = served(args as never, bytes);
    } catch (error) {
      const { code, message, details } = toStatusError(error);
      answer.error = { code, message, details };
    }
    const events = this.#events;
    this.#events = [];
    this.#hasPoked = false;
    answer.events = events.map(({ head }) => head);
    const json = JSON.stringify(answer).replace(
      /[^\x20-\x7e]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    return Buffer.concat([Buffer.from(`${json}\n`), ...events.map((event) => event.bytes ?? new Uint8Array())]);
  }

  #poke(): void {
    if (!this.#hasPoked && this.#events.length > 0 && this.#socket !== undefined) {
      this.#hasPoked = true;
      this.#socket.send("");
    }
  }
}
