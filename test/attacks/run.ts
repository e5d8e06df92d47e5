/**
 * Attacks the demo's server, over real sockets: `npm run test:attacks`. Each attack has to fail against the server as it is,
 * and to succeed against one without the defence that it is for. `npm run test:attacks -- --help` says what else can be asked.
 */
import { parseArgs } from "node:util";
import { Progress } from "../../bench/harness/progress.js";
import type { Attack } from "./attack.js";
import { attacks } from "./attacks.js";
import { type Defended, defend } from "./support/defend.js";
import { type Proof, prove } from "./support/prove.js";
import { report } from "./support/report.js";

const help = `Usage: npm run test:attacks -- [--grep TEXT]... [--list] [--skip-proof]

Attacks the demo's server over real sockets, while an honest session talks to it. Fails when an attack is a success, when
the honest session loses a message, when something is left behind in the server, and when an attack isn't a success
against a server without the defence that it is for, since then it proves nothing.

  --grep TEXT   Only the attacks with TEXT in their name, or in what they go for. Several of them pick what has any.
  --list        Says what the attacks are, and attacks nobody.
  --skip-proof  Doesn't attack servers that lack a defence.
  --help        Says this.
`;

const interrupt = new AbortController();
const { signal } = interrupt;
// Not once: until all servers have ended, a second Ctrl-C must not end the process.
process.on("SIGINT", () => interrupt.abort());
process.on("SIGTERM", () => interrupt.abort());
process.exitCode = await main();

async function main(): Promise<number> {
  const asked = readArguments();
  if (typeof asked === "number") {
    return asked;
  }
  const { picked, skipProof } = asked;
  const progress = new Progress();
  const start = performance.now();
  const say = (line: string) => {
    progress.clear();
    process.stderr.write(`${line}\n`);
  };
  try {
    const defended: Defended[] = [];
    progress.step("starting a server");
    await defend(picked, signal, (each) => {
      defended.push(each);
      say(`${each.problems.length === 0 ? "withstood" : "FAILED   "} ${seconds(each.seconds)} ${each.attack.name}`);
      progress.step(`${defended.length}/${picked.length} attacks on the server as it is`);
    });
    const middle = performance.now();
    const proofs: Proof[] = [];
    if (!skipProof) {
      await prove(picked, signal, (each) => {
        proofs.push(each);
        say(`${each.problem === undefined ? "proven   " : "NO PROOF "} ${seconds(each.seconds)} ${each.attack.name}`);
        progress.step(`${proofs.length}/${picked.length} attacks on servers without a defence`);
      });
    }
    progress.clear();
    const times = { defended: (middle - start) / 1000, proven: (performance.now() - middle) / 1000 };
    const { lines, ok } = report(defended, skipProof ? undefined : proofs, times);
    console.log(lines.join("\n"));
    return ok ? 0 : 1;
  } catch (error) {
    progress.clear();
    if (signal.aborted) {
      console.error("interrupted");
      return 130;
    }
    console.error(error);
    return 1;
  }
}

/** Does what the command line says. Gives the attacks, or the exit code when there is nothing to do. */
function readArguments(): { readonly picked: readonly Attack[]; readonly skipProof: boolean } | number {
  let values: { grep?: string[]; list?: boolean; "skip-proof"?: boolean; help?: boolean };
  try {
    const flag = { type: "boolean" } as const;
    const options = { grep: { type: "string", multiple: true }, list: flag, "skip-proof": flag, help: flag } as const;
    ({ values } = parseArgs({ options }));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
  if (values.help === true) {
    console.log(help.trimEnd());
    return 0;
  }
  const { grep } = values;
  const picked = attacks.filter(
    ({ name, against }) => grep?.some((text) => name.includes(text) || against.includes(text)) ?? true,
  );
  if (picked.length === 0) {
    console.error(`no attack has ${grep?.map((text) => JSON.stringify(text)).join(" or ")}`);
    return 2;
  }
  if (values.list === true) {
    console.log(picked.map(({ name, against }) => `${name}: ${against}`).join("\n"));
    return 0;
  }
  return { picked, skipProof: values["skip-proof"] === true };
}

function seconds(value: number): string {
  return `${value.toFixed(1).padStart(5)} s`;
}
