import { once } from "node:events";
import type { Socket } from "node:net";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Code, status } from "../../src/base/status.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import type { Connection, Listener } from "../../src/transport/transport.js";
import { WebSocketServerTransport } from "../../src/transport/websocket-server-node.js";
import { openSockets } from "../support/open-node.js";
import { nothingLeft } from "./helpers.js";
import { clientFrame, openTcp, upgradeRequest } from "./upgrade.js";

const [start, text, binary, last, close, ping] = [0x02, 0x81, 0x82, 0x80, 0x88, 0x89];
const maxMessageBytes = 200;
const bytes = (length: number) => new Uint8Array(length).fill(7);
/** The header of a frame that says that so many bytes follow. */
const header = (...length: readonly number[]) => Uint8Array.from([binary, 0xff, ...length, 0, 0, 0, 0]);
const closing = (code: number, ...reason: readonly number[]) =>
  clientFrame(close, Uint8Array.of(code >> 8, code & 0xff, ...reason));

/** Frames as servers send them, unmasked, the parts of which that the tests need. */
interface ServerFrame {
  readonly firstByte: number;
  readonly content: Buffer;
}

describe("what a listener takes from a client", () => {
  let before: readonly string[] = [];
  let clock: VirtualClock;
  let listener: Listener;
  let accepted: Connection[] = [];
  let got: Uint8Array[] = [];

  beforeEach(async () => {
    before = openSockets();
    clock = new VirtualClock();
    [accepted, got] = [[], []];
    listener = await new WebSocketServerTransport({ port: 0, clock, maxMessageBytes }).listen((connection) => {
      accepted.push(connection);
      connection.receive({ message: (message) => void got.push(message), text: (message) => void got.push(message) });
    });
  });
  afterEach(async () => {
    await Promise.all(accepted.map((connection) => connection.close(status(Code.OK))));
    await listener.close();
    await nothingLeft(before);
    expect(clock.pending).to.equal(0);
  });

  /** Becomes a WebSocket, sends what it is given, and tells the first frame of the answer. */
  async function answerTo(...sent: readonly Uint8Array[]): Promise<ServerFrame> {
    const socket = openTcp(listener.address);
    socket.write(upgradeRequest(listener.address, { "sec-websocket-extensions": "permessage-deflate" }));
    const [head] = await once(socket, "data");
    expect(String(head))
      .to.match(/^HTTP\/1\.1 101 /)
      .and.not.match(/sec-websocket-extensions/i);
    socket.write(Buffer.concat(sent));
    const frame = await firstFrame(socket);
    socket.destroy();
    return frame;
  }

  async function firstFrame(socket: Socket): Promise<ServerFrame> {
    let received = Buffer.alloc(0);
    while (received.length < 2 || received.length < 2 + (received[1] ?? 0)) {
      const [chunk] = await once(socket, "data");
      received = Buffer.concat([received, chunk]);
    }
    return { firstByte: received[0] ?? 0, content: received.subarray(2, 2 + (received[1] ?? 0)) };
  }

  for (const [what, sent, messages] of [
    ["a message of exactly the limit", [clientFrame(binary, bytes(maxMessageBytes))], [maxMessageBytes]],
    [
      "fragments that are exactly the limit together, with a ping between them",
      [clientFrame(start, bytes(100)), clientFrame(ping, bytes(1)), clientFrame(last, bytes(100))],
      [maxMessageBytes],
    ],
    [
      "as many fragments as there may be",
      [clientFrame(start), ...Array.from({ length: 16_382 }, () => clientFrame(0)), clientFrame(last)],
      [0],
    ],
    ["an empty message", [clientFrame(binary)], [0]],
    ["a ping of as much as fits", [clientFrame(ping, bytes(125))], []],
    ["text of well-formed UTF-8", [clientFrame(text, Buffer.from("€𝄞"))], [7]],
  ] as const) {
    it(`is ${what}`, async () => {
      const answer = await answerTo(...sent, clientFrame(ping, Buffer.from("after")));
      // A pong: the connection lives.
      expect(answer.firstByte).to.equal(0x8a);
      await accepted[0]?.closed;
      expect(got.map((message) => message.length)).to.deep.equal(messages);
    });
  }

  for (const [what, sent, closeCode, code] of [
    ["a message over the limit", [clientFrame(binary, bytes(201))], 1009, Code.RESOURCE_EXHAUSTED],
    ["the header alone of a message of 4 GiB", [header(0, 0, 0, 1, 0, 0, 0, 0)], 1009, Code.RESOURCE_EXHAUSTED],
    ["the header alone of a message of 2^63 bytes", [header(128, 0, 0, 0, 0, 0, 0, 0)], 1009, Code.RESOURCE_EXHAUSTED],
    [
      "fragments over the limit together",
      [clientFrame(start, bytes(150)), clientFrame(last, bytes(51))],
      1009,
      Code.RESOURCE_EXHAUSTED,
    ],
    [
      "one fragment too many",
      [clientFrame(start), ...Array.from({ length: 16_384 }, () => clientFrame(0))],
      1008,
      Code.RESOURCE_EXHAUSTED,
    ],
    ["compressed content, which wasn't agreed on", [clientFrame(0xc2, bytes(5))], 1002, Code.INTERNAL],
    ["the second reserved bit", [clientFrame(0xa2, bytes(5))], 1002, Code.INTERNAL],
    ["the third reserved bit", [clientFrame(0x92, bytes(5))], 1002, Code.INTERNAL],
    ["a reserved kind of message", [clientFrame(0x83, bytes(5))], 1002, Code.INTERNAL],
    ["a reserved kind of control frame", [clientFrame(0x8b, bytes(5))], 1002, Code.INTERNAL],
    ["an unmasked frame", [Uint8Array.of(binary, 1, 7)], 1002, Code.INTERNAL],
    ["text of malformed UTF-8", [clientFrame(text, Uint8Array.of(0xed, 0xa0, 0x80))], 1007, Code.INTERNAL],
    ["text of UTF-8 that is cut off", [clientFrame(text, Uint8Array.of(0xe2, 0x82))], 1007, Code.INTERNAL],
    ["a control frame that is too long", [clientFrame(ping, bytes(126))], 1002, Code.INTERNAL],
    ["a fragmented control frame", [clientFrame(0x09, bytes(1))], 1002, Code.INTERNAL],
    ["a fragment of no message", [clientFrame(last, bytes(1))], 1002, Code.INTERNAL],
    ["a message within another", [clientFrame(start), clientFrame(binary)], 1002, Code.INTERNAL],
    ["half a close code", [clientFrame(close, bytes(1))], 1002, Code.INTERNAL],
    ["a close code that can't be sent", [closing(1005)], 1002, Code.INTERNAL],
    ["a close code out of range", [closing(999)], 1002, Code.INTERNAL],
    ["a reason of malformed UTF-8", [closing(1000, 0xff)], 1007, Code.INTERNAL],
  ] as const) {
    it(`isn't ${what}: it closes with ${closeCode}, and ${Code[code]} here`, async () => {
      const answer = await answerTo(...sent);
      expect(answer.firstByte).to.equal(close);
      expect(answer.content.readUInt16BE(0)).to.equal(closeCode);
      expect((await accepted[0]?.closed)?.code).to.equal(code);
      expect(got).to.deep.equal([]);
    });
  }
});
