import * as plain from "./plain.js";

/** Gives what plain links need. Pages load it when it is asked for: see `load-plain-browser.ts`. */
export function loadPlain(): Promise<typeof plain> {
  return Promise.resolve(plain);
}
