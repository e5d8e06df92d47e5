import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "../../scripts/run.js";

/**
 * What no input may bring about:
 *
 * - `exception`: the target threw what it may not, or said that something doesn't hold.
 * - `rejection`: something was thrown or rejected where nobody waited for it.
 * - `pollution`: something was added to what everything inherits from.
 * - `hang`: it took more than two seconds, twice.
 * - `crash`: the process died, or ran out of memory.
 */
export type FindingKind = "exception" | "rejection" | "pollution" | "hang" | "crash";

/** An input that brought it about. */
export interface Finding {
  readonly target: string;
  readonly kind: FindingKind;
  readonly why: string;
  readonly input: Uint8Array;
}

/** What two findings have in common that are the same one: numbers and what is quoted apart. */
export function signatureOf({ target, kind, why }: Omit<Finding, "input">): string {
  const [first = "", ...rest] = why.split("\n");
  // Chai's messages show what is compared.
  const what = first
    .replace(/(["'`]).*?\1/g, "…")
    .replace(/\d+/g, "#")
    .slice(0, 60);
  const where = rest.find((line) => /\/src\/|\/test\//.test(line))?.replace(/^.*\/(src|test)\//, "$1/") ?? "";
  return [target, kind, what, where.replace(/:\d+\)?$/, "")].join(" | ");
}

/** Says what was thrown, with where. */
export function explain(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? String(thrown)) : `what was thrown is no error: ${String(thrown)}`;
}

/** Writes the input of a finding to a file, for `--replay`. Gives its name from the project's folder. */
export function saveFinding({ target, input }: Finding): string {
  const folder = join(root, "reports/fuzz");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${target}.${createHash("sha256").update(input).digest("hex").slice(0, 12)}.bin`);
  writeFileSync(file, input);
  return relative(root, file);
}
