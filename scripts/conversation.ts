/**
 * Two agents in two processes talk to each other while the connection between them is killed every second or so, and every
 * message is counted: `npm run conversation`.
 */
import { quantile } from "../bench/harness/statistics.js";
import { runCommand } from "../test/endurance/command.js";
import { type Conversation, converse, kills } from "../test/endurance/conversation.js";

await runCommand({
  name: "conversation",
  about: `Two agents in two processes send each other audio and text over a WebSocket, while the connection is reset, goes
silent, has its server frozen, and is hung up, in turns. Fails when a message is lost, doubled or out of order.`,
  option: { name: "seconds", about: "For how long", default: 60 },
  async run(seconds, { signal, progress }) {
    const result = await converse({ seconds, progress }, signal);
    const { lost, duplicates, outOfOrder, trouble } = result;
    return {
      lines: describe(result),
      ok: lost === 0 && duplicates === 0 && outOfOrder === 0 && trouble.length === 0,
    };
  },
});

function describe(result: Conversation): readonly string[] {
  const { sent, received, audio, lost, duplicates, outOfOrder, trouble, recoveries, outagesMs } = result;
  return [
    `sent ${sent}, received ${received} messages, ${audio} of them audio (which doesn't expire here)`,
    `lost ${lost}, doubled ${duplicates}, out of order ${outOfOrder}`,
    ...kills.map((kill) => {
      const times = recoveries.filter((recovery) => recovery.kill === kill).map(({ resumedMs }) => resumedMs);
      const resumed = times.filter((ms) => ms !== undefined);
      const outlived = times.length - resumed.length;
      const rest = outlived === 0 ? "" : `; ${outlived} times the connection outlived it`;
      return `${kill}: ${times.length} times, resumed ${spread(resumed)} later${rest}`;
    }),
    `without a connection, as the client's link says: ${spread(outagesMs)}, ${outagesMs.length} times`,
    ...trouble.slice(0, 20).map((each) => `trouble: ${each}`),
  ];
}

function spread(times: readonly number[]): string {
  return times.length === 0
    ? "never"
    : `${Math.round(quantile(times, 0.5))} ms (median; at most ${Math.round(Math.max(...times))} ms)`;
}
