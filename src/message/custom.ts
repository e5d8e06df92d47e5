import { create, type DescMessage, fromBinary, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import type { BusMessage, CustomMessage } from "../../gen/crossbus/v1/message_pb.js";
import { Code, invalidArgument, StatusError } from "../base/status.js";
import { busMessage, type Envelope } from "./build.js";
import { checkInit } from "./check-init.js";
import { customTypeName, setCustomSchema } from "./custom-schema.js";
import { findProtoKey } from "./find-proto-key.js";
import { keepMarks } from "./keep-marks.js";
import { LocalMessage } from "./local-message.js";
import type { BusMessageWith } from "./types.js";

/**
 * Makes a bus message that carries a message of your own. `schema` is what protoc-gen-es generated for its type,
 * `init` any of its fields. The priority is that of the option `crossbus.v1.priority` on the type; without it
 * the message is data. Throws INVALID_ARGUMENT, with a path such as `acme.v1.Order.items[0].count`, for fields that the
 * type doesn't have, values of a wrong type or out of range, strings with lone surrogates, a map with the key
 * `__proto__`, required fields that aren't set, and more than 100 messages within each other.
 */
export function customMessage<Desc extends DescMessage>(
  schema: Desc,
  init?: MessageInitShape<Desc>,
  envelope: Envelope = {},
): BusMessageWith<"custom"> {
  checkSchema(schema);
  if (init !== undefined) {
    checkInit(schema, init, schema.typeName);
  }
  const content = create(schema, init);
  const body: CustomMessage = { $typeName: "crossbus.v1.CustomMessage", message: pack(schema, content) };
  setCustomSchema(body, schema);
  return busMessage("custom", body, envelope);
}

/**
 * Reads a message of your own from a bus message, or undefined when it carries something else. Throws
 * INVALID_ARGUMENT when it says it is of this type but doesn't parse, and when a map in it has the key `__proto__`, which
 * it would lose in JavaScript.
 */
export function readCustom<Desc extends DescMessage>(
  message: BusMessage | LocalMessage,
  schema: Desc,
): MessageShape<Desc> | undefined {
  const any =
    message instanceof LocalMessage || message.body.case !== "custom" ? undefined : message.body.value.message;
  checkSchema(schema);
  if (any === undefined || customTypeName(any.typeUrl) !== schema.typeName) {
    return undefined;
  }
  let content: MessageShape<Desc>;
  try {
    content = keepMarks(() => fromBinary(schema, any.value));
  } catch (error) {
    throw new StatusError(
      Code.INVALID_ARGUMENT,
      `custom.message: must hold a ${schema.typeName}, which its ${any.value.length} bytes aren't: ${reasonOf(error)}`,
      { cause: error, details: [{ type: "badRequest", field: "custom.message" }] },
    );
  }
  const field = keepMarks(() => findProtoKey(schema, any.value));
  if (field !== undefined) {
    throw invalidArgument(
      "custom.message",
      "__proto__",
      `the map ${field} must not have a key that JavaScript would lose`,
    );
  }
  return content;
}

function pack<Desc extends DescMessage>(schema: Desc, content: MessageShape<Desc>) {
  try {
    return anyPack(schema, content);
  } catch (error) {
    throw new StatusError(Code.INVALID_ARGUMENT, `${schema.typeName}: can't be written: ${reasonOf(error)}`, {
      cause: error,
      details: [{ type: "badRequest", field: schema.typeName }],
    });
  }
}

/** A schema is a value, so that in JavaScript anything may be given for it. */
function checkSchema(schema: DescMessage): void {
  if (schema?.kind !== "message") {
    throw invalidArgument("schema", schema, "must be the schema of a message, as protoc-gen-es generates it");
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
