import {
  pipecatBodyNames,
  pipecatFrameNames,
  pipecatOtherClasses,
  pipecatSubagentsBodyNames,
} from "../../gen/crossbus/v1/pipecat-names.js";
import { invalidArgument } from "../base/status.js";
import { isForwardableCase, type PythonTypeEntry } from "./forward.js";

const PYTHON_CLASS = /^[\p{XID_Start}_]\p{XID_Continue}*(?:\.[\p{XID_Start}_]\p{XID_Continue}*)+$/u;

/**
 * Lets messages, frames and values of a Python class across that the schema doesn't have, whole. Throws
 * INVALID_ARGUMENT when the name isn't one like `package.module.Class`, or is one that the schema has.
 */
export function pythonType(typeName: string): PythonTypeEntry {
  if (typeof typeName !== "string" || !PYTHON_CLASS.test(typeName)) {
    throw invalidArgument("pythonType", typeName, "must be a qualified class name such as package.module.Class");
  }
  const remedy = knownClasses().get(typeName);
  if (remedy !== undefined) {
    throw invalidArgument("pythonType", typeName, `the schema has this class: ${remedy}`);
  }
  return { kind: "pythonType", typeName };
}

let known: ReadonlyMap<string, string> | undefined;

/** The classes that the schema has, with what to write instead. */
function knownClasses(): ReadonlyMap<string, string> {
  if (known === undefined) {
    const map = new Map<string, string>();
    for (const names of [pipecatBodyNames, pipecatSubagentsBodyNames]) {
      for (const [name, typeName] of Object.entries(names)) {
        map.set(typeName, isForwardableCase(name) ? `list "${name}" instead` : `"${name}" is not forwarded on request`);
      }
    }
    for (const [kind, typeName] of Object.entries(pipecatFrameNames)) {
      map.set(typeName, `use frameKind("${kind}") instead`);
    }
    known = map;
  }
  return known;
}

/**
 * All frames that a stock Pipecat pipeline needs to get back from the other side, to spread into
 * `forwardMessages`: those that `"frame"` stands for, the Python classes without a schema here, nested ones too,
 * and the reports by which a flush of the pipeline waits for the other side.
 */
export const PIPECAT_FRAMES: readonly ("frame" | "flushProgress" | PythonTypeEntry)[] = /* @__PURE__ */ pipecatFrames();

function pipecatFrames(): readonly ("frame" | "flushProgress" | PythonTypeEntry)[] {
  return ["frame", "flushProgress", ...pipecatOtherClasses.map(pythonType)];
}
