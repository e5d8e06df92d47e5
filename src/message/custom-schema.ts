import type { DescMessage } from "@bufbuild/protobuf";
import * as FieldNumber from "../../gen/crossbus/v1/field-numbers.js";
import type { CustomMessage } from "../../gen/crossbus/v1/message_pb.js";

const TYPE_URL_PREFIX = "type.googleapis.com/";

const schemas = /*@__PURE__*/ new WeakMap<CustomMessage, DescMessage>();
const systemTypes = /*@__PURE__*/ new WeakMap<DescMessage, boolean>();

/**
 * The type of the message in a `custom` body, as far as this process knows it: the builder says it, and a proxy
 * for the types it was given. It is never read from the wire alone.
 */
export function customSchema(body: CustomMessage): DescMessage | undefined {
  return schemas.get(body);
}

/** Says which type the message in a `custom` body has. */
export function setCustomSchema(body: CustomMessage, schema: DescMessage): void {
  schemas.set(body, schema);
}

/** Whether a message type of a user's own has the option `crossbus.v1.priority` set to system. */
export function isSystemType(schema: DescMessage): boolean {
  let system = systemTypes.get(schema);
  if (system === undefined) {
    system = readPriority(schema) === FieldNumber.systemPriority;
    systemTypes.set(schema, system);
  }
  return system;
}

/**
 * The name of the type that a type URL of `google.protobuf.Any` stands for, or undefined when it isn't
 * `type.googleapis.com/` and a name: other hosts and further slashes aren't taken.
 */
export function customTypeName(typeUrl: string): string | undefined {
  const name = typeUrl.slice(TYPE_URL_PREFIX.length);
  return typeUrl.startsWith(TYPE_URL_PREFIX) && name !== "" && !name.includes("/") ? name : undefined;
}

/** The number in the option. Its message doesn't know the field, as it is one of ours, and keeps it as it was read. */
function readPriority({ proto }: DescMessage): number | undefined {
  return proto.options?.$unknown?.filter(({ no }) => no === FieldNumber.priority).at(-1)?.data[0];
}
