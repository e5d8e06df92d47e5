/** Errors that nobody has caught while they were collected. */
export interface Uncaught {
  readonly errors: readonly unknown[];
  /** Leaves what comes from now on to whom it was left before. */
  stop(): void;
}

/** Collects the errors that nobody catches, which would end the process, or be reported by the page. */
export function collectUncaught(): Uncaught {
  const errors: unknown[] = [];
  if (typeof process === "undefined") {
    const page = globalThis as unknown as { onerror: unknown };
    const { onerror } = page;
    page.onerror = (...[, , , , error]: unknown[]) => errors.push(error) > 0;
    return {
      errors,
      stop() {
        page.onerror = onerror;
      },
    };
  }
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => errors.push(error));
  return {
    errors,
    stop() {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) {
        process.on("uncaughtException", listener);
      }
    },
  };
}

/** Collects the reasons of promises that were rejected and that nobody handles. */
export function collectUnhandled(): Uncaught {
  const errors: unknown[] = [];
  if (typeof process === "undefined") {
    const note = (event: Event) => errors.push((event as Event & { readonly reason: unknown }).reason);
    globalThis.addEventListener("unhandledrejection", note);
    return { errors, stop: () => globalThis.removeEventListener("unhandledrejection", note) };
  }
  const note = (reason: unknown) => errors.push(reason);
  process.on("unhandledRejection", note);
  return { errors, stop: () => void process.off("unhandledRejection", note) };
}
