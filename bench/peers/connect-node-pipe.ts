/** `@connectrpc/connect-node`: a bidirectional stream over HTTP/2. */
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createConnectTransport } from "@connectrpc/connect-node";
import { clientName, format, type Pipe, samples, serverName } from "../ends/pipe.js";
import { BenchService } from "../generated/protobuf-es/crossbus/bench/v1/bench_pb.js";
import { type BusMessage, BusMessageSchema } from "../generated/protobuf-es/crossbus/v1/message_pb.js";
import { AsyncQueue } from "./async-queue.js";

/** What a message that waits to be sent takes, roughly. */
const messageBytes = 700;

function makePipe(incoming: AsyncIterable<BusMessage>, outgoing: AsyncQueue<BusMessage>): Pipe {
  return {
    send() {
      outgoing.push(
        create(BusMessageSchema, {
          source: clientName,
          target: serverName,
          body: {
            case: "frame",
            value: { direction: 1, frame: { kind: { case: "inputAudioRaw", value: { audio: samples, ...format } } } },
          },
        }),
      );
    },
    buffered: () => outgoing.length * messageBytes,
    receive(consumer) {
      void forward(incoming, consumer);
    },
  };
}

async function forward(incoming: AsyncIterable<BusMessage>, consumer: (payload: Uint8Array) => void): Promise<void> {
  for await (const { body } of incoming) {
    const kind = body.case === "frame" ? body.value.frame?.kind : undefined;
    consumer(kind?.case === "inputAudioRaw" ? kind.value.audio : new Uint8Array());
  }
}

export async function serve(accept: (pipe: Pipe) => void): Promise<string> {
  const adapter = connectNodeAdapter({
    routes(router) {
      router.service(BenchService, {
        bridge(incoming) {
          const outgoing = new AsyncQueue<BusMessage>();
          accept(makePipe(incoming, outgoing));
          return outgoing;
        },
      });
    },
  });
  const server = createServer(adapter);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function connect(baseUrl: string): Promise<Pipe> {
  const client = createClient(BenchService, createConnectTransport({ baseUrl, httpVersion: "2" }));
  const outgoing = new AsyncQueue<BusMessage>();
  return makePipe(client.bridge(outgoing), outgoing);
}
