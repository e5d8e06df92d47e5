import { call, outsideCalls } from "../remote.js";

const sockets = new Set<WebSocket>();
const timers = new Set<number>();
const listeners = new WeakMap<EventTarget, Set<unknown>>();

/** Counts, from now on, what the page opens: sockets, timers, and who listens for a signal to abort. */
export function countOpen(): void {
  const page = globalThis as unknown as { WebSocket: typeof WebSocket; setTimeout: unknown; clearTimeout: unknown };
  const { setTimeout: set, clearTimeout: clear } = globalThis as unknown as Window;
  page.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      sockets.add(this);
      this.addEventListener("close", () => sockets.delete(this));
    }

    override addEventListener(type: string, listener: EventListenerOrEventListenerObject, how?: boolean): void {
      const listen = typeof listener === "function" ? listener : listener.handleEvent.bind(listener);
      super.addEventListener(type, (event) => outsideCalls(() => listen(event)), how);
    }
  };
  page.setTimeout = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]): number => {
    const timer = set(() => {
      timers.delete(timer);
      callback(...args);
    }, ms);
    timers.add(timer);
    return timer;
  };
  page.clearTimeout = (timer: number): void => {
    timers.delete(timer);
    clear(timer);
  };
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  AbortSignal.prototype.addEventListener = function (this: AbortSignal, type: string, listener: never, how?: unknown) {
    if (type === "abort") {
      const all = listeners.get(this) ?? new Set();
      listeners.set(this, all.add(listener));
      const isOnce = typeof how === "object" && (how as AddEventListenerOptions).once === true;
      if (isOnce) {
        addEventListener.call(this, type, () => all.delete(listener), { once: true });
      }
    }
    addEventListener.call(this, type, listener, how as AddEventListenerOptions);
  };
  AbortSignal.prototype.removeEventListener = function (this: AbortSignal, type: string, listener: never) {
    listeners.get(this)?.delete(listener);
    removeEventListener.call(this, type, listener);
  };
}

/** The sockets of the page, and those and the servers that it has opened in Node. */
export function openSockets(): readonly string[] {
  // WebKit tells of no close where it doesn't even try, since the port isn't for pages.
  const open = [...sockets].filter(({ readyState }) => readyState !== WebSocket.CLOSED);
  return [...open.map(({ url }) => url), ...(call("open") as string[])];
}

/** The sockets, servers and timers. */
export function openResources(): readonly string[] {
  return [...openSockets(), ...Array.from(timers, () => "Timeout")];
}

/** How many listen for a signal to abort. */
export function abortListeners(signal: AbortSignal): number {
  return listeners.get(signal)?.size ?? 0;
}

/** Lets the event loop turn once, and what came over the network in. That takes a browser longer than its event loop. */
export function turn(): Promise<void> {
  const { setTimeout: set } = uncounted;
  return new Promise((resolve) => set(resolve, 1));
}

const uncounted = { setTimeout: (globalThis as unknown as Window).setTimeout.bind(globalThis) };
