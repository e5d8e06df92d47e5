import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { Peeked } from "../codec/codec.js";
import type { Incoming } from "./link.js";

/** Decodes what has arrived on a link. Gives undefined for what can't be decoded, once those are told whom it concerns. */
export interface Decoder {
  decode(encoded: Uint8Array): BusMessage | undefined;
}

/** A message that arrived on a link. A class, so that no closure is made for each message. */
export class Arrived implements Incoming {
  readonly peeked: Peeked;
  readonly encoded: Uint8Array;
  readonly #decoder: Decoder;

  /** `decoder` is the link's own. */
  constructor(peeked: Peeked, encoded: Uint8Array, decoder: Decoder) {
    this.peeked = peeked;
    this.encoded = encoded;
    this.#decoder = decoder;
  }

  get bytes(): number {
    return this.encoded.length;
  }

  decode(): BusMessage | undefined {
    return this.#decoder.decode(this.encoded);
  }
}
