import { runInNewContext } from "node:vm";

/** What an expression is worth in another realm, whose objects have other prototypes. */
export function inOtherRealm(expression: string): unknown {
  return runInNewContext(expression);
}
