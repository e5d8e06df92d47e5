import type { DescMessage } from "@bufbuild/protobuf";
import {
  pipecatBodyNames,
  pipecatFrameNames,
  pipecatOtherClasses,
  pipecatSubagentsBodyNames,
} from "../../gen/crossbus/v1/pipecat-names.js";
import { bodyTraits, frameTraits } from "../../gen/crossbus/v1/traits.js";
import { invalidArgument } from "../base/status.js";
import type { BodyCase, FrameKind } from "./types.js";

/** The cases of `BusMessage.body` that cross a bridge when they are listed in `forwardMessages`. */
export type ForwardableCase = {
  [C in BodyCase]: (typeof bodyTraits)[C]["forwarding"] extends "listed" ? C : never;
}[BodyCase];

/** The kinds of frames that the schema has fields for. */
export type TypedFrameKind = Exclude<FrameKind, "other">;

/** An entry that lets frames of one kind across. */
export interface FrameKindEntry {
  readonly kind: "frameKind";
  readonly frameKind: TypedFrameKind;
}

/** An entry that lets messages, frames and values of one Python class across that has no schema here. */
export interface PythonTypeEntry {
  readonly kind: "pythonType";
  /** The qualified class name. */
  readonly typeName: string;
}

/**
 * An entry of `forwardMessages`: a forwardable case, `frameKind(…)`, `pythonType(…)`, or the schema of a message
 * of your own.
 */
export type ForwardEntry = ForwardableCase | FrameKindEntry | PythonTypeEntry | DescMessage;

const PYTHON_CLASS = /^[\p{XID_Start}_]\p{XID_Continue}*(?:\.[\p{XID_Start}_]\p{XID_Continue}*)+$/u;

/** Whether a name is that of a case that may be listed in `forwardMessages`. */
export function isForwardableCase(name: string): name is ForwardableCase {
  return Object.hasOwn(bodyTraits, name) && bodyTraits[name as BodyCase].forwarding === "listed";
}

/**
 * Lets frames of one kind across, also one that `"frame"` leaves out because it starts or ends things. Throws
 * INVALID_ARGUMENT for a kind that the schema doesn't have.
 */
export function frameKind(kind: TypedFrameKind): FrameKindEntry {
  const name: string = kind;
  if (name === "other") {
    throw invalidArgument("frameKind", name, 'use pythonType("package.Class") for a class without a schema');
  }
  if (!Object.hasOwn(frameTraits, name)) {
    throw invalidArgument("frameKind", name, "must be a kind of frame");
  }
  return { kind: "frameKind", frameKind: kind };
}

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

/** A forwardable case that is about tasks. */
export type TaskCase = Extract<ForwardableCase, `task${string}`>;

/** Everything about tasks, to spread into `forwardMessages`. */
export const TASKS: readonly TaskCase[] = /* @__PURE__ */ Object.keys(bodyTraits).filter(
  (name): name is TaskCase => name.startsWith("task") && isForwardableCase(name),
);

/**
 * All frames that a stock Pipecat pipeline needs to get back from the other side, to spread into
 * `forwardMessages`: those that `"frame"` stands for, the Python classes without a schema here, nested ones too,
 * and the reports by which a flush of the pipeline waits for the other side.
 */
export const PIPECAT_FRAMES: readonly ("frame" | "flushProgress" | PythonTypeEntry)[] = /* @__PURE__ */ pipecatFrames();

function pipecatFrames(): readonly ("frame" | "flushProgress" | PythonTypeEntry)[] {
  return ["frame", "flushProgress", ...pipecatOtherClasses.map(pythonType)];
}
