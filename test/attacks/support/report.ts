import { type Defended, heapTolerance } from "./defend.js";
import type { Proof } from "./prove.js";

/** Writes down what has come of the attacks, and whether all is as it should be. */
export function report(
  defended: readonly Defended[],
  proofs: readonly Proof[] | undefined,
  seconds: { readonly defended: number; readonly proven: number },
): { readonly lines: readonly string[]; readonly ok: boolean } {
  const proofOf = new Map(proofs?.map((proof) => [proof.attack, proof]));
  const width = Math.max(6, ...defended.map(({ attack }) => attack.name.length));
  const lines = [
    row("attack", width, ["withstood", "proven", "lost/sent", "slowest", "heap", "handles"]),
    ...defended.map((each) => {
      const proof = proofOf.get(each.attack);
      return row(each.attack.name, width, [
        each.problems.length === 0 ? "yes" : "NO",
        proofs === undefined ? "-" : proof?.problem === undefined ? "yes" : "NO",
        `${each.lost}/${each.sent}`,
        `${each.slowestMs.toFixed(0)} ms`,
        each.after === undefined ? "-" : percent(drift(each)),
        each.after === undefined ? "-" : signed(handleDrift(each)),
      ]);
    }),
  ];
  for (const { attack, problems } of defended) {
    if (problems.length > 0) {
      lines.push("", `FAILED ${attack.name} (${attack.against}):`, ...problems.map((problem) => `  ${problem}`));
    }
  }
  for (const { attack, problem } of proofs ?? []) {
    if (problem !== undefined) {
      lines.push("", `NO PROOF ${attack.name} (${attack.against}):`, `  ${problem}`);
    }
  }
  const withstood = defended.filter(({ problems }) => problems.length === 0).length;
  const proven = proofs?.filter(({ problem }) => problem === undefined).length;
  const drifts = defended.filter(({ after }) => after !== undefined);
  const worst = drifts.reduce((most, each) => (Math.abs(drift(each)) > Math.abs(most) ? drift(each) : most), 0);
  const total = (of: (each: Defended) => number) => defended.reduce((sum, each) => sum + of(each), 0);
  lines.push(
    "",
    `attacks: ${defended.length}, withstood: ${withstood}, proven: ${proven ?? "not tried"}`,
    `messages of honest sessions: ${total(({ sent }) => sent)} sent, ${total(({ lost }) => lost)} lost`,
    `heap after an attack: ${percent(worst)} at most (limit ${percent(heapTolerance.part)}, and ${heapTolerance.bytes} bytes for noise)`,
    `handles left by all attacks: ${total((each) => Math.abs(handleDrift(each)))}`,
    `time: ${seconds.defended.toFixed(0)} s for the server as it is, ${seconds.proven.toFixed(0)} s for the proof`,
  );
  return { lines, ok: withstood === defended.length && (proofs === undefined || proven === defended.length) };
}

function row(name: string, width: number, cells: readonly string[]): string {
  return [name.padEnd(width), ...cells.map((cell) => cell.padStart(9))].join("  ");
}

/** By how much the heap has grown, as a part of what it was. */
function drift({ before, after }: Defended): number {
  return before === undefined || after === undefined ? 0 : after.heap / before.heap - 1;
}

function handleDrift({ before, after }: Defended): number {
  const count = (from: Defended["before"]) => Object.values(from?.handles ?? {}).reduce((sum, each) => sum + each, 0);
  return before === undefined || after === undefined ? 0 : count(after) - count(before);
}

function percent(part: number): string {
  return `${part < 0 ? "" : "+"}${(part * 100).toFixed(1)} %`;
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}
