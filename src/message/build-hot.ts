import { bodyBuilders, kindBuilders } from "../../gen/crossbus/v1/hot-builders.js";
import { isPlainObject } from "./plain-object.js";
import { isWellFormed } from "./well-formed.js";

/**
 * Builds the body of a message that travels much, with generated code. Gives undefined for the rest, and for what is wrong:
 * `fromInit` knows all of it. Bundles for pages have `build-hot-browser.js` in its place.
 */
export function buildHotBody(kind: string, init: unknown): unknown {
  return build(bodyBuilders, kind, init);
}

/** The same for a kind of frame. */
export function buildHotKind(kind: string, init: unknown): unknown {
  return build(kindBuilders, kind, init);
}

function build(builders: typeof bodyBuilders, kind: string, init: unknown): unknown {
  if (!Object.hasOwn(builders, kind) || !isPlainObject(init)) {
    return undefined;
  }
  return builders[kind]?.(init, isWellFormed);
}
