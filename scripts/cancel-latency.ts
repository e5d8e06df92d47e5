/** Measures how fast an interruption gets past 100 MB that are queued: `npm run cancel-latency`. */
import { measureCancel } from "../test/endurance/cancel.js";
import { runCommand } from "../test/endurance/command.js";

/** Wires from that of a bad phone network to a good one. */
const wires = [
  { bytesPerSecond: 250_000, delayMs: 40 },
  { bytesPerSecond: 1_000_000, delayMs: 20 },
  { bytesPerSecond: 10_000_000, delayMs: 20 },
];

await runCommand({
  name: "cancel-latency",
  about: `Measures how long an interruption takes to another process while 100 MB of text wait before a slow wire.`,
  async run(_, { signal, progress }) {
    const lines: string[] = [];
    for (const wire of wires) {
      const name = `${wire.bytesPerSecond / 1_000} kB/s, ${2 * wire.delayMs} ms there and back`;
      progress(name);
      const { idleRoundTripMs, medianMs, longestMs, busyRoundTripMs, ahead } = await measureCancel(wire, signal);
      lines.push(
        `${name}: an interruption takes ${medianMs.toFixed(0)} ms (median; at most ${longestMs.toFixed(0)} ms) one way`,
        `  that is ${(medianMs / idleRoundTripMs).toFixed(1)} idle round trips of ${idleRoundTripMs.toFixed(0)} ms, ` +
          `${(medianMs / busyRoundTripMs).toFixed(1)} of ${busyRoundTripMs.toFixed(0)} ms beside the rest; ` +
          `all of it takes ${(100_000 / (wire.bytesPerSecond / 1_000)).toFixed(0)} s, and ${ahead} of 1600 messages had come`,
      );
    }
    return { lines, ok: true };
  },
});
