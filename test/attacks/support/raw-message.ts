import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** Writes a field that has a length, as Protocol Buffers do. */
export function field(number: number, content: string | Uint8Array): Uint8Array {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(bytes).finish();
}

/** Puts parts one behind the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** The parts of a bus message that carries a frame of text, for who wants to write one of them otherwise. */
export const parts = {
  source: field(1, "acme"),
  target: field(2, "assistant"),
  /** The body, of what is in the frame. */
  frame: (...inFrame: readonly Uint8Array[]) => field(3, field(1, joined(...inFrame))),
  text: (text: string | Uint8Array) => field(4, field(1, text)),
  metadata: (...entries: readonly Uint8Array[]) => field(10, joined(...entries)),
  /** An entry of metadata. */
  entry: (key: string, value: Uint8Array) => field(1, joined(field(1, key), field(2, value))),
  /** A value that is a text. */
  value: (text: string) => field(5, text),
};

/** A value that is so many lists within each other. */
export function nestedLists(depth: number): Uint8Array {
  // From the inside out, into the end of one array: to make each anew would take long.
  const bytes = new Uint8Array(depth * 10 + 16);
  let start = bytes.length;
  const prepend = (part: Uint8Array) => {
    start -= part.length;
    bytes.set(part, start);
  };
  prepend(parts.value("x"));
  const end = bytes.length;
  for (let level = 0; level < depth; level++) {
    // ListValue.values, then Value.list_value.
    for (const tag of [0x0a, 0x3a]) {
      prepend(Uint8Array.from([tag, ...new BinaryWriter().uint32(end - start).finish()]));
    }
  }
  return bytes.subarray(start);
}
