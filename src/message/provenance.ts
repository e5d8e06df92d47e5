import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";

/** Gives the object that it is made with, so that a class that extends it adds its private fields to that object. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what it is for.
    return object;
  }
}

/**
 * The link that delivered a message, in a private field of the message object. It is outside the schema, so that no
 * peer can forge it, and a copy with another source or target is a new message, which nobody delivered. A WeakMap
 * would do the same, at several times the cost of decoding an audio frame.
 */
class Delivered extends Given {
  #link: object | undefined;

  static mark(message: BusMessage, link: object): void {
    if (#link in message) {
      message.#link = link;
    } else {
      new Delivered(message).#link = link;
    }
  }

  static by(message: BusMessage): object | undefined {
    return #link in message ? message.#link : undefined;
  }
}

/** Notes that `link` delivered `message`. */
export function markDelivered(message: BusMessage, link: object): void {
  Delivered.mark(message, link);
}

/** The link that delivered `message`, or undefined when the message was made in this process. */
export function deliveredBy(message: BusMessage): object | undefined {
  return Delivered.by(message);
}

/** Links that are closed. What they have delivered is from nobody any more. */
const closedLinks = new WeakSet<object>();

const closeListeners = new WeakMap<object, Set<() => void>>();

/** Notes that `link` is closed, and tells who asked for it. */
export function markClosed(link: object): void {
  closedLinks.add(link);
  for (const listener of [...(closeListeners.get(link) ?? [])]) {
    listener();
  }
}

/** Calls `listener` when `link` is closed. Returns a function that prevents it. */
export function onClosed(link: object, listener: () => void): () => void {
  const listeners = closeListeners.get(link) ?? new Set();
  closeListeners.set(link, listeners.add(listener));
  return () => {
    listeners.delete(listener);
  };
}

/** Whether a message came over a link that is closed by now. */
export function isOrphaned(message: BusMessage): boolean {
  const link = deliveredBy(message);
  return link !== undefined && closedLinks.has(link);
}
