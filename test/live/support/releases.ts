import { readFileSync } from "node:fs";
import type { Dialect } from "../../../src/index.js";
import { type PythonEnv, type PythonEnvName, pythonEnv } from "../../support/python-env.js";

/** A release of Pipecat that the live tests talk to. */
export interface Release {
  readonly package: string;
  readonly version: string;
  readonly env: PythonEnv;
  /** Which of the peers' programs it takes. */
  readonly generation: "workers" | "agents";
  readonly dialect: Dialect;
}

/** The releases, as they are pinned. */
export const releases: readonly Release[] = [
  release("pipecat", "pipecat-ai", "workers", "pipecat"),
  release("pipecat-oldest", "pipecat-ai", "workers", "pipecat"),
  release("pipecat-subagents", "pipecat-ai-subagents", "agents", "pipecat-subagents"),
];

function release(
  name: PythonEnvName,
  packageName: string,
  generation: "workers" | "agents",
  dialect: Dialect,
): Release {
  const env = pythonEnv(name);
  const pin = readFileSync(env.requirements, "utf8")
    .split("\n")
    .find((line) => line.startsWith(`${packageName}==`));
  if (pin === undefined) {
    throw new Error(`${env.requirements} doesn't pin ${packageName}`);
  }
  return { package: packageName, version: pin.slice(packageName.length + 2), env, generation, dialect };
}
