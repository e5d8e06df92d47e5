import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { root } from "../run.js";

/** A change to one place of the sources. */
export interface Edit {
  /** The file that has the code, from the project's folder. */
  readonly file: string;
  /** The code, exactly as it stands in the file, where it occurs once. */
  readonly find: string;
  /** The code to put in its place. */
  readonly replace: string;
}

/** Code that keeps a promise of the project, and how to break it. */
export interface Guard extends Edit {
  /** What would get through, or go wrong, without the guard. */
  readonly why: string;
  /** The files with the tests that have to notice. */
  readonly tests: readonly string[];
  /**
   * Which of these tests, as mocha's option `--grep` has it: to pass by those that take long, or that find what is
   * wrong by luck, as properties may. Default: all.
   */
  readonly grep?: string | undefined;
}

/** Lists the guards of one file, of which the same tests take care. */
export function guardsOf(
  file: string,
  tests: readonly string[],
  guards: readonly Pick<Guard, "find" | "replace" | "why">[],
): readonly Guard[] {
  return guards.map((guard) => ({ file, tests, ...guard }));
}

/** Names a guard on one line. */
export function nameOf({ file, why }: Guard): string {
  return `${file}: ${why}`;
}

/** A guard, and its file without it. */
export interface Mutant {
  readonly guard: Guard;
  readonly original: string;
  readonly mutated: string;
}

/**
 * Breaks a guard, in memory. Returns the reason when that can't be done: its code isn't there exactly once, or
 * what is left isn't TypeScript.
 */
export async function breakGuard(guard: Guard): Promise<Mutant | string> {
  const original = await readFile(join(root, guard.file), "utf8");
  const edited = await applyEdit(guard, original);
  return "mutated" in edited ? { guard, original, mutated: edited.mutated } : edited.problem;
}

/** Makes a change in the text of its file, or says why that can't be done, as `breakGuard` does. */
export async function applyEdit(
  { find, replace }: Edit,
  original: string,
): Promise<{ readonly mutated: string } | { readonly problem: string }> {
  const parts = original.split(find);
  if (parts.length !== 2) {
    return { problem: `its code occurs ${parts.length - 1} times in the file, and should once` };
  }
  const mutated = parts.join(replace);
  if (mutated === original) {
    return { problem: "its replacement changes nothing" };
  }
  try {
    await transform(mutated, { loader: "ts", logLevel: "silent" });
  } catch (error) {
    return {
      problem: `without it the file isn't TypeScript: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  return { mutated };
}
