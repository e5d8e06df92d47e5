import { protobufCodec } from "../../src/codec/protobuf.js";
import { type Attack, attack, speaks } from "./attack.js";
import { textMessage } from "./support/messages.js";
import { Opcode, webSocketFrame } from "./support/raw-web-socket.js";
import type { Target } from "./support/target.js";

const receiver = "node_modules/ws/lib/receiver.js";
const connection = "src/transport/websocket-connection.ts";

/** A WebSocket that is open, and answers pings. */
async function opened(target: Target) {
  return (await target.stranger()).webSocket;
}

/** WebSocket frames that break their protocol, or its purpose. */
export const webSocketAttacks: readonly Attack[] = [
  attack("frames without a mask", {
    against: "a browser can't be had to write what proxies take for HTTP",
    async attack(target) {
      const webSocket = await opened(target);
      webSocket.frame(Opcode.ping, Buffer.from("ping"), { masked: false });
      await webSocket.over(1_000);
      return webSocket.pongs;
    },
    succeeded: (pongs) => pongs > 0,
    defence: { file: receiver, find: "if (!this._masked) {", replace: "if (false) {" },
  }),
  attack("reserved bits", {
    against: "what nobody has agreed on isn't read",
    async attack(target) {
      const webSocket = await opened(target);
      webSocket.frame(Opcode.ping, Buffer.from("ping"), { reserved: 3 });
      await webSocket.over(1_000);
      return webSocket.pongs;
    },
    succeeded: (pongs) => pongs > 0,
    defence: { file: receiver, find: "if ((buf[0] & 0x30) !== 0x00) {", replace: "if (false) {" },
  }),
  attack("a compressed frame although nobody has agreed on compression", {
    against: "what nobody has agreed on isn't read",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      peer.activate();
      peer.webSocket.binary(protobufCodec.encode(textMessage("compressed")), { reserved: 4 });
      return peer.hasEchoed("compressed");
    },
    succeeded: (hasEchoed) => hasEchoed,
    // Without it the server dies of what it can't decompress.
    defence: {
      file: receiver,
      find: "if (compressed && !this._extensions[PerMessageDeflate.extensionName]) {",
      replace: "if (false) {",
    },
  }),
  attack("a control frame that is too long", {
    against: "the limits of the WebSocket protocol hold",
    async attack(target) {
      const webSocket = await opened(target);
      webSocket.frame(Opcode.ping, new Uint8Array(60_000));
      await webSocket.over(1_000);
      return webSocket.pongs;
    },
    succeeded: (pongs) => pongs > 0,
    defence: { file: receiver, find: "this._payloadLength > 0x7d ||", replace: "false ||" },
  }),
  attack("a control frame in fragments", {
    against: "the limits of the WebSocket protocol hold",
    async attack(target) {
      const webSocket = await opened(target);
      webSocket.frame(Opcode.ping, Buffer.from("pi"), { fin: false });
      await webSocket.over(1_000);
      return webSocket.pongs;
    },
    succeeded: (pongs) => pongs > 0,
    defence: {
      file: receiver,
      find: "      if (!this._fin) {\n        const error",
      replace: "      if (false) {\n        const error",
    },
  }),
  attack("a giant frame, of which there is only the length", {
    against: "the size is judged before the bytes are there",
    async attack(target) {
      const webSocket = await opened(target);
      webSocket.binary(new Uint8Array(1_000), { length: 1 << 30 });
      return !(await webSocket.over(2_000));
    },
    succeeded: (isOpen) => isOpen,
    defence: {
      file: "src/transport/websocket-server-node.ts",
      find: "maxPayload: this.#maxMessageBytes,",
      replace: "maxPayload: 0,",
    },
  }),
  attack("a giant message in small fragments", {
    against: "promise 4: what is put together is bounded",
    async attack(target) {
      const webSocket = await opened(target);
      const part = new Uint8Array(60_000);
      webSocket.binary(part, { fin: false });
      for (let count = 0; count < 500 && !webSocket.isOver; count++) {
        await webSocket.wire.writeAll(webSocketFrame(Opcode.continuation, part, { fin: false }));
      }
      return !webSocket.isOver;
    },
    succeeded: (isOpen) => isOpen,
    defence: {
      file: "src/transport/websocket-server-node.ts",
      find: "maxPayload: this.#maxMessageBytes,",
      replace: "maxPayload: 0,",
    },
  }),
  attack("a message in fragments of one byte", {
    against: "each part costs far more than its byte",
    server: speaks.protobuf,
    async attack(target) {
      const { webSocket } = await target.plain();
      const part = webSocketFrame(Opcode.continuation, new Uint8Array(1), { fin: false });
      webSocket.binary(new Uint8Array(1), { fin: false });
      for (let count = 0; count < 40 && !webSocket.isOver; count++) {
        await webSocket.wire.writeAll(Buffer.concat(Array.from({ length: 1_000 }, () => part)));
      }
      await webSocket.over(1_000);
      return !webSocket.isOver;
    },
    succeeded: (isOpen) => isOpen,
    defence: {
      file: receiver,
      find: "if (this._maxFragments > 0 && ++this._numFragments > this._maxFragments) {",
      replace: "if (false) {",
    },
  }),
  attack("text where bytes are due", {
    against: "W11: one text frame deafens a proxy, and its session stays for ever",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      peer.activate();
      await peer.goesOn();
      // It would have to be understood, or to cost the connection.
      peer.webSocket.text("hello");
      return !(await peer.webSocket.over(2_000));
    },
    succeeded: (isOpen) => isOpen,
    defence: {
      file: connection,
      find: 'void this.close(status(Code.INVALID_ARGUMENT, "a text message where only binary ones are taken"));',
      replace: "this.pause();",
    },
  }),
  attack("a message as text that is due as bytes", {
    against: "one way to say a thing",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      peer.activate();
      await peer.goesOn();
      peer.webSocket.text(protobufCodec.encode(textMessage("as text")));
      return peer.hasEchoed("as text");
    },
    succeeded: (hasEchoed) => hasEchoed,
    defence: {
      file: connection,
      find: 'void this.close(status(Code.INVALID_ARGUMENT, "a text message where only binary ones are taken"));',
      replace: "consumer.message(bytes);",
    },
  }),
  attack("frames that say nothing, by the thousand", {
    against: "tinyFramesPerSecond: each costs far more than its bytes",
    async attack(target) {
      const webSocket = await opened(target);
      const pong = webSocketFrame(Opcode.pong, new Uint8Array(0));
      await webSocket.wire.writeAll(Buffer.concat(Array.from({ length: 5_000 }, () => pong)));
      return !(await webSocket.over(1_500));
    },
    succeeded: (isOpen) => isOpen,
    defence: {
      file: "src/proxy/limits/metered-connection.ts",
      find: "if (!this.#isOverdone && this.#tiny.take(1) > 0) {",
      replace: "if (false) {",
    },
  }),
  attack("pings of who doesn't read the pongs", {
    against: "promise 4: answers don't pile up",
    async attack(target) {
      const webSocket = await opened(target);
      webSocket.wire.deaf();
      const ping = webSocketFrame(Opcode.ping, new Uint8Array(125));
      const many = Buffer.concat(Array.from({ length: 5_000 }, () => ping));
      for (let count = 0; count < 60 && !webSocket.isOver; count++) {
        await webSocket.wire.writeAll(many, 1_000);
      }
      await webSocket.over(500);
      return target.growth();
    },
    succeeded: (bytes) => bytes > 40_000_000,
    defence: [
      {
        file: "node_modules/ws/lib/websocket.js",
        find: "websocket._pendingAutoPongs >= websocket._maxPendingAutoPongs",
        replace: "false",
      },
      {
        file: "src/proxy/limits/metered-connection.ts",
        find: "if (!this.#isOverdone && this.#tiny.take(1) > 0) {",
        replace: "if (false) {",
      },
    ],
  }),
];
