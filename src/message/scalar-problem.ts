import { isInt64 } from "./int64.js";

import * as Scalar from "./scalar.js";
import { isText } from "./well-formed.js";

/** What is wrong with the content of a scalar field, if anything. */
export function scalarProblem(type: number | undefined, value: unknown): string | undefined {
  switch (type) {
    case Scalar.string:
      return isText(value) ? undefined : "must be a string without lone surrogates";
    case Scalar.bytes:
      return value instanceof Uint8Array ? undefined : "must be a Uint8Array";
    case Scalar.bool:
      return typeof value === "boolean" ? undefined : "must be a boolean";
    case Scalar.double:
    case Scalar.float:
      return typeof value === "number" ? undefined : "must be a number";
    case Scalar.uint32:
    case Scalar.fixed32:
      // -0 is 0 once it is written.
      return typeof value === "number" && value >>> 0 === value
        ? undefined
        : "must be an integer of 32 bits without sign";
    case Scalar.int32:
    case Scalar.sint32:
    case Scalar.sfixed32:
      return typeof value === "number" && (value | 0) === value ? undefined : "must be an integer of 32 bits";
    case Scalar.uint64:
    case Scalar.fixed64:
      return typeof value === "bigint" && BigInt.asUintN(64, value) === value
        ? undefined
        : "must be a bigint of 64 bits without sign";
    default:
      return typeof value === "bigint" && isInt64(value) ? undefined : "must be a bigint of 64 bits";
  }
}
