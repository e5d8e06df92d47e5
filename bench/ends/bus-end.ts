/** Has messages delivered within one process, and takes the time. */
import { EventEmitter } from "node:events";
import { setImmediate } from "node:timers/promises";
import { type BusMessage, busMessage, frame, InProcessBus } from "../../src/index.js";
import { now } from "../harness/clock.js";

/** How many messages are sent before they have their turn, unless said otherwise. */
const defaultBurst = 100;

/** How many agents there are. 0 stands for an EventEmitter. */
export interface BusEndOptions {
  readonly agents: number;
}

interface BusEnd {
  /**
   * Sends so many messages to the last agent, so many of them at a time. Returns how long that took, until all are
   * handled.
   */
  targeted(count: number, burst?: number): Promise<number>;
  /** Sends so many messages to all agents. */
  broadcast(count: number): Promise<number>;
}

let handled = 0;
let expected = 0;
let complete = () => {};

/** What every agent does with a message. */
function handle(): void {
  if (++handled === expected) {
    complete();
  }
}

export async function open({ agents }: BusEndOptions): Promise<BusEnd> {
  if (agents === 0) {
    return eventEmitter();
  }
  const bus = new InProcessBus();
  for (let i = 0; i < agents; i++) {
    bus.subscribe({ name: `agent${i}`, onBusMessage: handle });
  }
  bus.start();
  const toOne = makeMessage(`agent${agents - 1}`);
  const toAll = makeMessage(undefined);
  return {
    targeted: (count, burst) => inBursts(count, 1, () => bus.send(toOne), burst),
    broadcast: (count) => inBursts(count, agents, () => bus.send(toAll)),
  };
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
