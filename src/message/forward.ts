import type { DescMessage } from "@bufbuild/protobuf";
import { invalidArgument } from "../base/status.js";
import { bodyTraits, frameTraits } from "./case-traits.js";
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

/** A forwardable case that is about tasks. */
export type TaskCase = Extract<ForwardableCase, `task${string}`>;

/** Everything about tasks, to spread into `forwardMessages`. */
export const TASKS: readonly TaskCase[] = /* @__PURE__ */ Object.keys(bodyTraits).filter(
  (name): name is TaskCase => name.startsWith("task") && isForwardableCase(name),
);
