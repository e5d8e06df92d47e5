/**
 * What a gateway would be without a relay: it decodes each message with protobuf-es, and encodes it again. It has no
 * policy, and slows nobody down.
 */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { type CorkedSocket, connectCorked, serveCorked } from "./corked-socket.js";

export async function serve(url: string): Promise<string> {
  const back = await connectCorked(url);
  return serveCorked((front) => {
    forward(front, back);
    forward(back, front);
  });
}

function forward({ socket }: CorkedSocket, { send }: CorkedSocket): void {
  socket.on("message", (bytes: Uint8Array) => send(toBinary(BusMessageSchema, fromBinary(BusMessageSchema, bytes))));
}
