/**
 * What `using` goes by. Safari, and others from before 2025, have no such symbol: there it is the one that esbuild and Babel
 * fall back to when they compile that word.
 */
export const dispose: typeof Symbol.dispose = /* @__PURE__ */ named("dispose");

/** The same for `await using`. */
export const asyncDispose: typeof Symbol.asyncDispose = /* @__PURE__ */ named("asyncDispose");

function named<Name extends "dispose" | "asyncDispose">(name: Name): (typeof Symbol)[Name] {
  const own: (typeof Symbol)[Name] | undefined = Symbol[name];
  return own ?? (Symbol.for(`Symbol.${name}`) as (typeof Symbol)[Name]);
}
