import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = (name: string) => fileURLToPath(new URL(`${name}/`, import.meta.url));

/** The inputs for a target that are checked in: those that together reach what others have reached before. */
export function readCorpus(target: string): readonly Uint8Array[] {
  const file = `${folder("corpus")}${target}.txt`;
  if (!existsSync(file)) {
    return [];
  }
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Uint8Array.from(Buffer.from(line, "base64")));
}

/** Checks in the inputs for a target, one a line, in base64. */
export function writeCorpus(target: string, inputs: readonly Uint8Array[]): void {
  const lines = inputs.map((input) => `${Buffer.from(input).toString("base64")}\n`);
  writeFileSync(`${folder("corpus")}${target}.txt`, lines.join(""));
}

/** The inputs for a target that something was wrong with once, with the names of their files. */
export function readRegressions(target: string): ReadonlyMap<string, Uint8Array> {
  const files = readdirSync(folder("regressions")).filter((file) => targetOfFile(file) === target);
  return new Map(files.map((file) => [file, Uint8Array.from(readFileSync(`${folder("regressions")}${file}`))]));
}

/** Which target the input in a file is for, by the file's name: `target.whatever.bin`. */
export function targetOfFile(file: string): string | undefined {
  return /^([a-z-]+)\.[^/\\]+\.bin$/.exec(file.replace(/^.*[\\/]/, ""))?.[1];
}
