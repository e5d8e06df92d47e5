/**
 * Calls `callback` in the next turn of the event loop, after input and timers had their chance. Bound when the
 * module is loaded, so that fake timers in a test don't hold it up.
 */
export const nextTurn: (callback: () => void) => void = bind();

function bind(): (callback: () => void) => void {
  const immediate = (globalThis as { setImmediate?: (callback: () => void) => unknown }).setImmediate;
  if (immediate !== undefined) {
    return (callback) => void immediate(callback);
  }
  // Browsers clamp nested timeouts to 4 ms; a message channel has no such floor.
  const channel = new MessageChannel();
  const callbacks: (() => void)[] = [];
  channel.port1.onmessage = () => callbacks.shift()?.();
  return (callback) => {
    callbacks.push(callback);
    channel.port2.postMessage(null);
  };
}
