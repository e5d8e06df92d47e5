import { Lane } from "../../gen/crossbus/v1/link_pb.js";
import type { Edit } from "../../scripts/mutate/guard.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { type Attack, attack } from "./attack.js";
import { ack, type LinkPeer } from "./support/link-peer.js";
import { encoded, route, textMessage } from "./support/messages.js";

const folder = "src/link/resumable";

/** An attack within a session, which is a success when the session goes on as if nothing had happened. */
function within(
  name: string,
  { against, does, defence }: { against: string; does: (peer: LinkPeer) => unknown; defence: Edit },
): Attack {
  return attack(name, {
    against,
    async attack(target) {
      const peer = await target.peer();
      await peer.goesOn();
      await does(peer);
      return peer.goesOn();
    },
    succeeded: (goesOn) => goesOn,
    defence,
  });
}

/** An attack that has a text come back which it shouldn't. */
function echoing(
  name: string,
  { against, does, defence }: { against: string; does: (peer: LinkPeer, message: Uint8Array) => void; defence: Edit },
): Attack {
  return attack(name, {
    against,
    async attack(target) {
      const peer = await target.peer();
      await peer.goesOn();
      does(peer, protobufCodec.encode(textMessage("trick")));
      return peer.hasEchoed("trick");
    },
    succeeded: (hasEchoed) => hasEchoed,
    defence,
  });
}

/** Frames of the link protocol that lie. */
export const linkFrameAttacks: readonly Attack[] = [
  within("an empty message", {
    against: "L-2: one message holds exactly one frame",
    does: (peer) => peer.bytes(new Uint8Array(0)),
    defence: {
      file: `${folder}/channel.ts`,
      find: "handler.data(readDataFrame(frame));",
      replace: "if (type !== undefined) {\n handler.data(readDataFrame(frame));\n }",
    },
  }),
  echoing("a frame of a type that doesn't exist", {
    against: "L-4: the first byte is one of the table",
    does: (peer, message) => peer.bytes(Uint8Array.from([0xc3, peer.next.data++, ...message])),
    defence: {
      file: `${folder}/frame.ts`,
      find: "if ((flags & ~FLAGS) !== FrameType.data) {",
      replace: "if (false) {",
    },
  }),
  echoing("a number that is padded", {
    against: "L-4: parser differentials: there is one way to write a frame",
    does: (peer, message) => peer.bytes(Uint8Array.from([0x83, peer.next.data++ | 0x80, 0, ...message])),
    defence: { file: `${folder}/frame.ts`, find: "if (byte === 0 && factor > 1) {", replace: "if (false) {" },
  }),
  within("bytes behind an ack", {
    against: "L-4: what follows is no part of it",
    does: (peer) => peer.bytes(Uint8Array.from([...ack(0), 1, 2, 3])),
    defence: { file: `${folder}/frame.ts`, find: "if (reader.pos !== frame.length) {", replace: "if (false) {" },
  }),
  within("an ack of what was never sent", {
    against: "L-17: nothing is forgotten that wasn't taken",
    does: (peer) => peer.bytes(ack(1_000)),
    defence: {
      file: `${folder}/resumable-link.ts`,
      find: "if (!this.#outgoing.acknowledge(ack)) {",
      replace: "if (!this.#outgoing.acknowledge(ack) && false) {",
    },
  }),
  within("an ack that takes back another", {
    against: "L-17: what was acknowledged is gone",
    does: (peer) => {
      peer.bytes(ack(1));
      peer.bytes(ack(0));
    },
    defence: {
      file: `${folder}/resumable-link.ts`,
      find: "if (!this.#outgoing.acknowledge(ack)) {",
      replace: "if (!this.#outgoing.acknowledge(ack) && false) {",
    },
  }),
  attack("a message that is played back", {
    against: "L-14, W13: each message is handed on once",
    async attack(target) {
      const peer = await target.peer();
      const message = protobufCodec.encode(textMessage("once"));
      const sequence = peer.next.data++;
      peer.encoded(message, false, sequence);
      peer.encoded(message, false, sequence);
      await peer.goesOn();
      return peer.texts.filter((text) => text === "once").length;
    },
    succeeded: (count) => count > 1,
    defence: { file: `${folder}/receive-lane.ts`, find: "if (sequence <= this.#received) {", replace: "if (false) {" },
  }),
  echoing("a gap in the numbers", {
    against: "L-15, W13: nothing goes missing in silence",
    does: (peer, message) => peer.encoded(message, false, peer.next.data + 5),
    defence: {
      file: `${folder}/receive-lane.ts`,
      find: "if (sequence > expected) {",
      replace: "if (false) {",
    },
  }),
  attack("a size that lies: 900 MB are announced in a few bytes", {
    against: "L-25: nothing is kept of a message that is too large",
    async attack(target) {
      const peer = await target.peer();
      await peer.goesOn();
      peer.bytes(Uint8Array.from([0x82, peer.next.data, ...varint(900_000_000), ...new Uint8Array(16_384)]));
      await peer.webSocket.over(1_000);
      return target.growth();
    },
    succeeded: (bytes) => bytes > 500_000_000,
    defence: {
      file: `${folder}/receive-lane.ts`,
      find: "if (size > this.#maxMessageBytes) {",
      replace: "if (false) {",
    },
  }),
  within("a message of which a part never comes", {
    against: "L-24: the fragments have the size that the first one says",
    does: (peer) => {
      const text = { case: "text", value: { text: "\0".repeat(40_000) } } as const;
      const message = encoded({ ...route, body: { case: "frame", value: { frame: { kind: text } } } });
      const sequence = peer.next.data++;
      peer.bytes(Uint8Array.from([0x82, sequence, ...varint(message.length), ...message.subarray(0, 16_384)]));
      peer.bytes(Uint8Array.from([0x81, sequence, 0]));
    },
    defence: {
      file: `${folder}/receive-lane.ts`,
      find: "frame.isLast ? filled !== open.length : filled >= open.length",
      replace: "filled > open.length",
    },
  }),
  within("a message that begins within another", {
    against: "L-24: a lane has at most one message open",
    does: (peer) => {
      for (let count = 0; count < 3; count++) {
        peer.bytes(Uint8Array.from([0x82, peer.next.data, ...varint(40_000), ...new Uint8Array(16_384)]));
      }
    },
    defence: {
      file: `${folder}/receive-lane.ts`,
      find: "if (this.#open !== undefined) {\n      throw",
      replace: "if (false) {\n      throw",
    },
  }),
  echoing("data in the lane of what is urgent", {
    against: "L-5: the receiver derives the lane by itself",
    does: (peer, message) => peer.encoded(message, true),
    defence: {
      file: `${folder}/deliver.ts`,
      find: "isSystem !== undefined && isSystem !== inSystemLane",
      replace: "false",
    },
  }),
  echoing("a skip to where the numbers end", {
    against: "L-21: what is skipped takes credit too",
    does: (peer, message) => {
      const last = BigInt(2 ** 40);
      const value = {
        lane: Lane.DATA,
        firstSequence: BigInt(peer.next.data),
        lastSequence: last,
        throughBytes: 1_000_000n,
      };
      peer.control({ case: "skip", value });
      peer.encoded(message, false, Number(last) + 1);
    },
    defence: { file: `${folder}/receive-lane.ts`, find: " || last > this.#maxSequence", replace: "" },
  }),
  within("a skip in no lane", {
    against: "there are two lanes",
    does: (peer) =>
      peer.control({ case: "skip", value: { lane: 9 as Lane, firstSequence: 1n, lastSequence: 1n, throughBytes: 0n } }),
    defence: {
      file: `${folder}/incoming.ts`,
      find: "number !== LaneNumber.system && number !== LaneNumber.data",
      replace: "false",
    },
  }),
  within("unknown fields by the ten thousand in a control frame", {
    against: "each costs an object",
    does: (peer) => {
      const fields = new Uint8Array(65_001);
      for (let at = 1; at < fields.length; at += 2) {
        // Field 15, a varint.
        fields[at] = 0x78;
      }
      peer.bytes(fields);
    },
    defence: {
      file: "src/codec/decode-message.ts",
      find: "if (++reader.unknown > MAX_UNKNOWN_FIELDS) {",
      replace: "if (false) {",
    },
  }),
  within("a second Hello", {
    against: "L-6: hands are shaken once",
    does: (peer) => peer.hello(),
    defence: {
      file: `${folder}/resumable-link.ts`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it stands so in the source.
      find: "throw new StatusError(Code.FAILED_PRECONDITION, `the peer sent a second ${kind.case}`);",
      replace: "break;",
    },
  }),
];

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    bytes.push((rest % 0x80) | 0x80);
  }
  return [...bytes, rest];
}
