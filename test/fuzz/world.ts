/** What a peer would like to add something to: what everything else inherits from. */
const shared: ReadonlyMap<string, object> = new Map<string, object>([
  ["Object", Object],
  ["Object.prototype", Object.prototype],
  ["Array.prototype", Array.prototype],
  ["Function.prototype", Function.prototype],
  ["String.prototype", String.prototype],
  ["Uint8Array.prototype", Uint8Array.prototype],
  ["Map.prototype", Map.prototype],
  ["Set.prototype", Set.prototype],
  ["Promise.prototype", Promise.prototype],
  ["Error.prototype", Error.prototype],
]);

type Members = ReadonlyMap<PropertyKey, PropertyDescriptor>;

/** Looks after what no input may change, and notices what goes wrong where nobody waits for it. */
export class World implements Disposable {
  readonly #members = new Map<object, Members>();
  readonly #others = new Map<"unhandledRejection" | "uncaughtException", readonly ((...args: never[]) => void)[]>();
  #trouble: unknown[] = [];
  readonly #notice = (why: unknown): void => void this.#trouble.push(why);

  constructor() {
    for (const object of shared.values()) {
      this.#members.set(object, membersOf(object));
    }
    // Whoever else listens, a test runner say, would take it for trouble of its own.
    for (const event of ["unhandledRejection", "uncaughtException"] as const) {
      this.#others.set(event, process.listeners(event as never) as never);
      process.removeAllListeners(event);
      process.on(event, this.#notice);
    }
  }

  /** Says what has been changed of what everything inherits from, and undoes it. */
  repair(): string | undefined {
    let found: string | undefined;
    for (const [name, object] of shared) {
      const before = this.#members.get(object) as Members;
      for (const key of Reflect.ownKeys(object)) {
        const own = Object.getOwnPropertyDescriptor(object, key);
        const was = before.get(key);
        if (was === undefined) {
          found ??= `${name} has got ${String(key)}`;
          Reflect.deleteProperty(object, key);
        } else if (was.value !== own?.value || was.get !== own?.get || was.set !== own?.set) {
          found ??= `${name} has another ${String(key)}`;
          Object.defineProperty(object, key, was);
        }
      }
    }
    return found;
  }

  /** Gives what was thrown or rejected and nobody caught, once. Of a rejection it shows a turn later. */
  takeTrouble(): readonly unknown[] {
    const trouble = this.#trouble;
    this.#trouble = [];
    return trouble;
  }

  [Symbol.dispose](): void {
    for (const [event, listeners] of this.#others) {
      process.off(event, this.#notice);
      for (const listener of listeners) {
        process.on(event, listener as never);
      }
    }
  }
}

/** Whether a value, and all that is in it, inherits from what it may. Gives where it doesn't. */
export function strangePrototype(value: unknown, path = "value"): string | undefined {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) {
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== (Array.isArray(value) ? Array.prototype : Object.prototype)) {
    return path;
  }
  for (const [key, member] of Object.entries(value)) {
    const strange = strangePrototype(member, `${path}.${key}`);
    if (strange !== undefined) {
      return strange;
    }
  }
  return undefined;
}

function membersOf(object: object): Members {
  return new Map(
    Reflect.ownKeys(object).map((key) => [key, Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor]),
  );
}
