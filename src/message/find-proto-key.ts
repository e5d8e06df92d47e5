import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { fieldByNumber } from "./look-up.js";

const KEY = "__proto__";
const KEY_BYTES = /*@__PURE__*/ new TextEncoder().encode(KEY);

const textMaps = /*@__PURE__*/ new WeakMap<DescMessage, boolean>();

/**
 * The name of a map in an encoded message that has the key `__proto__`, or undefined where none has. protobuf-es keeps
 * maps in plain objects: it loses such an entry, or gives the object a prototype that the peer has made, in which
 * whoever looks up another key finds something. Afterwards nothing tells.
 *
 * Only for bytes that protobuf-es has read. They are read as it does, which doesn't look at wire types, lest a peer get
 * by with bytes that say one thing here and another there.
 */
export function findProtoKey(schema: DescMessage, bytes: Uint8Array): string | undefined {
  // Next to no message has it anywhere, and of types without such maps nobody has to look.
  return hasTextMap(schema) && hasKey(bytes)
    ? findInMessage(schema, new BinaryReader(bytes), bytes.length, false)
    : undefined;
}

/** Whether a message of a type may have a map with text as keys, at any depth. */
function hasTextMap(schema: DescMessage): boolean {
  let answer = textMaps.get(schema);
  if (answer === undefined) {
    const types = new Set([schema]);
    // A set is walked to its end, also to what is added on the way.
    for (const { fields } of types) {
      for (const { message } of fields) {
        if (message !== undefined) {
          types.add(message);
        }
      }
    }
    const isTextMap = (field: DescField) => field.fieldKind === "map" && field.mapKey === ScalarType.STRING;
    answer = [...types].some(({ fields }) => fields.some(isTextMap));
    textMaps.set(schema, answer);
  }
  return answer;
}

/** Looks at one byte in nine or so, since it is done for each message: the last byte of where the key may be says how far off it is. */
function hasKey(bytes: Uint8Array): boolean {
  const last = KEY.length - 1;
  for (let at = last; at < bytes.length; at += last - KEY_BYTES.lastIndexOf(bytes[at] ?? 0, last - 1)) {
    let matching = 0;
    while (matching <= last && bytes[at - matching] === KEY_BYTES[last - matching]) {
      matching++;
    }
    if (matching > last) {
      return true;
    }
  }
  return false;
}

function findInMessage(type: DescMessage, reader: BinaryReader, end: number, isGroup: boolean): string | undefined {
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    if (isGroup && wireType === WireType.EndGroup) {
      return undefined;
    }
    const field = fieldByNumber(type, number) as DescField | undefined;
    if (field === undefined) {
      reader.skip(wireType, number);
      continue;
    }
    const found = findInField(field, reader, wireType);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function findInField(field: DescField, reader: BinaryReader, wireType: WireType): string | undefined {
  if (field.fieldKind === "map") {
    return findInEntry(field, reader);
  }
  if (field.message !== undefined) {
    return findInContent(field.message, reader, field.delimitedEncoding ? undefined : reader.uint32());
  }
  // The items of a list may come packed.
  reader.skip(
    field.fieldKind === "list" && wireType === WireType.LengthDelimited ? wireType : wireTypeOf(field.scalar),
  );
  return undefined;
}

/** Without a length it is a group. */
function findInContent(type: DescMessage, reader: BinaryReader, length: number | undefined): string | undefined {
  return length === undefined
    ? findInMessage(type, reader, reader.len, true)
    : findInMessage(type, reader, reader.pos + length, false);
}

function findInEntry(field: DescField & { readonly fieldKind: "map" }, reader: BinaryReader): string | undefined {
  const length = reader.uint32();
  const end = reader.pos + length;
  let found: string | undefined;
  while (reader.pos < end) {
    const [number] = reader.tag();
    if (number === 1 && field.mapKey === ScalarType.STRING) {
      // Of several keys the last one counts.
      found = reader.string() === KEY ? field.name : undefined;
    } else if (number === 1) {
      reader.skip(wireTypeOf(field.mapKey));
    } else if (number === 2 && field.message !== undefined) {
      const within = findInContent(field.message, reader, reader.uint32());
      if (within !== undefined) {
        return within;
      }
    } else if (number === 2) {
      reader.skip(wireTypeOf(field.scalar));
    }
  }
  return found;
}

/** The wire type of a scalar, or of an enumeration, which is none. */
function wireTypeOf(type: ScalarType | undefined): WireType {
  switch (type) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32;
    default:
      return WireType.Varint;
  }
}
