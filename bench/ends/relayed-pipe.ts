/**
 * The ends beyond a gateway. They send the same bytes over and over, made once, and compare what comes with what the
 * other end sends, so that next to nothing of the time is theirs.
 */

import { protobufCodec } from "../../src/codec/protobuf.js";
import type { BusMessage } from "../../src/index.js";
import { type CorkedSocket, connectCorked, serveCorked } from "./corked-socket.js";
import { clientName, type Pipe, type PipeMaker, samples, serverName } from "./pipe.js";

/** Makes both ends of what sends such messages. */
export function relayedPipes(build: (source: string, target: string) => BusMessage): PipeMaker {
  const fromClient = protobufCodec.encode(build(clientName, serverName));
  const fromServer = protobufCodec.encode(build(serverName, clientName));
  return {
    serve: (accept) => serveCorked((socket) => accept(makePipe(socket, fromServer, fromClient))),
    connect: async (url) => makePipe(await connectCorked(url), fromClient, fromServer),
  };
}

function makePipe({ socket, send }: CorkedSocket, sent: Uint8Array, expected: Uint8Array): Pipe {
  return {
    send: () => send(sent),
    buffered: () => socket.bufferedAmount,
    receive(consumer) {
      socket.on("message", (bytes: Buffer) => consumer(bytes.equals(expected) ? samples : new Uint8Array()));
    },
  };
}
