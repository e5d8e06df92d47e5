import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import { decoded } from "./messages.js";
import { Peer } from "./peer.js";
import { RawWebSocket, type RawWebSocketOptions } from "./raw-web-socket.js";

/** A peer that speaks Protocol Buffers on a plain link: one encoded message in each of the WebSocket's. */
export class PlainPeer extends Peer {
  readonly webSocket: RawWebSocket;

  private constructor(webSocket: RawWebSocket, early: readonly Uint8Array[]) {
    super();
    this.webSocket = webSocket;
    this.messages.push(...early.map(decoded));
  }

  static async open(port: number, options: RawWebSocketOptions = {}): Promise<PlainPeer> {
    const early: Uint8Array[] = [];
    let peer: PlainPeer | undefined;
    const onMessage = (payload: Uint8Array): void => {
      if (peer === undefined) {
        early.push(payload);
      } else {
        peer.messages.push(decoded(payload));
      }
    };
    peer = new PlainPeer(await RawWebSocket.open(port, { ...options, onMessage }), early);
    return peer;
  }

  send(message: BusMessage): void {
    this.sendBytes(protobufCodec.encode(message));
  }

  /** Sends what may be no message at all. */
  sendBytes(bytes: Uint8Array): void {
    this.webSocket.binary(bytes);
  }
}
