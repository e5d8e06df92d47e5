import {
  type PythonClass,
  pipecatBodyNames,
  pipecatFrameNames,
  pipecatSince,
  pipecatSubagentsBodyNames,
  pythonClasses,
  pythonEnums,
} from "../../../gen/crossbus/v1/pipecat-names.js";
import type { BodyCase, FrameKind } from "../../message/types.js";

/** One of the dialects that are JSON. */
export type JsonDialect = "pipecat" | "pipecat-subagents";

/** The Python classes of a dialect that the schema has: a closed table, both ways. */
export interface PythonClasses {
  /** The case of a bus message by its class. */
  readonly bodies: ReadonlyMap<string, BodyCase>;
  /** The kind of a frame by its class. */
  readonly frames: ReadonlyMap<string, FrameKind>;
  /** Every class that may be named on the wire. */
  readonly all: ReadonlySet<string>;
  /** The class of a bus message; undefined for a case that this dialect doesn't have. */
  bodyClass(body: BodyCase): string | undefined;
  /** The class of a frame; undefined for `other`. */
  frameClass(kind: FrameKind): string | undefined;
  /** The name of the class of a message that stands within others; undefined for one that is no class. */
  classOf(typeName: string): string | undefined;
}

/** The release of pipecat-ai that brought a class, if it isn't in the oldest. */
export function sinceOf(className: string): string | undefined {
  return since.get(className);
}

/** All that is known of the class of a message that stands within others. */
export function pythonClassOf(typeName: string): PythonClass | undefined {
  return Object.hasOwn(pythonClasses, typeName) ? pythonClasses[typeName] : undefined;
}

const since: ReadonlyMap<string, string> = new Map([
  ...Object.entries(pipecatSince),
  ...Object.values(pythonClasses).flatMap(({ movedTo, movedSince }) =>
    movedTo === undefined || movedSince === undefined ? [] : [[movedTo, movedSince] as const],
  ),
]);

function classesOf(dialect: JsonDialect): PythonClasses {
  const bodyNames: Readonly<Partial<Record<BodyCase, string>>> =
    dialect === "pipecat" ? pipecatBodyNames : pipecatSubagentsBodyNames;
  const frameNames: Readonly<Partial<Record<FrameKind, string>>> = pipecatFrameNames;
  const nameOf = (known: PythonClass) => (dialect === "pipecat" ? known.pipecat : known.pipecatSubagents);
  const bodies = new Map(Object.entries(bodyNames).map(([name, className]) => [className, name as BodyCase]));
  const frames = new Map(Object.entries(frameNames).map(([name, className]) => [className, name as FrameKind]));
  const nested = Object.values(pythonClasses).flatMap((known) => [
    nameOf(known),
    ...(known.movedTo === undefined ? [] : [known.movedTo]),
  ]);
  return {
    bodies,
    frames,
    all: new Set([...bodies.keys(), ...frames.keys(), ...nested, ...Object.values(pythonEnums)]),
    bodyClass: (body) => bodyNames[body],
    frameClass: (kind) => frameNames[kind],
    classOf: (typeName) => {
      const known = pythonClassOf(typeName);
      return known === undefined ? undefined : nameOf(known);
    },
  };
}

const tables: Readonly<Record<JsonDialect, PythonClasses>> = {
  pipecat: classesOf("pipecat"),
  "pipecat-subagents": classesOf("pipecat-subagents"),
};

/** The classes of a dialect. */
export function pythonClassesOf(dialect: JsonDialect): PythonClasses {
  return tables[dialect];
}
