import { runScript } from "./test/faults/run-script.js";

for (let seed = Number(process.argv[2] ?? 1); seed <= 2000; seed++) {
  process.stdout.write(`${seed} `);
  const t = performance.now();
  const o = await runScript(seed, "memory");
  console.log((performance.now() - t).toFixed(0), o.sent, o.delivered, o.resumes, o.resets, o.violations.slice(0, 3));
}
