const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether a string can be written as UTF-8 without loss: it holds no surrogate without its other half. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}
