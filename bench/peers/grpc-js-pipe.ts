/** `@grpc/grpc-js`: a bidirectional stream. */
import { once } from "node:events";
import { type ClientDuplexStream, Metadata, type ServerDuplexStream } from "@grpc/grpc-js";
import { clientName, format, type Pipe, samples, serverName } from "../ends/pipe.js";
import { connectGrpc, type GrpcMessage, serveGrpc } from "./grpc-service.js";

/** What a message that waits to be sent takes, roughly. */
const messageBytes = 700;

type Stream = ServerDuplexStream<GrpcMessage, GrpcMessage> | ClientDuplexStream<GrpcMessage, GrpcMessage>;

function makePipe(stream: Stream): Pipe {
  return {
    send() {
      stream.write({
        source: clientName,
        target: serverName,
        frame: {
          direction: 1,
          frame: {
            input_audio_raw: { audio: samples, sample_rate: format.sampleRate, num_channels: format.numChannels },
          },
        },
      });
    },
    buffered: () => stream.writableLength * messageBytes,
    receive(consumer) {
      stream.on("data", ({ frame }: GrpcMessage) => consumer(frame?.frame.input_audio_raw.audio ?? new Uint8Array()));
    },
  };
}

export function serve(accept: (pipe: Pipe) => void): Promise<string> {
  return serveGrpc({
    bridge(stream: ServerDuplexStream<GrpcMessage, GrpcMessage>) {
      // The client waits for them, since they tell that the stream is open.
      stream.sendMetadata(new Metadata());
      accept(makePipe(stream));
    },
  });
}

export async function connect(address: string): Promise<Pipe> {
  const client = connectGrpc<{ bridge(): ClientDuplexStream<GrpcMessage, GrpcMessage> }>(address);
  const stream = client.bridge();
  await once(stream, "metadata");
  return makePipe(stream);
}
