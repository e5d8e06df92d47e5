import type { MessageFacts } from "../tap-record.js";
import type { Side } from "./row.js";

/** How many crossings of each sort wait to be seen at the other side; beyond that the oldest are given up. */
const maxWaiting = 500;

/** A message that was seen at one side of the bridge. */
interface Waiting<Item> {
  readonly facts: MessageFacts & { readonly bytes: number };
  readonly at: number;
  readonly item: Item;
}

/** The two sightings of one message. */
export interface Met<Item> {
  /** What was given with the first sighting. */
  readonly item: Item;
  /** The time from leaving to arriving, in milliseconds. */
  readonly latencyMs: number;
}

/** A message that has left, and won't arrive. */
export interface Gone<Item> {
  /** What was given with its leaving. */
  readonly item: Item;
  readonly bytes: number;
}

/**
 * Finds, of the messages that leave one bus and those that arrive at the other, which are the same. Nothing in them says
 * so, but a bridge keeps the order of what it takes: so it is the first that waits with the same source, type and size.
 * Either sighting may be told first, since the records of two taps come different ways.
 */
export class Crossings<Item> {
  readonly #left = { left: [] as Waiting<Item>[], right: [] as Waiting<Item>[] };
  readonly #arrived = { left: [] as Waiting<Item>[], right: [] as Waiting<Item>[] };

  /** A message has left the bus of a side. Returns its arrival if that is known, else it waits with what `item` gives. */
  leaves(from: Side, facts: Waiting<Item>["facts"], at: number, item: () => Item): Met<Item> | undefined {
    const arrival = takeFirst(this.#arrived[from], (waiting) => isSame(waiting.facts, facts));
    if (arrival === undefined) {
      push(this.#left[from], { facts, at, item: item() });
      return undefined;
    }
    return { item: arrival.item, latencyMs: Math.max(0, arrival.at - at) };
  }

  /** A message that came from a side has arrived at the other. Returns its leaving if that is known, else it waits. */
  arrives(from: Side, facts: Waiting<Item>["facts"], at: number, item: () => Item): Met<Item> | undefined {
    const leaving = takeFirst(this.#left[from], (waiting) => isSame(waiting.facts, facts));
    if (leaving === undefined) {
      push(this.#arrived[from], { facts, at, item: item() });
      return undefined;
    }
    return { item: leaving.item, latencyMs: Math.max(0, at - leaving.at) };
  }

  /** A message that has left the bus of a side was refused at the other one. */
  refused(from: Side, facts: MessageFacts): Gone<Item> | undefined {
    return gone(takeFirst(this.#left[from], (waiting) => isAlike(waiting.facts, facts)));
  }

  /**
   * A message that has left the bus of a side won't arrive. What a link gives back when it ends is a copy, which nobody
   * has seen before: then it is the first one like it.
   */
  lost(from: Side, facts: MessageFacts): Gone<Item> | undefined {
    const { message } = facts;
    const isIt = (other: MessageFacts) => (message === undefined ? isAlike(other, facts) : other.message === message);
    return gone(takeFirst(this.#left[from], (waiting) => isIt(waiting.facts)));
  }
}

/** Whether two envelopes may be those of one message. A target may be added on the way. */
export function isAlike(a: MessageFacts, b: MessageFacts): boolean {
  return a.source === b.source && a.case === b.case && a.kind === b.kind && a.typeName === b.typeName;
}

function isSame<Facts extends MessageFacts & { readonly bytes: number }>(a: Facts, b: Facts): boolean {
  return a.bytes === b.bytes && isAlike(a, b);
}

function gone<Item>(waiting: Waiting<Item> | undefined): Gone<Item> | undefined {
  return waiting === undefined ? undefined : { item: waiting.item, bytes: waiting.facts.bytes };
}

function takeFirst<Item>(waiting: Waiting<Item>[], is: (waiting: Waiting<Item>) => boolean): Waiting<Item> | undefined {
  const index = waiting.findIndex(is);
  return index < 0 ? undefined : waiting.splice(index, 1)[0];
}

function push<Item>(waiting: Waiting<Item>[], item: Waiting<Item>): void {
  waiting.push(item);
  if (waiting.length > maxWaiting) {
    waiting.shift();
  }
}
