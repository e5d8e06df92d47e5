/** `ws` and protobuf-es, put together in the plainest way: a message is built, encoded, sent, and decoded. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import type { Pipe } from "./pipe.js";
import { audioMessage } from "./sample-message.js";
import { connectSocket, serveSocket } from "./socket-pipe.js";

const format = {
  write: () => toBinary(BusMessageSchema, audioMessage()),
  read(bytes: Uint8Array) {
    const { body } = fromBinary(BusMessageSchema, bytes);
    const kind = body.case === "frame" ? body.value.frame?.kind : undefined;
    return kind?.case === "inputAudioRaw" ? kind.value.audio : new Uint8Array();
  },
};

export function serve(accept: (pipe: Pipe) => void): Promise<string> {
  return serveSocket(accept, format);
}

export function connect(url: string): Promise<Pipe> {
  return connectSocket(url, format);
}
