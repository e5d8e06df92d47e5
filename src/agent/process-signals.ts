/** A signal that asks a process to stop. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** The part of Node's `process` that is needed here. Browsers have none, and no signals either. */
interface SignalSource {
  once?(signal: StopSignal, listener: () => void): unknown;
  off?(signal: StopSignal, listener: () => void): unknown;
}

/**
 * Calls `listener` at the first such signal. From the second on the platform does what it does by default,
 * which is to end the process. Returns a function that ends it.
 */
export function onStopSignal(signal: StopSignal, listener: () => void): () => void {
  const source = (globalThis as { process?: SignalSource }).process;
  source?.once?.(signal, listener);
  return () => source?.off?.(signal, listener);
}
