import { once } from "node:events";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenPage } from "./open-pages.js";

/** How long records are collected before they are sent, and how long a stream may be silent, in milliseconds. */
const collectMs = 25;
const aliveMs = 10_000;

/**
 * Tells a page what the taps of its own sessions record, a line of JSON each time, until it leaves or asks anew. The taps
 * hold what the page has yet to read, and drop what is too much: nothing piles up here.
 */
export async function streamTaps(page: OpenPage, response: Writable): Promise<void> {
  const closing = new AbortController();
  const { signal } = closing;
  let wake = () => {};
  response.on("error", () => {});
  response.once("close", () => {
    closing.abort();
    wake();
  });
  // One that reads no more would never learn that it was replaced.
  page.reader?.destroy();
  page.reader = response;
  // A stream goes on for hours: whatever it waits for leaves nothing behind.
  const write = async (line: object): Promise<void> => {
    if (!response.write(`${JSON.stringify(line)}\n`)) {
      await once(response, "drain", { signal }).catch(() => {});
    }
  };
  const woken = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, aliveMs).unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      page.wake = wake;
    });
  while (!signal.aborted) {
    await write({ alive: Date.now() });
    for (const [tap, after] of page.taps) {
      const { records, gone } = tap.read(after);
      page.taps.set(tap, tap.stats.recorded);
      if (records.length > 0) {
        await write({ records, gone });
      }
    }
    if (!signal.aborted && ![...page.taps].some(([tap, after]) => tap.stats.recorded > after)) {
      await woken();
    }
    await sleep(collectMs, undefined, { ref: false });
  }
  if (page.reader === response) {
    page.reader = undefined;
  }
}
