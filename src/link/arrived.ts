import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { Peeked } from "../codec/codec.js";
import type { Incoming } from "./link.js";

/** A message that arrived on a link. A class, so that no closure is made for each message. */
export class Arrived implements Incoming {
  readonly peeked: Peeked;
  readonly encoded: Uint8Array;
  readonly #decode: (encoded: Uint8Array) => BusMessage | undefined;

  /** `decode` is the link's own. */
  constructor(peeked: Peeked, encoded: Uint8Array, decode: (encoded: Uint8Array) => BusMessage | undefined) {
    this.peeked = peeked;
    this.encoded = encoded;
    this.#decode = decode;
  }

  get bytes(): number {
    return this.encoded.length;
  }

  decode(): BusMessage | undefined {
    return this.#decode(this.encoded);
  }
}
