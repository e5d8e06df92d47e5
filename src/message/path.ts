import { invalidArgument, type StatusError, show } from "../base/status.js";

/**
 * Where in a structure a walk is. It is linked, so that walking costs no strings: only an error makes one.
 */
export interface Path {
  readonly parent: Path | string;
  readonly key: string | number;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]{0,63}$/;

/** Writes a path for people, as JavaScript would: `payload.items[3].when`, `payload["two words"]`. */
export function formatPath(path: Path | string): string {
  if (typeof path === "string") {
    return path;
  }
  const parent = formatPath(path.parent);
  if (typeof path.key === "number") {
    return `${parent}[${path.key}]`;
  }
  return IDENTIFIER.test(path.key) ? `${parent}.${path.key}` : `${parent}[${show(path.key)}]`;
}

/** Makes the error for what is wrong at a path, as `invalidArgument` does. */
export function invalidAt(path: Path | string, value: unknown, rule: string): StatusError {
  return invalidArgument(formatPath(path), value, rule);
}
