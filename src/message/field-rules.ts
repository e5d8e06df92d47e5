import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

const int32 = [-(2n ** 31n), 2n ** 31n - 1n] as const;
const uint32 = [0n, 2n ** 32n - 1n] as const;
const int64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const uint64 = [0n, 2n ** 64n - 1n] as const;

/** The least and the greatest integer of each type of integers. */
export const integerRanges: { readonly [Type in ScalarType]?: readonly [bigint, bigint] } = {
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
};

/** What a value of a type has to be, for people. */
export function scalarRule(type: ScalarType): string {
  switch (type) {
    case ScalarType.STRING:
      return "a string";
    case ScalarType.BYTES:
      return "bytes";
    case ScalarType.BOOL:
      return "a boolean";
    case ScalarType.DOUBLE:
      return "a number";
    case ScalarType.FLOAT:
      return "a number that 32 bits hold";
    default: {
      const [min, max] = integerRanges[type] ?? int64;
      return `an integer from ${min} to ${max}`;
    }
  }
}

/** What the content of a field has to be, for people. */
export function fieldRule(field: DescField): string {
  switch (field.fieldKind) {
    case "scalar":
      return scalarRule(field.scalar);
    case "enum":
      return `a value of ${field.enum.typeName}`;
    case "message":
      return `a ${field.message.typeName}`;
    default:
      return `a ${field.fieldKind}`;
  }
}

/** What an item of a list or a map has to be, for people. */
export function itemRule(field: DescField & { readonly fieldKind: "list" | "map" }): string {
  if (field.message !== undefined) {
    return `a ${field.message.typeName}`;
  }
  return field.enum === undefined ? scalarRule(field.scalar as ScalarType) : `a value of ${field.enum.typeName}`;
}

/** What one of protobuf's own types has to be that has no plain form, or isn't read of one, because of `error`. */
export function wellKnownRule({ typeName }: DescMessage, error: unknown): string {
  if (typeName === "google.protobuf.Any") {
    return `a task can't carry a ${typeName}, as the type in it isn't known here: send it in a message of your own`;
  }
  return `must be a valid ${typeName} (${error instanceof Error ? error.message : String(error)})`;
}

/** Whether 32 bits hold a number, if not all its digits. */
export function isFloat(number: number): boolean {
  return Number.isFinite(Math.fround(number)) || !Number.isFinite(number);
}
