/**
 * What a message allocates, in bytes: prints JSON. Runs in a process of its own, in which nothing is collected but when
 * it is asked for, so that the heap grows by what was allocated.
 */
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import {
  AgentRunner,
  type AnyBusMessage,
  BaseAgent,
  busMessage,
  frame,
  InProcessBus,
  ProxyClientAgent,
  ProxyServerAgent,
  serve,
} from "../../src/index.js";
import { MemoryTransport } from "../../src/memory.js";
import { unlimited } from "../support/unlimited.js";

/**
 * How many messages make one figure, and how many figures are taken: the lower quartile counts. Now and then one has a lump
 * in it, memory that many messages share or what V8 makes of its own accord, which adds and never takes away. At times more
 * than half of them have.
 */
const count = 500;
const rounds = 15;
/** What is made once, such as tables, is made then. */
const warmUps = 5;

const samples = Uint8Array.from({ length: 640 }, (_, i) => i % 251);
const envelope = { source: "acme", target: "assistant" };
const figures: Record<string, number> = {};

const audio = () =>
  busMessage(
    "frame",
    { frame: frame("inputAudioRaw", { audio: samples, sampleRate: 16_000, numChannels: 1 }), direction: 1 },
    envelope,
  );
const text = () => busMessage("frame", { frame: frame("llmText", { text: "Good morning!" }), direction: 1 }, envelope);
const items = Array.from({ length: 10 }, (_, id) => ({ id, name: `item ${id}`, price: id + 0.5, inStock: true }));
const task = () => busMessage("taskRequest", { taskId: "4d4f", taskName: "work", payload: { items } }, envelope);

/** What was made last is kept, so that no work can be optimized away. */
const made: { last: unknown } = { last: undefined };

for (const [name, build] of Object.entries({ audio, text, task })) {
  const message: BusMessage = build();
  const bytes = protobufCodec.encode(message);
  await figure(`build ${name}`, each(build));
  await figure(
    `encode ${name}`,
    each(() => protobufCodec.encode(message)),
  );
  await figure(
    `peek ${name}`,
    each(() => protobufCodec.peek(bytes)),
  );
  await figure(
    `decode ${name}`,
    each(() => protobufCodec.decode(bytes)),
  );
}
await dispatch();
await bridge();
process.stdout.write(JSON.stringify(figures));
process.exit();

function each(work: () => unknown): () => void {
  return () => {
    for (let i = 0; i < count; i++) {
      made.last = work();
    }
  };
}

async function figure(name: string, run: () => void | Promise<void>): Promise<void> {
  for (let i = 0; i < warmUps; i++) {
    await run();
  }
  const found: number[] = [];
  for (let i = 0; i < rounds; i++) {
    await collect();
    const before = used();
    await run();
    found.push((used() - before) / count);
  }
  figures[name] = Math.round(found.sort((a, b) => a - b)[Math.floor(rounds / 4)] as number);
}

async function collect(): Promise<void> {
  const { gc } = globalThis as { readonly gc?: () => void };
  // Finalizers run in between, and let go of more.
  for (let i = 0; i < 2; i++) {
    gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function used(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A message that is made already, from the bus to its subscriber. */
async function dispatch(): Promise<void> {
  const bus = new InProcessBus();
  bus.subscribe({
    name: "assistant",
    onBusMessage(received) {
      made.last = received;
    },
  });
  bus.start();
  const message = audio();
  await figure("bus", async () => {
    for (let i = 0; i < count; i++) {
      bus.send(message);
    }
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  });
}

/** A frame that is made, from one bus over the memory transport onto the other. */
async function bridge(): Promise<void> {
  const forwardMessages = ["frame"] as const;
  let received = 0;
  let complete = () => {};
  class Listener extends BaseAgent {
    protected override onBusMessage({ body }: AnyBusMessage): void {
      if (body.case === "frame" && ++received === count) {
        complete();
      }
    }
  }
  const transport = new MemoryTransport();
  await serve(
    transport,
    async (session) => {
      const runner = new AgentRunner({ handleSigint: false });
      const names = { agentName: "assistant", remoteAgentName: "acme" };
      await runner.addAgent(new ProxyServerAgent("gateway", { session, forwardMessages, ...names }));
      await runner.addAgent(new Listener("assistant"));
      await runner.run();
    },
    { dialect: "protobuf", limits: unlimited },
  );
  const runner = new AgentRunner({ handleSigint: false });
  const speaker = new BaseAgent("acme");
  const names = { localAgentName: "acme", remoteAgentName: "assistant" };
  await runner.addAgent(speaker);
  await runner.addAgent(new ProxyClientAgent("proxy", { transport, forwardMessages, dialect: "protobuf", ...names }));
  void runner.run();
  speaker.watchAgent("assistant");
  const ready = new Promise((resolve) => speaker.once("agentReady", resolve));
  speaker.activateAgent("proxy");
  await ready;
  await figure("bridge", async () => {
    received = 0;
    const completed = new Promise<void>((resolve) => {
      complete = resolve;
    });
    for (let i = 0; i < count; i++) {
      speaker.send(audio());
    }
    await completed;
  });
}
