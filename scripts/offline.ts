/** Looks at the memory that is held while much is written to a peer that is away: `npm run offline`. */
import { runCommand } from "../test/endurance/command.js";
import { policies, writeOffline } from "../test/endurance/offline.js";
import { inMiB } from "../test/endurance/soak.js";

await runCommand({
  name: "offline",
  about: `Writes 100 000 messages of 1 kB to a peer whose connection is lost, with each overflow policy, and says how much of
them is kept and what that does to the memory of the process. Fails when more is kept than the buffer may hold, or
when a message is neither kept nor told as lost.`,
  async run(_, { signal, progress }) {
    const lines: string[] = [];
    let ok = true;
    for (const overflow of policies) {
      progress(overflow);
      const { written, kept, keptBytes, maxBytes, queued, told, rss, heap } = await writeOffline(overflow, signal);
      const isBounded = keptBytes <= maxBytes;
      const isComplete = kept + queued + told === written;
      ok &&= isBounded && isComplete;
      lines.push(
        `${overflow}: of ${written} messages the link keeps ${kept}, ${inMiB(keptBytes)} MiB of at most ` +
          `${inMiB(maxBytes)} MiB, ${queued} wait on the bus, and ${told} were told as lost` +
          `${isComplete ? "" : ", which are not all"}`,
        `  the process has grown by ${inMiB(rss)} MiB (RSS), ${inMiB(heap)} MiB of heap and buffers after a collection`,
      );
    }
    return { lines, ok };
  },
});
