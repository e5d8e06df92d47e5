import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { GeneratedFile } from "@bufbuild/protoplugin";
import { hotFields, isAbsent, isPayload, isValueFile, methodOf, printMadeBytes, tagOf, zeroOf } from "./fields.js";

/** Messages nest no deeper where they can be read at all. */
const MAX_DEPTH = 100;

/** Generates what reads a message. */
export function generateReader(f: GeneratedFile, message: DescMessage, isRoot: boolean) {
  const type = f.importShape(message);
  const fields = hotFields(message);
  const oneofs = [...new Set(fields.flatMap(({ oneof }) => (oneof === undefined ? [] : [oneof])))];
  f.print();
  if (isRoot) {
    f.print("/** Reads a message that ends at `end`, or leaves. */");
  }
  f.print(isRoot ? "export " : "", "function read", message.name, "(r: Reader, end: number): ", type, " {");
  const recursive = isValueFile(message);
  if (recursive) {
    f.print(`  if (++r.depth > ${MAX_DEPTH}) {`);
    f.print("    r.leave();");
    f.print("  }");
  }
  for (const oneof of oneofs) {
    f.print("  let ", oneof.localName, ": ", type, `["${oneof.localName}"] = { case: undefined };`);
  }
  for (const field of fields.filter(({ oneof }) => oneof === undefined)) {
    f.print("  let ", field.localName, ": ", type, `["${field.localName}"] = `, zeroOf(field), ";");
  }
  const once = fields.filter((field) => field.oneof === undefined && field.fieldKind !== "list");
  if (once.length > 0) {
    f.print("  let seen = 0;");
  }
  f.print("  while (r.pos < end) {");
  f.print("    switch (r.tag()) {");
  for (const field of fields) {
    f.print(`      case ${tagOf(field)}:`);
    readField(f, field, once.indexOf(field));
    f.print("        break;");
  }
  f.print("      default:");
  f.print("        r.leave();");
  f.print("    }");
  f.print("  }");
  f.print("  if (r.pos !== end) {");
  f.print("    r.leave();");
  f.print("  }");
  if (recursive) {
    f.print("  r.depth--;");
  }
  printMadeBytes(f, fields, "");
  const own = message.members.filter((member) => member.kind === "oneof" || !isAbsent(member));
  const names = own.map(({ localName }) => localName).join(", ");
  f.print(`  const m = { $typeName: "${message.typeName}"${names === "" ? "" : `, ${names}`} } as `, type, ";");
  for (const field of fields.filter((candidate) => candidate.oneof === undefined && isAbsent(candidate))) {
    f.print(`  if (${field.localName} !== undefined) {`);
    f.print(`    m.${field.localName} = ${field.localName};`);
    f.print("  }");
  }
  f.print("  return m;");
  f.print("}");
}

function readField(f: GeneratedFile, field: DescField, index: number) {
  const indent = "        ";
  if (field.oneof !== undefined) {
    // A second case would have to be merged, or to win: who reads it otherwise would see another message.
    f.print(`${indent}if (${field.oneof.localName}.case !== undefined) {`);
    f.print(`${indent}  r.leave();`);
    f.print(`${indent}}`);
    f.print(`${indent}${field.oneof.localName} = { case: "${field.localName}", value: ${readValue(field)} };`);
    return;
  }
  if (field.fieldKind === "list") {
    f.print(`${indent}${field.localName}.push(${readValue(field)});`);
    return;
  }
  f.print(`${indent}if ((seen & ${1 << index}) !== 0) {`);
  f.print(`${indent}  r.leave();`);
  f.print(`${indent}}`);
  f.print(`${indent}seen |= ${1 << index};`);
  f.print(`${indent}${field.localName} = ${readValue(field)};`);
  if (isPayload(field)) {
    f.print(`${indent}r.check${field.message?.name}(${field.localName});`);
  }
}

function readValue(field: DescField): string {
  if (field.message !== undefined) {
    return `read${field.message.name}(r, r.nested())`;
  }
  return `r.${methodOf(field)}()`;
}
