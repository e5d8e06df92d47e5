/** Has messages delivered within one process, and takes the time. */
import { EventEmitter } from "node:events";
import { setImmediate } from "node:timers/promises";
import {
  type AgentBus,
  AgentRunner,
  BaseAgent,
  type BusMessage,
  busMessage,
  frame,
  InProcessBus,
} from "../../src/index.js";
import { now } from "../harness/clock.js";

/** How many messages are sent before they have their turn, unless said otherwise. */
const defaultBurst = 100;

/** Who gets the messages, and how many of them there are. */
export interface BusEndOptions {
  readonly receivers: "agents" | "subscribers" | "EventEmitter";
  readonly size: number;
}

interface BusEnd {
  /**
   * Sends so many messages to the last receiver, so many of them at a time. Returns how long that took, until all are
   * handled.
   */
  targeted(count: number, burst?: number): Promise<number>;
  /** Sends so many messages to all receivers. */
  broadcast(count: number): Promise<number>;
}

let handled = 0;
let expected = 0;
let complete = () => {};

/** What every receiver does with a message. */
function handle(): void {
  if (++handled === expected) {
    complete();
  }
}

export async function open({ receivers, size }: BusEndOptions): Promise<BusEnd> {
  if (receivers === "EventEmitter") {
    return eventEmitter();
  }
  const bus = receivers === "agents" ? await startAgents(size) : subscribe(size);
  const toOne = makeMessage(nameOf(size - 1));
  const toAll = makeMessage(undefined);
  return {
    targeted: (count, burst) => inBursts(count, 1, () => bus.send(toOne), burst),
    broadcast: (count) => inBursts(count, size, () => bus.send(toAll)),
  };
}

function nameOf(index: number): string {
  return `agent${index}`;
}

/** The bus of a runner with so many agents. */
async function startAgents(size: number): Promise<AgentBus> {
  const runner = new AgentRunner({ handleSigint: false });
  const agents = Array.from({ length: size }, (_, index) => new BaseAgent(nameOf(index)));
  const ready = agents.map((agent) => new Promise<void>((resolve) => agent.once("ready", resolve)));
  for (const agent of agents) {
    await runner.addAgent(agent);
  }
  void runner.run();
  await Promise.all(ready);
  await setImmediate();
  // Not before: they would all be told of each other's start.
  for (const agent of agents) {
    agent.on("busMessage", handle);
  }
  return runner.bus;
}

/** A bus with so many subscribers that do nothing but count. */
function subscribe(size: number): AgentBus {
  const bus = new InProcessBus();
  for (let index = 0; index < size; index++) {
    bus.subscribe({ name: nameOf(index), onBusMessage: handle });
  }
  bus.start();
  return bus;
}

function makeMessage(target: string | undefined): BusMessage {
  return busMessage("frame", { frame: frame("text", { text: "hello" }), direction: 1 }, { source: "agent0", target });
}

function eventEmitter(): BusEnd {
  const emitter = new EventEmitter();
  emitter.on("message", handle);
  const message = makeMessage(undefined);
  const emit = (count: number) => inBursts(count, 1, () => emitter.emit("message", message));
  return { targeted: emit, broadcast: emit };
}

/** Sends messages that have so many receivers each. Those of a burst are handled before the next is sent. */
async function inBursts(count: number, receivers: number, send: () => void, burst = defaultBurst): Promise<number> {
  const began = now();
  for (let sent = 0; sent < count; sent += burst) {
    const size = Math.min(burst, count - sent);
    handled = 0;
    expected = size * receivers;
    const completed = new Promise<void>((resolve) => {
      complete = resolve;
    });
    for (let i = 0; i < size; i++) {
      send();
    }
    await completed;
  }
  const took = now() - began;
  await setImmediate();
  return took;
}
