import { type DescField, type DescMessage, type DescOneof, ScalarType } from "@bufbuild/protobuf";
import type { GeneratedFile } from "@bufbuild/protoplugin";
import { hotFields, isBig, isPayload, methodOf, tagOf } from "./fields.js";

/** Generates what writes a message. */
export function generateWriter(f: GeneratedFile, message: DescMessage, isRoot: boolean) {
  const type = f.importShape(message);
  f.print();
  if (isRoot) {
    f.print("/** Writes a message, or leaves. */");
  }
  f.print(isRoot ? "export " : "", "function write", message.name, "(w: Writer, m: ", type, "): void {");
  f.print(`  if (m.$typeName !== "${message.typeName}" || m.$unknown !== undefined) {`);
  f.print("    w.leave();");
  f.print("  }");
  const fields = [...hotFields(message)].reverse();
  const oneofs = new Set(fields.flatMap(({ oneof }) => (oneof === undefined ? [] : [oneof])));
  for (const oneof of oneofs) {
    f.print(`  const ${oneof.localName} = m.${oneof.localName};`);
  }
  const met = new Set<DescOneof>();
  for (let i = 0; i < fields.length; ) {
    const { oneof } = fields[i] as DescField;
    if (oneof === undefined) {
      writeField(f, fields[i++] as DescField, "m", "  ");
      continue;
    }
    // Other fields may stand between the cases of a oneof: those in a row are one switch.
    const run: DescField[] = [];
    while (fields[i]?.oneof === oneof) {
      run.push(fields[i++] as DescField);
    }
    f.print(`  switch (${oneof.localName}.case) {`);
    for (const field of run) {
      f.print(`    case "${field.localName}":`);
      writeValue(f, field, `${oneof.localName}.value`, "      ");
      f.print("      break;");
    }
    if (!met.has(oneof)) {
      met.add(oneof);
      const others = fields.filter((field) => field.oneof === oneof && !run.includes(field));
      for (const field of others) {
        f.print(`    case "${field.localName}":`);
      }
      if (others.length > 0) {
        f.print("      break;");
      }
      f.print("    default:");
      // A message without it isn't valid here, and cold cases are written by others.
      f.print("      w.leave();");
    }
    f.print("  }");
  }
  f.print("}");
}

function writeField(f: GeneratedFile, field: DescField, from: string, indent: string) {
  const value = `${from}.${field.localName}`;
  if (field.fieldKind === "list") {
    if (field.listKind !== "message") {
      throw new Error(`${field} is a list of scalars, which this plugin doesn't know`);
    }
    f.print(`${indent}for (let i = ${value}.length - 1; i >= 0; i--) {`);
    writeMessage(f, field.message, tagOf(field), `${value}[i]`, `${indent}  `);
    f.print(`${indent}}`);
    return;
  }
  if (field.fieldKind === "message" || field.proto.proto3Optional) {
    f.print(`${indent}if (${value} !== undefined) {`);
  } else if (field.fieldKind === "scalar" && field.scalar === ScalarType.BYTES) {
    f.print(`${indent}if (${value}.length !== 0) {`);
  } else if (field.fieldKind === "scalar" && field.scalar === ScalarType.BOOL) {
    f.print(`${indent}if (${value} !== false) {`);
  } else if (field.fieldKind === "scalar" && field.scalar === ScalarType.DOUBLE) {
    f.print(`${indent}if (!Object.is(${value}, 0)) {`);
  } else {
    const zero = field.scalar === ScalarType.STRING ? '""' : isBig(field.scalar) ? "0n" : "0";
    f.print(`${indent}if (${value} !== ${zero}) {`);
  }
  writeValue(f, field, value, `${indent}  `);
  f.print(`${indent}}`);
}

function writeValue(f: GeneratedFile, field: DescField, value: string, indent: string) {
  if (field.message !== undefined) {
    writeMessage(f, field.message, tagOf(field), value, indent, isPayload(field));
  } else {
    f.print(`${indent}w.${methodOf(field)}(${tagOf(field)}, ${value});`);
  }
}

function writeMessage(
  f: GeneratedFile,
  message: DescMessage,
  tag: number,
  value: string,
  indent: string,
  payload = false,
) {
  f.print(`${indent}{`);
  if (payload) {
    f.print(`${indent}  w.check${message.name}(${value});`);
  }
  f.print(`${indent}  const mark = w.mark();`);
  f.print(`${indent}  write${message.name}(w, ${value}${value.endsWith("[i]") ? " as never" : ""});`);
  f.print(`${indent}  w.nested(${tag}, mark);`);
  f.print(`${indent}}`);
}
