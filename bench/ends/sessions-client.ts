/**
 * Many clients in one process, which send frames at a rate that is the same for all of them together. They are bare
 * sockets, which send bytes that were made once: what they cost is no concern of the server's.
 */
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import WebSocket from "ws";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { now } from "../harness/clock.js";
import { audioMessage } from "./sample-message.js";

/** How many connect at a time. */
const atOnce = 50;

/** What a client process does. */
export interface SessionsClient {
  /** Opens so many sessions more. */
  connect(count: number): Promise<void>;
  /** Sends so many frames a second, of one session after the other, for so many milliseconds. Returns how many. */
  send(perSecond: number, milliseconds: number): Promise<number>;
}

export async function open({ address }: { readonly address: string }): Promise<SessionsClient> {
  const bytes = protobufCodec.encode(audioMessage());
  const sockets: WebSocket[] = [];
  let next = 0;

  async function connectOne(): Promise<void> {
    const socket = new WebSocket(address, { perMessageDeflate: false });
    await once(socket, "open");
    sockets.push(socket);
  }

  return {
    async connect(count) {
      for (let left = count; left > 0; left -= atOnce) {
        await Promise.all(Array.from({ length: Math.min(atOnce, left) }, connectOne));
      }
    },
    async send(perSecond, milliseconds) {
      const began = now();
      const all = Math.round((perSecond * milliseconds) / 1000);
      for (let sent = 0; sent < all; ) {
        const due = Math.min(all, Math.floor(((now() - began) * perSecond) / 1_000_000));
        for (; sent < due; sent++) {
          sockets[next++ % sockets.length]?.send(bytes);
        }
        await setImmediate();
      }
      return all;
    },
  };
}
