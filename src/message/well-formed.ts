const LONE_SURROGATES = /\p{Surrogate}/gu;

/** Not in browsers before 2023, and not in the types of ES2022. */
const { isWellFormed: native } = String.prototype as { isWellFormed?(): boolean };

/** Whether a string can be written as UTF-8 without loss: it holds no surrogate without its other half. */
export function isWellFormed(text: string): boolean {
  return native === undefined ? text.search(LONE_SURROGATES) < 0 : native.call(text);
}

/** Whether something is a string, and one that can be written so. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && isWellFormed(value);
}

/** The text with U+FFFD in the place of each surrogate without its other half. */
export function toWellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(LONE_SURROGATES, "\ufffd");
}
