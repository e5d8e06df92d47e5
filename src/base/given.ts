/** A value, or what gives one each time that it is needed. */
export type Given<T> = T | (() => T | Promise<T>);

/** The value, asked for where it is given by a function. */
export function ask<T>(given: Given<T>): T | Promise<T> {
  return typeof given === "function" ? (given as () => T | Promise<T>)() : given;
}
