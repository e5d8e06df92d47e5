import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { type Value, ValueSchema } from "../../../gen/crossbus/v1/value_pb.js";
import { decodeMessage } from "../../../src/codec/decode-message.js";
import { isTruthy, jsonText } from "../../../src/conversation/json-text.js";
import { checkValue } from "../../../src/message/check-value.js";
import { valueToMessage } from "../../../src/message/read-message-value.js";
import { valueType } from "../../../src/message/schema.js";
import { toJs, toValue } from "../../../src/message/value.js";
import { messageToValue } from "../../../src/message/write-message-value.js";
import { OrderSchema } from "../../message/gen/acme/v1/order_pb.js";
import { SampleSchema } from "../../message/gen/acme/v1/sample_pb.js";
import { field } from "../../support/arbitrary-bytes.js";
import { arbitraryValue } from "../../support/arbitrary-message.js";
import { unlessInvalid } from "../../support/judge-protobuf.js";
import { mutateFields } from "../grammar.js";
import type { FuzzTarget } from "../target.js";
import { strangePrototype } from "../world.js";
import { texts } from "./outcome.js";

const keys = SampleSchema.fields.map(({ name }) => name);

/** Objects with the fields of a message of an application's, of which some hold what they should. */
const arbitrarySample = fc
  .uniqueArray(fc.record({ key: fc.oneof(fc.constantFrom(...keys), hostileKey()), value: arbitraryValue }), {
    maxLength: 6,
    selector: ({ key }) => key,
  })
  .map((entries) => encoded(entries));

/** Structured payloads, as an application reads them. */
export const valuesTarget: FuzzTarget = {
  name: "values",
  about: "payloads as plain JavaScript, as an application's messages, and as text for a language model",
  seeds: () => [
    ...keys.map((key) => encoded([{ key, value: toValue({ seconds: 1, "1": "a", true: 2 }) }])),
    ...keys.map((key) => encoded([{ key, value: toValue([1, "2024-01-01T00:00:00Z", "1.5s", null]) }])),
    ...["__proto__", "constructor", "toString"].map((key) => encoded([{ key, value: toValue({ polluted: true }) }])),
    encoded([{ key: "by_text", value: toValue(JSON.parse('{ "__proto__": 1, "a": 2 }')) }]),
  ],
  arbitrary: fc.oneof(
    arbitraryValue.map((value) => toBinary(ValueSchema, value)),
    arbitrarySample,
  ),
  mutate: mutateFields,
  dictionary: [...texts("__proto__", "constructor", "prototype", "2024-01-01T00:00:00Z", "1.5s", ...keys)],
  run(input) {
    const value = unlessInvalid(() => decodeMessage(valueType, input));
    if (value === undefined) {
      return "unreadable";
    }
    const isValid = unlessInvalid(() => {
      checkValue(value);
      return true;
    });
    if (isValid === undefined) {
      expect(unlessInvalid(() => toJs(value))).to.equal(undefined);
      return "invalid";
    }
    const plain = toJs(value);
    expect(strangePrototype(plain), "what a value reads as inherits from what it shouldn't").to.equal(undefined);
    if (!holdsTypeName(plain)) {
      expect(toJs(toValue(plain))).to.deep.equal(plain);
    }
    JSON.parse(jsonText(value).replace(/-?\b(?:NaN|Infinity)\b/g, "0"));
    isTruthy(value);
    return [OrderSchema, SampleSchema].map((schema) => read(schema, value)).join(" ");
  },
};

/** Reads a payload as a message of an application's, and expects to get the same from what that is written as. */
function read(schema: DescMessage, value: Value): string {
  const message = unlessInvalid(() => valueToMessage(schema, value, "value"));
  if (message === undefined) {
    return "no";
  }
  const again = unlessInvalid(() => valueToMessage(schema, messageToValue(schema, message, "value"), "value"));
  if (again === undefined) {
    // What a payload says of an Any of an unknown type, say, can be read and not be written.
    return "once";
  }
  const [first, second] = [toBinary(schema, message), toBinary(schema, again)];
  if (Buffer.compare(first, second) !== 0) {
    expect(fromBinary(schema, second)).to.deep.equal(fromBinary(schema, first));
  }
  return "yes";
}

/** A member of this name makes `toValue` take an object for a message: its documentation says to drop it. */
function holdsTypeName(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && ("$typeName" in value || Object.values(value).some(holdsTypeName))
  );
}

function encoded(entries: readonly { readonly key: string; readonly value: Value }[]): Uint8Array {
  const list = entries.map(({ key, value }) => field(1, field(1, key), field(2, toBinary(ValueSchema, value))));
  const struct = ValueSchema.field["structValue"]?.number as number;
  return field(struct, ...list);
}

function hostileKey(): fc.Arbitrary<string> {
  return fc.constantFrom("__proto__", "constructor", "hasOwnProperty", "toString", "$typeName", "", "7");
}
