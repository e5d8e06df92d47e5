import type { TapRecord } from "crossbus/inspect";

/** What a page is told of the server's taps. */
export interface ServerTaps {
  /** Records of the server's tap, and how many more there were that nobody can read any more. */
  records(records: readonly TapRecord[], gone: number): void;
  /** By how many milliseconds the clock of the server is ahead. */
  clock(offsetMs: number): void;
  /** The server doesn't know this page: it has started anew. */
  unknown(): void;
}

/** How long to wait before the stream is asked for again, and between measurements of the clock, in milliseconds. */
const retryMs = 1_000;
const clockMs = 15_000;

/** Reads what the server's taps record. It goes past the network that can be cut, so that both sides can be watched then. */
export async function readServerTaps(token: string, taps: ServerTaps): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  void keepClock(headers, taps);
  for (;;) {
    try {
      const response = await fetch("/api/inspect", { headers });
      if (response.status === 403) {
        taps.unknown();
        return;
      }
      for await (const line of lines(response)) {
        const { records, gone } = JSON.parse(line) as { records?: readonly TapRecord[]; gone?: number };
        if (records !== undefined) {
          taps.records(records, gone ?? 0);
        }
      }
    } catch {
      // The server is away. The page says so already: its own link to it is down.
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

/** Measures the server's clock as NTP does: its time is that in the middle of the request. The quickest request counts. */
async function keepClock(headers: Readonly<Record<string, string>>, { clock }: ServerTaps): Promise<void> {
  for (;;) {
    let best: { readonly took: number; readonly offset: number } | undefined;
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        const start = performance.now();
        const before = Date.now();
        const response = await fetch("/api/clock", { headers });
        const took = performance.now() - start;
        if (response.status === 403) {
          return;
        }
        const { now } = (await response.json()) as { now: number };
        if (best === undefined || took < best.took) {
          best = { took, offset: now - (before + took / 2) };
        }
      } catch {
        break;
      }
    }
    if (best !== undefined) {
      clock(best.offset);
    }
    await new Promise((resolve) => setTimeout(resolve, clockMs));
  }
}

async function* lines({ body }: Response): AsyncGenerator<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    const complete = (rest + part.value).split("\n");
    rest = complete.pop() ?? "";
    yield* complete;
  }
}
