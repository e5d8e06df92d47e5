import { type DescField, type DescMessage, type DescOneof, ScalarType } from "@bufbuild/protobuf";
import type { GeneratedFile } from "@bufbuild/protoplugin";

/** Which cases of a oneof are hot; those of other oneofs all are. */
const hotNumbers: Readonly<Record<string, (number: number) => boolean>> = {
  "crossbus.v1.BusMessage.body": (number) => number < 16 || (number >= 40 && number < 70),
  "crossbus.v1.Frame.kind": (number) => number < 16,
};

/** Whether a oneof has hot cases and others. */
export function isPartlyHot(oneof: DescOneof): boolean {
  return hotNumbers[`${oneof.parent.typeName}.${oneof.name}`] !== undefined;
}

/** The fields of a message that are hot, by their numbers. */
export function hotFields(message: DescMessage): readonly DescField[] {
  return [...message.fields]
    .filter(({ oneof, number }) => hotNumbers[`${oneof?.parent.typeName}.${oneof?.name}`]?.(number) ?? true)
    .sort((a, b) => a.number - b.number);
}

/** Whether a field holds what has rules of its own. */
export function isPayload(field: DescField): boolean {
  return field.message !== undefined && isValueFile(field.message) && !isValueFile(field.parent);
}

export function isValueFile(message: DescMessage): boolean {
  return message.file.name === "crossbus/v1/value";
}

/** Whether a message without the field doesn't have it as a property either. */
export function isAbsent(field: DescField): boolean {
  return field.fieldKind === "message" || field.proto.proto3Optional;
}

/** What a field has until its value is known. No bytes are `none`, which `printMadeBytes()` replaces. */
export function zeroOf(field: DescField): string {
  if (field.fieldKind === "list") {
    return "[]";
  }
  if (isAbsent(field)) {
    return "undefined";
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return '""';
    case ScalarType.BYTES:
      return "none";
    case ScalarType.BOOL:
      return "false";
    default:
      return isBig(field.scalar) ? "0n" : "0";
  }
}

/** Prints what takes the place of no bytes. To make an array for every message takes longer than to read it. */
export function printNone(f: GeneratedFile) {
  f.print("/** In a message until its bytes are known. */");
  f.print("const none = /*@__PURE__*/ new Uint8Array(0);");
}

/** Prints what gives a message bytes of its own, where it got none. */
export function printMadeBytes(f: GeneratedFile, fields: readonly DescField[], of: string) {
  const own = fields.filter((field) => field.oneof === undefined && !isAbsent(field));
  for (const { localName } of own.filter(({ scalar }) => scalar === ScalarType.BYTES)) {
    f.print(`  if (${of}${localName} === none) {`);
    f.print(`    ${of}${localName} = new Uint8Array(0);`);
    f.print("  }");
  }
}

export function isBig(scalar: ScalarType | undefined): boolean {
  return scalar === ScalarType.INT64 || scalar === ScalarType.SINT64;
}

export function methodOf(field: DescField): string {
  if (field.enum !== undefined) {
    return "int32";
  }
  const methods: Partial<Record<ScalarType, string>> = {
    [ScalarType.STRING]: "text",
    [ScalarType.BYTES]: "bytes",
    [ScalarType.BOOL]: "bool",
    [ScalarType.UINT32]: "uint32",
    [ScalarType.INT64]: "int64",
    [ScalarType.SINT64]: "sint64",
    [ScalarType.DOUBLE]: "double",
  };
  const method = field.scalar === undefined ? undefined : methods[field.scalar];
  if (method === undefined) {
    throw new Error(`${field} has a type that this plugin doesn't know`);
  }
  return method;
}

export function tagOf(field: DescField): number {
  const wireType =
    field.message !== undefined || field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES
      ? 2
      : field.scalar === ScalarType.DOUBLE
        ? 1
        : 0;
  return field.number * 8 + wireType;
}
