/** What a connection does with memory that is shared: over real sockets, since only those keep what is sent for later. */
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { Code, status } from "../../src/base/status.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import type { BusMessage } from "../../src/index.js";
import type { Link, LinkConsumer } from "../../src/link/link.js";
import { PlainLink } from "../../src/link/plain-link.js";
import { busMessage, frame } from "../../src/message/build.js";
import type { Connection, Listener } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { WebSocketServerTransport } from "../../src/transport/websocket-server-node.js";
import { until } from "../support/idle.js";

const closing: (() => Promise<unknown>)[] = [];

/** Two links over one WebSocket: that of the client, and that of the server. */
async function openLinks(): Promise<readonly [client: Link, server: Link]> {
  const accepted: Connection[] = [];
  const listener: Listener = await new WebSocketServerTransport({ port: 0 }).listen((connection) => {
    accepted.push(connection);
  });
  const connection = await new WebSocketTransport({ url: listener.address }).connect();
  await until(() => accepted.length > 0);
  const links = [connection, accepted[0] as Connection].map(
    (each) => new PlainLink(each, protobufCodec, { announces: true }),
  );
  closing.push(...links.map((link) => () => link.close(status(Code.OK))), () => listener.close());
  return links as unknown as [Link, Link];
}

function take(link: Link, take: (message: BusMessage) => void): void {
  const consumer: LinkConsumer = {
    pythonTypes: new Set(),
    message: (incoming) => take(incoming.decode() ?? expect.fail("not decoded")),
    invalid: (reason) => expect.fail(reason),
    undelivered: (_, why) => expect.fail(why.message),
  };
  link.receive(consumer);
}

/** An audio frame whose every byte says which one it is. */
function audio(number: number) {
  const samples = new Uint8Array(640).fill(number % 251);
  new DataView(samples.buffer).setUint32(0, number);
  const content = frame("inputAudioRaw", { audio: samples, sampleRate: 16_000, numChannels: 1 });
  return busMessage("frame", { frame: content, direction: 1 }, { source: "a", target: "b" });
}

function samplesOf(message: BusMessage): Uint8Array {
  const kind = message.body.case === "frame" ? message.body.value.frame?.kind : undefined;
  return kind?.case === "inputAudioRaw" ? kind.value.audio : expect.fail("no audio");
}

describe("the bytes of a message", function () {
  this.timeout(30_000);

  afterEach(async () => {
    for (const close of closing.splice(0)) {
      await close();
    }
  });

  for (const way of ["to the server", "to the client"] as const) {
    it(`stay its own while 20 000 others wait behind a slow reader, ${way}`, async () => {
      const links = await openLinks();
      const [sender, receiver] = way === "to the server" ? links : [links[1], links[0]];
      const count = 20_000;
      let received = 0;
      take(receiver, (message) => {
        const samples = samplesOf(message);
        const number = new DataView(samples.buffer, samples.byteOffset).getUint32(0);
        if (number !== received || samples.subarray(4).some((sample) => sample !== number % 251)) {
          expect.fail(`message ${received} came as ${number}, with other samples`);
        }
        received++;
      });
      // Nothing is read at first, so that what is sent has to be kept.
      receiver.pause();
      for (let number = 0; number < count; number++) {
        sender.send(audio(number));
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(received).to.equal(0);
      receiver.resume();
      await until(() => received === count);
    });
  }

  it("keep 8 KiB alive at most, though 64 KiB were read from the network with them", async () => {
    const [client, server] = await openLinks();
    const kept: Uint8Array[] = [];
    take(server, (message) => kept.push(samplesOf(message)));
    for (let number = 0; number < 1_000; number++) {
      client.send(audio(number));
    }
    await until(() => kept.length === 1_000);
    for (const samples of kept) {
      expect(samples.buffer.byteLength).to.be.at.most(8_192);
    }
  });

  it("share memory with no other connection", async () => {
    const buffers = [new Set<ArrayBufferLike>(), new Set<ArrayBufferLike>()];
    const pairs = [await openLinks(), await openLinks()];
    let received = 0;
    for (const [index, [, server]] of pairs.entries()) {
      take(server, (message) => {
        buffers[index]?.add(samplesOf(message).buffer);
        received++;
      });
    }
    for (let number = 0; number < 400; number++) {
      pairs[number % 2]?.[0].send(audio(number));
    }
    await until(() => received === 400);
    const [first, second] = buffers as [Set<ArrayBufferLike>, Set<ArrayBufferLike>];
    expect([...first].filter((buffer) => second.has(buffer))).to.deep.equal([]);
  });

  it("are a Uint8Array and no Buffer, in both directions and where they are lost", async () => {
    const links = await openLinks();
    const received: Uint8Array[] = [];
    for (const link of links) {
      take(link, (message) => received.push(samplesOf(message)));
    }
    links[0].send(audio(1));
    links[1].send(audio(2));
    await until(() => received.length === 2);
    for (const samples of received) {
      expect(samples.constructor).to.equal(Uint8Array);
      expect(samples.subarray(1).constructor).to.equal(Uint8Array);
    }
  });
});
