import type { Clock } from "./clock.js";
import { soon } from "./soon.js";

/**
 * Makes a function that tells the time, and looks at the clock once for all that is done before it is the turn of something
 * else. To look takes a third of the time that it takes to encode a message, and many come and go at once.
 */
export function onceATurn(clock: Clock): () => number {
  let now: number | undefined;
  const forget = () => {
    now = undefined;
  };
  return () => {
    if (now === undefined) {
      now = clock.now();
      soon(forget);
    }
    return now;
  };
}
