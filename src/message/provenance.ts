import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";

/**
 * Which link delivered a message, if any. Kept outside the schema, so that no peer can forge it, and tied to
 * the message object: a copy with another source or target is a new message.
 */
const links = new WeakMap<BusMessage, object>();

/** Notes that `link` delivered `message`. */
export function markDelivered(message: BusMessage, link: object): void {
  links.set(message, link);
}

/** The link that delivered `message`, or undefined when the message was made in this process. */
export function deliveredBy(message: BusMessage): object | undefined {
  return links.get(message);
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
  const link = links.get(message);
  return link !== undefined && closedLinks.has(link);
}
