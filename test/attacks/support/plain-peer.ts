import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import type { Codec } from "../../../src/codec/codec.js";
import { Peer } from "./peer.js";
import { RawWebSocket, type RawWebSocketOptions } from "./raw-web-socket.js";

/** A peer on a plain link: one encoded message in each of the WebSocket's. */
export class PlainPeer extends Peer {
  readonly webSocket: RawWebSocket;
  readonly #codec: Codec;

  private constructor(webSocket: RawWebSocket, codec: Codec) {
    super();
    this.webSocket = webSocket;
    this.#codec = codec;
  }

  static async open(port: number, codec: Codec, options: RawWebSocketOptions = {}): Promise<PlainPeer> {
    const early: Uint8Array[] = [];
    let takes = (payload: Uint8Array): void => void early.push(payload);
    const webSocket = await RawWebSocket.open(port, { ...options, onMessage: (payload) => takes(payload) });
    const peer = new PlainPeer(webSocket, codec);
    takes = (payload) => peer.#received(payload);
    for (const payload of early) {
      takes(payload);
    }
    return peer;
  }

  send(message: BusMessage): void {
    this.sendBytes(this.#codec.encode(message));
  }

  /** Sends what may be no message at all. */
  sendBytes(bytes: Uint8Array): void {
    this.webSocket.binary(bytes);
  }

  #received(payload: Uint8Array): void {
    const message = this.#codec.decode(payload);
    if (!("invalid" in message)) {
      this.messages.push(message);
    }
  }
}
