import { create, type DescMessage, fromBinary, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import type { BusMessage, CustomMessage } from "../../gen/crossbus/v1/message_pb.js";
import { Code, invalidArgument, StatusError } from "../base/status.js";
import { busMessage, type Envelope } from "./build.js";
import { customTypeName, setCustomSchema } from "./custom-schema.js";
import { LocalMessage } from "./local-message.js";
import { formatPath, type Path } from "./path.js";
import type { BusMessageWith } from "./types.js";
import { isWellFormed } from "./well-formed.js";

/**
 * Makes a bus message that carries a message of your own. `schema` is what protoc-gen-es generated for its type,
 * `init` any of its fields. The priority is that of the option `crossbus.v1.priority` on the type; without it
 * the message is data. Throws INVALID_ARGUMENT for fields of a wrong type and for strings with lone surrogates.
 */
export function customMessage<Desc extends DescMessage>(
  schema: Desc,
  init?: MessageInitShape<Desc>,
  envelope: Envelope = {},
): BusMessageWith<"custom"> {
  const content = create(schema, init);
  checkStrings(content, schema.typeName);
  const body: CustomMessage = { $typeName: "crossbus.v1.CustomMessage", message: pack(schema, content) };
  setCustomSchema(body, schema);
  return busMessage("custom", body, envelope);
}

/**
 * Reads a message of your own from a bus message, or undefined when it carries something else. Throws
 * INVALID_ARGUMENT when it says it is of this type but doesn't parse.
 */
export function readCustom<Desc extends DescMessage>(
  message: BusMessage | LocalMessage,
  schema: Desc,
): MessageShape<Desc> | undefined {
  const any =
    message instanceof LocalMessage || message.body.case !== "custom" ? undefined : message.body.value.message;
  if (any === undefined || customTypeName(any.typeUrl) !== schema.typeName) {
    return undefined;
  }
  try {
    return fromBinary(schema, any.value);
  } catch (error) {
    throw new StatusError(
      Code.INVALID_ARGUMENT,
      `custom.message: must hold a ${schema.typeName}, which its ${any.value.length} bytes aren't`,
      { cause: error, details: [{ type: "badRequest", field: "custom.message" }] },
    );
  }
}

function pack<Desc extends DescMessage>(schema: Desc, content: MessageShape<Desc>) {
  try {
    return anyPack(schema, content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidArgument(schema.typeName, content, `must be a valid ${schema.typeName} (${reason})`);
  }
}

/** The encoder would write U+FFFD for lone surrogates without a word, so they are looked for first. */
function checkStrings(content: object, name: string): void {
  const seen = new Set<object>([content]);
  const stack: { readonly object: object; readonly path: Path | string }[] = [{ object: content, path: name }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    for (const [key, member] of Object.entries(top.object)) {
      const path = { parent: top.path, key: Array.isArray(top.object) ? Number(key) : key };
      // The keys of a map are strings of the message too.
      if (!isWellFormed(key) || (typeof member === "string" && !isWellFormed(member))) {
        throw invalidArgument(formatPath(path), member, "must hold no lone surrogate");
      }
      if (typeof member === "object" && member !== null && !(member instanceof Uint8Array) && !seen.has(member)) {
        seen.add(member);
        stack.push({ object: member, path });
      }
    }
  }
}
