import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../../scripts/run.js";
import { pythonEnv, pythonVariables, whyNotReady } from "./python-env.js";

/** Why Python can't be run; null when it can. In CI, where it is installed, its lack is an error. */
export function lacksPython(): string | null {
  return excused(spawnSync("python3", ["--version"]).status === 0 ? undefined : "there is no python3");
}

/** Why the environment with Pipecat can't be used, likewise. */
export function lacksPipecat(): string | null {
  return excused(whyNotReady(pythonEnv("pipecat")));
}

/** Runs a script that reads JSON and prints JSON. */
export function runPython(script: string, input: unknown): unknown {
  const output = execFileSync("python3", ["-c", script], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(output);
}

/** What Pipecat's serializer makes of messages, which are given in base64. */
export function describeMessages(wires: readonly string[]): unknown {
  const output = execFileSync(pythonEnv("pipecat").python, [join(root, "test/python/describe_messages.py")], {
    input: JSON.stringify(wires),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, ...pythonVariables() },
  });
  // What is imported may print, too.
  return JSON.parse(output.trimEnd().split("\n").at(-1) as string);
}

function excused(reason: string | undefined): string | null {
  if (reason === undefined) {
    return null;
  }
  if ((process.env["CI"] ?? "") !== "") {
    throw new Error(reason);
  }
  console.log(`      skipped: ${reason}`);
  return reason;
}
