/** A piece of a text. */
export interface TextPart {
  readonly text: string;
  /** Whether the spaces between it and its neighbours of the same sort are part of them. */
  readonly spaced: boolean;
}

/**
 * Joins the pieces of a text. Between two that don't bring their spaces one is added; between one that does and
 * one that doesn't, only where neither has white space there. White space around the whole is dropped.
 */
export function joinText(parts: readonly TextPart[]): string {
  let joined = "";
  let last: TextPart | undefined;
  for (const part of parts) {
    if (part.text === "") {
      continue;
    }
    if (last !== undefined && needsSpace(last, part)) {
      joined += " ";
    }
    joined += part.text;
    last = part;
  }
  return joined.trim();
}

function needsSpace(before: TextPart, after: TextPart): boolean {
  if (before.spaced === after.spaced) {
    return !before.spaced;
  }
  return !/\s$/.test(before.text) && !/^\s/.test(after.text);
}
