/** Text up to this length, in bytes, is looked for among what was read lately. */
const longest = 32;

/** How many texts are kept. Others take their places. */
const keptTexts = 256;

const texts: string[] = /*@__PURE__*/ Array.from({ length: keptTexts }, () => "");

/**
 * Reads text that is short and plain ASCII. Names and keys come again and again, so that most of it need not be made:
 * it was read before. Gives undefined for other text.
 */
export function readShortText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start;
  if (length > longest) {
    return undefined;
  }
  if (length === 0) {
    return "";
  }
  const place = (length * 31 + (bytes[start] as number) * 7 + (bytes[end - 1] as number) * 3) % keptTexts;
  const kept = texts[place] as string;
  if (kept.length === length) {
    let same = 0;
    while (same < length && kept.charCodeAt(same) === bytes[start + same]) {
      same++;
    }
    // What is kept is plain ASCII, so that the same codes are the same text.
    if (same === length) {
      return kept;
    }
  }
  let text = "";
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    // Also where the bytes end too early.
    if (!(byte < 0x80)) {
      return undefined;
    }
    text += String.fromCharCode(byte);
  }
  texts[place] = text;
  return text;
}
