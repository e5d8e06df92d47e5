/** The events that an object emits: their names, and what their handlers get. */
export type EventMap = Record<string, readonly unknown[]>;

/** A handler of one event. It may be asynchronous; nothing waits for it. */
export type Handler<Arguments extends readonly unknown[]> = (...args: Arguments) => unknown;

/**
 * Typed events. Handlers run in the order they were added. One that throws, or whose promise rejects, is
 * reported through `reportHandlerError` and keeps no other from running.
 */
export abstract class TypedEvents<Events extends EventMap> {
  /** Made with the first handler: most of those that emit events have none. */
  #handlers: Map<keyof Events, Set<Handler<never>>> | undefined;

  /** Calls `handler` at every event `name`. Returns a function that stops it. */
  on<Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): () => void {
    this.#handlers ??= new Map();
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers);
    // A wrapper, so that the same function added twice is called twice and removed one at a time.
    const entry: Handler<Events[Name]> = (...args) => handler(...args);
    handlers.add(entry);
    return () => {
      handlers.delete(entry);
    };
  }

  /** Calls `handler` at the next event `name` alone. Returns a function that stops it. */
  once<Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): () => void {
    const off = this.on(name, (...args) => {
      off();
      return handler(...args);
    });
    return off;
  }

  /** Whether anyone listens for `name`, so that costly arguments need not be made in vain. */
  protected hasHandlers(name: keyof Events): boolean {
    return (this.#handlers?.get(name)?.size ?? 0) > 0;
  }

  /** Tells everyone who listens for `name`. */
  protected emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    const handlers = this.#handlers?.get(name);
    if (handlers === undefined || handlers.size === 0) {
      return;
    }
    for (const handler of [...handlers] as Handler<Events[Name]>[]) {
      try {
        const result = handler(...args);
        if (result instanceof Promise) {
          result.catch((error: unknown) => this.reportHandlerError(String(name), error));
        }
      } catch (error) {
        this.reportHandlerError(String(name), error);
      }
    }
  }

  /** Is told of a handler that threw, or whose promise rejected. */
  protected abstract reportHandlerError(event: string, error: unknown): void;
}
