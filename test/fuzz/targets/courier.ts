import { ackFrame, fragmentFrame } from "../../../src/link/resumable/frame.js";
import type { RawPeer } from "../../support/raw-peer.js";

/** Sends what an input says as a well-behaved peer would number it. */
export interface Courier {
  /** The number of the last message of a lane that has come over this connection. */
  received(isSystem: boolean): number;
  /** Sends a frame, if the connection is open. */
  send(frame: Uint8Array): void;
  /** Sends a message. The first byte says in which lane, and in fragments of which size. */
  message(flagged: Uint8Array): void;
  /** Acknowledges what has come, with a number added to what is right: 0 as a rule. */
  ack(number: number): void;
  /** Sends a control frame. */
  control(kind: Parameters<RawPeer["control"]>[0]): void;
  /** Says Hello. */
  hello(fields: Parameters<RawPeer["hello"]>[0]): void;
}

/** Makes a courier for one connection. */
export function courier(raw: RawPeer): Courier {
  const sent = { system: 0, data: 0 };
  const received = (isSystem: boolean) =>
    raw.data.filter((frame) => frame.isSystem === isSystem).reduce((most, { sequence }) => Math.max(most, sequence), 0);
  const attempt = (call: () => void) => {
    if (raw.closedWith === undefined) {
      try {
        call();
      } catch {
        // It is closing: whoever sends doesn't know yet.
      }
    }
  };
  const send = (frame: Uint8Array) => attempt(() => raw.connection.send(frame));
  return {
    received,
    send,
    message(flagged) {
      const flags = flagged[0] ?? 0;
      const message = flagged.subarray(1);
      const lane = (flags & 1) === 1 ? "system" : "data";
      const size = (flags & 2) === 0 ? Math.max(1, message.length) : 1 + (flags >> 2);
      sent[lane] += 1;
      let from = 0;
      do {
        send(fragmentFrame(message, from, size, lane === "system", sent[lane]));
        from += size;
      } while (from < message.length);
    },
    ack(number) {
      const lane = (isSystem: boolean) => ({
        acknowledged: received(isSystem) + (number % 5 === 4 ? number >> 3 : 0),
        maxSequence: 1_000 + received(isSystem),
        maxBytes: 1_000_000 + (number & 0xff),
      });
      send(ackFrame({ system: lane(true), data: lane(false) }));
    },
    control: (kind) => attempt(() => raw.control(kind)),
    hello: (fields) => attempt(() => raw.hello(fields)),
  };
}
