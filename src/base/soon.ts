const settled = /*@__PURE__*/ Promise.resolve();

/**
 * Calls `callback` as soon as the code that runs now is done, before timers and input. It must not throw: that would be a
 * promise that nobody handles. It is `queueMicrotask` at a third of the price, since Node makes an asynchronous resource
 * for each of those.
 */
export function soon(callback: () => void): void {
  void settled.then(callback);
}
