import { checkMilliseconds } from "../base/check-milliseconds.js";
import { Code, invalidArgument } from "../base/status.js";
import type { Fault, FaultStep } from "./fault.js";

const types: readonly string[] = ["cut", "truncate", "halfOpen", "delay", "throttle", "duplicate", "refuse"];
const directions: readonly unknown[] = ["out", "in", "both", undefined];
const ends: readonly unknown[] = ["near", "far", "both", undefined];

/** Checks the steps of a script. Throws INVALID_ARGUMENT that names the step and its field. */
export function checkScript(script: readonly FaultStep[], canConnect: boolean): readonly FaultStep[] {
  for (const [index, step] of script.entries()) {
    const name = `script[${index}]`;
    checkFault(name, step, canConnect);
    checkCount(`${name}.connection`, step.connection, 0);
    checkCount(`${name}.afterSent`, step.afterSent, 1);
    checkCount(`${name}.afterReceived`, step.afterReceived, 1);
    checkMilliseconds(`${name}.afterMs`, step.afterMs ?? 0);
    if (step.type === "refuse" && (step.afterSent ?? step.afterReceived) !== undefined) {
      throw invalidArgument(name, step.type, "must not count messages: an attempt that is refused has none");
    }
  }
  return script;
}

/** Checks a fault. Throws INVALID_ARGUMENT that names what is wrong. */
export function checkFault(name: string, fault: Fault, canConnect: boolean): void {
  switch (fault.type) {
    case "cut":
      checkOneOf(`${name}.ends`, fault.ends, ends);
      return;
    case "halfOpen":
    case "delay":
    case "throttle":
      checkOneOf(`${name}.direction`, fault.direction, directions);
      checkMilliseconds(`${name}.forMs`, fault.forMs ?? 0);
      if (fault.type === "delay") {
        checkMilliseconds(`${name}.ms`, fault.ms);
        checkMilliseconds(`${name}.jitterMs`, fault.jitterMs ?? 0);
      }
      if (fault.type === "throttle" && !(fault.bytesPerSecond > 0)) {
        throw invalidArgument(`${name}.bytesPerSecond`, fault.bytesPerSecond, "must be more than 0; use halfOpen");
      }
      return;
    case "duplicate":
      if (!canConnect) {
        throw invalidArgument(`${name}.type`, fault.type, "needs a transport that connects, not one that listens");
      }
      return;
    case "refuse":
      if (fault.code !== undefined && (Code[fault.code] === undefined || fault.code === Code.OK)) {
        throw invalidArgument(`${name}.code`, fault.code, "must be a code other than OK");
      }
      return;
    default:
      checkOneOf(`${name}.type`, (fault as Fault).type, types);
  }
}

function checkCount(name: string, value: number | undefined, least: number): void {
  if (value !== undefined && (!Number.isSafeInteger(value) || value < least)) {
    throw invalidArgument(name, value, `must be an integer from ${least} on`);
  }
}

function checkOneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (!allowed.includes(value)) {
    throw invalidArgument(name, value, `must be one of ${allowed.filter((one) => one !== undefined).join(", ")}`);
  }
}
