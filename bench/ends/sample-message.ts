import { create } from "@bufbuild/protobuf";
import { type BusMessage, BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { clientName, format, samples, serverName } from "./pipe.js";

/** The message that brings an audio frame, as protobuf-es builds it. */
export function audioMessage(source = clientName, target = serverName): BusMessage {
  return create(BusMessageSchema, {
    source,
    target,
    body: {
      case: "frame",
      value: { direction: 1, frame: { kind: { case: "inputAudioRaw", value: { audio: samples, ...format } } } },
    },
  });
}
