/** The words for what became of an input: a message without what it shows of the input. */
export function wordsOf(message: string): string {
  return message
    .replace(/"(?:[^"\\]|\\.)*["…]?/g, "…")
    .replace(/\d+/g, "#")
    .slice(0, 48);
}

/** The bytes of some texts. */
export function texts(...list: readonly string[]): readonly Uint8Array[] {
  const encoder = new TextEncoder();
  return list.map((text) => encoder.encode(text));
}
