import { setTimeout } from "node:timers/promises";
import { systemClock } from "../../src/base/clock.js";
import { openResumableLink } from "../../src/link/resumable/client.js";
import { checkResumable } from "../../src/link/resumable/options.js";
import { WebSocketTransport } from "../../src/websocket.js";
import { BadWire } from "./bad-wire.js";
import type { OfflineEndOptions, Written } from "./offline-end.js";
import { Remote } from "./remote.js";

/** What can happen at the bound. */
export const policies = ["block", "reject", "reset"] as const;

/** What a link may keep, in bytes. */
const maxBytes = 8_388_608;

/** What was written while the peer was away. */
export interface Offline extends Written {
  readonly maxBytes: number;
}

/** Has a process write 100 000 messages of 1 kB to a peer whose connection is lost. */
export async function writeOffline(overflow: OfflineEndOptions["overflow"], signal: AbortSignal): Promise<Offline> {
  const ends = new AbortController();
  const options: OfflineEndOptions = { overflow, maxBytes };
  const server = new Remote("offline-end.ts", options, AbortSignal.any([signal, ends.signal]));
  try {
    const address = await server.call<string>("where");
    await using wire = await BadWire.before(address);
    const link = await openResumableLink(
      {
        ...checkResumable({}),
        transport: new WebSocketTransport({ url: wire.through(address) }),
        clock: systemClock,
        maxMessageBytes: 1_048_576,
        maxAttempts: false,
      },
      signal,
    );
    // The announcement of the agent over there, without which nothing is left to be acknowledged.
    await new Promise<void>((resolve) => {
      link.receive({ pythonTypes: new Set(), message: () => resolve(), invalid() {}, undelivered() {} });
    });
    while ((await server.call<number>("unacknowledged")) > 0) {
      await setTimeout(10, undefined, { signal });
    }
    while (!(await server.call<boolean>("isSuspended"))) {
      wire.reset();
      await setTimeout(10, undefined, { signal });
    }
    return { ...(await server.call<Written>("write")), maxBytes };
  } finally {
    ends.abort();
  }
}
