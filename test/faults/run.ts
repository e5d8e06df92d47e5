/**
 * Runs random scripts of sending, cuts, silences, delays, restarts and slow readers over a resumable link:
 * `npm run test:faults -- --scripts 10000 --websocket 300 --seed 1`. A failure prints its seed, which repeats it.
 */
import { parseArgs } from "node:util";
import { Code } from "../../src/base/status.js";
import { type Outcome, runScript } from "./run-script.js";

const { values } = parseArgs({
  options: {
    scripts: { type: "string", default: "1000" },
    websocket: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
  },
});
const first = Number(values.seed);
let failed = 0;
await runAll("memory", Number(values.scripts), 1);
await runAll("websocket", Number(values.websocket), 8);
process.exitCode = failed > 0 ? 1 : 0;

async function runAll(over: "memory" | "websocket", scripts: number, atATime: number): Promise<void> {
  const told = new Map<Code, number>();
  let [next, sent, delivered, resumes, resets] = [0, 0, 0, 0, 0];
  const started = performance.now();
  const add = (seed: number, outcome: Outcome) => {
    sent += outcome.sent;
    delivered += outcome.delivered;
    resumes += outcome.resumes;
    resets += outcome.resets;
    for (const [code, count] of outcome.told) {
      told.set(code, (told.get(code) ?? 0) + count);
    }
    if (outcome.violations.length > 0) {
      failed++;
      console.error(`seed ${seed} over ${over}:\n  ${outcome.violations.slice(0, 5).join("\n  ")}`);
    }
  };
  const work = async () => {
    while (next < scripts) {
      const seed = first + next++;
      add(seed, await runScript(seed, over));
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const losses = [...told].map(([code, count]) => `${count} ${Code[code]}`).join(", ");
  console.log(
    `${over}: ${scripts} scripts in ${seconds} s: ${sent} messages sent, ${delivered} delivered, ` +
      `told as undelivered: ${losses || "none"}; ${resumes} resumes, ${resets} resets, ${failed} scripts failed`,
  );
}
