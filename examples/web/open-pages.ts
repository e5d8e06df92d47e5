import { randomBytes } from "node:crypto";
import type { Duplex, Writable } from "node:stream";
import type { Tap } from "crossbus/inspect";

/** A page that somebody has open, and what belongs to it. Its token is what shows that a request comes from it. */
export interface OpenPage {
  readonly token: string;
  /** The taps of its sessions, and how far the page has read them. */
  readonly taps: Map<Tap, number>;
  /** The sockets of its network connection, at both ends. */
  readonly sockets: Set<Duplex>;
  /** Whether its network is cut. */
  isCut: boolean;
  /** What it reads the taps over, and what is called when there is something to read. */
  reader: Writable | undefined;
  wake: () => void;
}

/**
 * How many pages may be open; beyond that one is forgotten for each that is opened. Any program, and any web page, can ask
 * for pages: so first go those that nobody uses, then those that were opened longest ago.
 */
const maxPages = 1_000;

/** The pages that are open. */
export class OpenPages {
  readonly #pages = new Map<string, OpenPage>();

  open(): OpenPage {
    const token = randomBytes(24).toString("base64url");
    const page: OpenPage = { token, taps: new Map(), sockets: new Set(), isCut: false, reader: undefined, wake() {} };
    if (this.#pages.size >= maxPages) {
      const pages = [...this.#pages.values()];
      const isUsed = ({ sockets, reader }: OpenPage) => sockets.size > 0 || reader !== undefined;
      this.#forget(pages.find((each) => !isUsed(each)) ?? (pages[0] as OpenPage));
    }
    this.#pages.set(token, page);
    return page;
  }

  #forget(page: OpenPage): void {
    this.#pages.delete(page.token);
    page.reader?.destroy();
    for (const socket of page.sockets) {
      socket.destroy();
    }
  }

  /** The page with a token. The token is random and long: how long it takes to find says nothing that helps to guess it. */
  find(token: string): OpenPage | undefined {
    return this.#pages.get(token);
  }
}

/** Cuts the network of a page, or restores it. What is cut is gone without a goodbye. */
export function setCut(page: OpenPage, isCut: boolean): void {
  page.isCut = isCut;
  if (isCut) {
    for (const socket of page.sockets) {
      socket.destroy();
    }
  }
}

/** Has the page read a tap, for as long as the function that this returns isn't called, and until it has read all. */
export function showTap(page: OpenPage, tap: Tap): () => void {
  page.taps.set(tap, 0);
  const off = tap.on("record", () => page.wake());
  return () => {
    off();
    tap.close();
    if (tap.stats.recorded === page.taps.get(tap)) {
      page.taps.delete(tap);
    }
    for (const oldest of page.taps.keys()) {
      // Those of sessions that are over, and that nobody reads.
      if (page.taps.size <= 4) {
        break;
      }
      page.taps.delete(oldest);
    }
  };
}
