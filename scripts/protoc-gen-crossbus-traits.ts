/**
 * A protoc plugin that turns the options of the schema into TypeScript, so that the hot paths and the browser bundle need
 * no descriptors to know what a message is.
 *
 * - `traits.ts`: the types of what each case of `BusMessage.body` and each case of `Frame.kind` is.
 * - `field-numbers.ts`: the numbers of the fields and options that can be read without building a message.
 * - `pipecat-names.ts`: the Python class names, for those who need them.
 */
import { type DescEnum, type DescField, type DescMessage, getOption, hasOption } from "@bufbuild/protobuf";
import { createEcmaScriptPlugin, type GeneratedFile, runNodeJs, type Schema } from "@bufbuild/protoplugin";
import {
  body_case,
  Forwarding,
  frame_kind,
  Priority,
  priority as priorityOption,
  python_class,
  python_enum,
  python_field,
} from "../gen/crossbus/v1/options_pb.js";

const forwardings: Record<Forwarding, string> = {
  [Forwarding.UNSPECIFIED]: "never",
  [Forwarding.LISTED]: "listed",
  [Forwarding.ACTIVATION]: "activation",
  [Forwarding.ANNOUNCEMENT]: "announcement",
};

runNodeJs(
  createEcmaScriptPlugin({
    name: "protoc-gen-crossbus-traits",
    version: "v1",
    generateTs(schema) {
      const message = schema.files.find((file) => file.name === "crossbus/v1/message");
      if (message === undefined) {
        return;
      }
      const bodies = oneofFields(find(message.messages, "BusMessage"), "body");
      const frameFile = schema.files.find((file) => file.name === "crossbus/v1/frame");
      const kinds = oneofFields(find(frameFile?.messages ?? [], "Frame"), "kind");
      generateTraits(schema, bodies, kinds);
      generateNumbers(schema, bodies);
      generateNames(schema, bodies, kinds);
    },
  }),
);

function generateTraits(schema: Schema, bodies: readonly DescField[], kinds: readonly DescField[]) {
  const f = begin(schema, "crossbus/v1/traits.ts");
  f.print("/** What each case of BusMessage.body is. */");
  f.print("export type BodyTraits = {");
  for (const field of bodies) {
    const { priority, untargeted, forwarding } = getOption(field, body_case);
    const system = priority === Priority.SYSTEM;
    f.print(
      `  readonly ${field.localName}: { readonly number: ${field.number}; readonly system: ${system}; readonly untargeted: ${untargeted}; readonly forwarding: "${forwardings[forwarding]}" };`,
    );
  }
  f.print("};");
  f.print();
  f.print("/** What each case of Frame.kind is. */");
  f.print("export type FrameTraits = {");
  for (const field of kinds) {
    const { priority, lifecycle, local, droppable } = getOption(field, frame_kind);
    const system = priority === Priority.SYSTEM;
    f.print(
      `  readonly ${field.localName}: { readonly number: ${field.number}; readonly system: ${system}; readonly lifecycle: ${lifecycle}; readonly local: ${local}; readonly droppable: ${droppable} };`,
    );
  }
  f.print("};");
  f.print();
}

/** Constants, each of its own, which bundlers write as the numbers that they are. */
function generateNumbers(schema: Schema, bodies: readonly DescField[]) {
  const f = begin(schema, "crossbus/v1/field-numbers.ts");
  const { parent } = bodies[0] as DescField;
  const frameMessage = messageOf(bodies, "frame");
  const frame = messageOf(frameMessage.fields, "frame");
  const custom = messageOf(bodies, "custom");
  const inner = [
    numberOf(frameMessage, "frame"),
    numberOf(messageOf(frame.fields, "other"), "typeName"),
    numberOf(custom, "message"),
    numberOf(messageOf(custom.fields, "message"), "typeUrl"),
    numberOf(messageOf(bodies, "other"), "typeName"),
  ];
  if (inner.some((number) => number !== inner[0])) {
    throw new Error(`what is peeked in messages inside a BusMessage has the numbers ${inner}, and must have one`);
  }
  const constant = (comment: string, name: string, value: number | undefined) => {
    f.print(`/** ${comment} */`);
    f.print(`export const ${name} = ${value};`);
    f.print();
  };
  constant("The field of BusMessage that says who it is from.", "source", numberOf(parent, "source"));
  constant("The field of BusMessage that says who it is for.", "target", numberOf(parent, "target"));
  constant(
    "The field that is peeked in each message inside: a frame, a message of a user's own, or the name of a type.",
    "inner",
    inner[0],
  );
  constant("The option that a message type of a user's own has its priority in.", "priority", priorityOption.number);
  constant("That of the system.", "systemPriority", Priority.SYSTEM);
}

function numberOf(message: DescMessage, localName: string): number | undefined {
  return message.fields.find((field) => field.localName === localName)?.number;
}

function generateNames(schema: Schema, bodies: readonly DescField[], kinds: readonly DescField[]) {
  const f = begin(schema, "crossbus/v1/pipecat-names.ts");
  const table = (comment: string, name: string, rows: [string, string][]) => {
    f.print(`/** ${comment} */`);
    f.print(`export const ${name} = {`);
    for (const [key, value] of rows) {
      if (value !== "") {
        f.print(`  ${key}: "${value}",`);
      }
    }
    f.print("} as const;");
    f.print();
  };
  table(
    "The class of each case of BusMessage.body in pipecat-ai 1.3 and newer.",
    "pipecatBodyNames",
    bodies.map((field) => [field.localName, getOption(field, body_case).pipecat]),
  );
  table(
    "The class of each case of BusMessage.body in pipecat-ai-subagents.",
    "pipecatSubagentsBodyNames",
    bodies.map((field) => [field.localName, getOption(field, body_case).pipecatSubagents]),
  );
  table(
    "The class of each case of Frame.kind in Pipecat.",
    "pipecatFrameNames",
    kinds.map((field) => [field.localName, getOption(field, frame_kind).pipecat]),
  );
  const files = schema.files.filter((file) => file.proto.package === "crossbus.v1");
  const messages = files.flatMap((file) => file.messages);
  const classes = messages.filter((message) => hasOption(message, python_class));
  const others = kinds.flatMap((field) => getOption(field, frame_kind).others);
  table(
    "The release of pipecat-ai that brought a class. Others are in the oldest one.",
    "pipecatSince",
    [
      ...bodies.map((field) => getOption(field, body_case)),
      ...kinds.map((field) => getOption(field, frame_kind)),
      ...others,
      ...classes.map((message) => getOption(message, python_class)),
    ].map(({ pipecat, since }) => [JSON.stringify(pipecat), since]),
  );
  f.print(
    "/** The Python classes without fields here that a stock pipeline pushes, and those that its frames hold. */",
  );
  f.print("export const pipecatOtherClasses: readonly string[] = [");
  for (const { pipecat } of others) {
    f.print(`  "${pipecat}",`);
  }
  f.print("];");
  f.print();
  generateClasses(f, classes);
  generateFields(
    f,
    messages.flatMap((message) => message.fields),
  );
  generateEnums(
    f,
    files.flatMap((file) => file.enums),
  );
}

function generateClasses(f: GeneratedFile, classes: readonly DescMessage[]) {
  f.print("/** A class that stands within others, in each dialect, and where newer releases of pipecat-ai have it. */");
  f.print("export interface PythonClass {");
  f.print("  readonly pipecat: string;");
  f.print("  readonly pipecatSubagents: string;");
  f.print("  readonly movedTo?: string;");
  f.print("  readonly movedSince?: string;");
  f.print("}");
  f.print();
  f.print("/** The classes of messages that stand within others, by the name of the message. */");
  f.print("export const pythonClasses: Readonly<Record<string, PythonClass>> = {");
  for (const message of classes) {
    const { pipecat, pipecatSubagents, movedTo, movedSince } = getOption(message, python_class);
    const moved = movedTo === "" ? {} : { movedTo, movedSince };
    f.print(
      `  "${message.typeName}": ${JSON.stringify({ pipecat, pipecatSubagents: pipecatSubagents || pipecat, ...moved })},`,
    );
  }
  f.print("};");
  f.print();
}

function generateFields(f: GeneratedFile, fields: readonly DescField[]) {
  const named = fields.filter((field) => hasOption(field, python_field));
  const qualified = (field: DescField) => `${field.parent.typeName}.${field.name}`;
  const names = (comment: string, table: string, nameOf: (field: DescField) => string) => {
    f.print(`/** ${comment} */`);
    f.print(`export const ${table}: Readonly<Record<string, string>> = {`);
    for (const field of named.filter((candidate) => nameOf(candidate) !== "")) {
      f.print(`  "${qualified(field)}": "${nameOf(field)}",`);
    }
    f.print("};");
    f.print();
  };
  names("What Python calls a field, where that isn't its name here.", "pythonFieldNames", (field) => {
    return getOption(field, python_field).name;
  });
  names("What pipecat-ai alone calls a field.", "pipecatFieldNames", (field) => {
    return getOption(field, python_field).pipecat;
  });
  f.print("/** The optional fields that Python can't do without. */");
  f.print("export const requiredFields: ReadonlySet<string> = /*@__PURE__*/ new Set([");
  for (const field of named.filter((candidate) => getOption(candidate, python_field).required)) {
    f.print(`  "${qualified(field)}",`);
  }
  f.print("]);");
  f.print();
}

function generateEnums(f: GeneratedFile, enums: readonly DescEnum[]) {
  f.print("/** The classes of enumerations that cross by the name of the member. */");
  f.print("export const pythonEnums: Readonly<Record<string, string>> = {");
  for (const desc of enums.filter((candidate) => hasOption(candidate, python_enum))) {
    f.print(`  "${desc.typeName}": "${getOption(desc, python_enum)}",`);
  }
  f.print("};");
}

function begin(schema: Schema, name: string): GeneratedFile {
  const f = schema.generateFile(name);
  f.print("// Generated by protoc-gen-crossbus-traits from the options in proto/crossbus/v1. Do not edit.");
  f.print();
  return f;
}

function find(messages: readonly DescMessage[], name: string): DescMessage {
  const message = messages.find((candidate) => candidate.name === name);
  if (message === undefined) {
    throw new Error(`message ${name} not found`);
  }
  return message;
}

function oneofFields(message: DescMessage, name: string): readonly DescField[] {
  return message.oneofs.find((oneof) => oneof.name === name)?.fields ?? [];
}

function messageOf(fields: readonly DescField[], localName: string): DescMessage {
  const message = fields.find((field) => field.localName === localName)?.message;
  if (message === undefined) {
    throw new Error(`field ${localName} is not a message`);
  }
  return message;
}
