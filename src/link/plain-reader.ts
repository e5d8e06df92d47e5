import { newBusMessage } from "../../gen/crossbus/v1/hot-builders.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { type Status, toStatusError } from "../base/status.js";
import type { Codec } from "../codec/codec.js";
import type { Connection, Consumer } from "../transport/transport.js";
import { Arrived, type Decoder } from "./arrived.js";
import type { LinkConsumer } from "./link.js";

/**
 * Reads what comes over the connection of a plain link, and gives it to the link's consumer. One object instead of a
 * function for each of its tasks: a server with a thousand sessions has to fetch from memory whatever a message meets.
 */
export class PlainReader implements Consumer, Decoder {
  /** There where the codec takes text. */
  declare readonly text?: (bytes: Uint8Array) => void;
  readonly #connection: Connection;
  readonly #codec: Codec;
  readonly #consumer: LinkConsumer;

  constructor(connection: Connection, codec: Codec, consumer: LinkConsumer) {
    this.#connection = connection;
    this.#codec = codec;
    this.#consumer = consumer;
    if (codec.acceptsText) {
      this.text = (bytes) => this.message(bytes);
    }
  }

  message(bytes: Uint8Array): void {
    let peeked: ReturnType<Codec["peek"]>;
    try {
      peeked = this.#codec.peek(bytes);
    } catch (error) {
      this.#unreadable(error);
      return;
    }
    if ("invalid" in peeked) {
      this.#consumer.invalid(peeked.invalid, bytes.length);
      return;
    }
    this.#consumer.message(new Arrived(peeked, bytes, this));
  }

  undelivered(bytes: Uint8Array, status: Status): void {
    this.#consumer.undelivered(this.#lost(bytes), status);
  }

  /** Decodes what was peeked. Gives undefined for what can't be decoded, once its consumer, or its sender, is told. */
  decode(bytes: Uint8Array): BusMessage | undefined {
    let decoded: ReturnType<Codec["decode"]>;
    try {
      decoded = this.#codec.decode(bytes);
    } catch (error) {
      this.#unreadable(error);
      return undefined;
    }
    if ("invalid" in decoded) {
      this.#consumer.invalid(decoded.invalid, bytes.length);
      return undefined;
    }
    return decoded;
  }

  /** The message that could not be handed over. Of one that can't be decoded at least from whom to whom it was. */
  #lost(bytes: Uint8Array): BusMessage {
    const decoded = attempt(() => this.#codec.decode(bytes));
    if (decoded !== undefined && !("invalid" in decoded)) {
      return decoded;
    }
    const peeked = attempt(() => this.#codec.peek(bytes));
    const lost = newBusMessage({ case: undefined });
    if (peeked !== undefined && !("invalid" in peeked)) {
      lost.source = peeked.source;
      if (peeked.target !== undefined) {
        lost.target = peeked.target;
      }
    }
    return lost;
  }

  /** A message that can't be read costs its sender the connection. */
  #unreadable(error: unknown): void {
    void this.#connection.close(toStatusError(error));
  }
}

/** What a function gives, or undefined where it throws. */
function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
