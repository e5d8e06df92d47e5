/** Bare `ws`: the same bytes over and over, made once, and not looked into. The floor. */
import { toBinary } from "@bufbuild/protobuf";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { type Pipe, samples } from "./pipe.js";
import { audioMessage } from "./sample-message.js";
import { connectSocket, serveSocket } from "./socket-pipe.js";

const bytes = toBinary(BusMessageSchema, audioMessage());

const format = {
  write: () => bytes,
  read: ({ length }: Uint8Array) => (length === bytes.length ? samples : new Uint8Array()),
};

export function serve(accept: (pipe: Pipe) => void): Promise<string> {
  return serveSocket(accept, format);
}

export function connect(url: string): Promise<Pipe> {
  return connectSocket(url, format);
}
