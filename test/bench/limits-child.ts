/**
 * Sends so much through the bench's bridges that a limit of the server would be reached, whichever it has by default. Prints
 * the warnings that servers give then.
 */
import { setImmediate } from "node:timers/promises";
import { makeBridge } from "../../bench/ends/crossbus-bridge.js";
import type { Pipe } from "../../bench/ends/pipe.js";
import { defaultLimits } from "../../src/proxy/limits/server-limits.js";

/** Five seconds' worth, of which four may come at once. */
const count = 5 * defaultLimits.messagesPerSecond;

/** How many frames are on their way at most: the queues of a bus take more. */
const atOnce = 500;

console.warn = (line: unknown) => console.log(String(line));
for (const options of [{ dialect: "protobuf" as const }, {}]) {
  const { serve, connect } = makeBridge(options);
  let received = 0;
  let sent = 0;
  const address = await serve((pipe: Pipe) =>
    pipe.receive(() => {
      received++;
    }),
  );
  const pipe = await connect(address);
  while (received < count) {
    for (; sent < Math.min(count, received + atOnce); sent++) {
      pipe.send();
    }
    await setImmediate();
  }
}
process.exit();
