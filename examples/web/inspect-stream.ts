import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { OpenPage } from "./open-pages.js";

/** How long records are collected before they are sent, and how long a stream may be silent, in milliseconds. */
const collectMs = 25;
const aliveMs = 10_000;

/**
 * Tells a page what the taps of its own sessions record, a line of JSON each time, until it leaves or asks anew. The taps
 * hold what the page has yet to read, and drop what is too much: nothing piles up here.
 */
export async function streamTaps(page: OpenPage, response: ServerResponse): Promise<void> {
  const closed = once(response, "close");
  response.on("error", () => {});
  page.reader = response;
  page.wake();
  const write = async (line: object): Promise<void> => {
    if (!response.write(`${JSON.stringify(line)}\n`)) {
      await Promise.race([once(response, "drain"), closed]);
    }
  };
  while (page.reader === response && !response.closed) {
    await write({ alive: Date.now() });
    for (const [tap, after] of page.taps) {
      const { records, gone } = tap.read(after);
      page.taps.set(tap, tap.stats.recorded);
      if (records.length > 0) {
        await write({ records, gone });
      }
    }
    if (![...page.taps].some(([tap, after]) => tap.stats.recorded > after)) {
      const woken = new Promise<void>((resolve) => {
        page.wake = resolve;
      });
      await Promise.race([woken, closed, sleep(aliveMs, undefined, { ref: false })]);
    }
    await sleep(collectMs, undefined, { ref: false });
  }
  response.end();
}
