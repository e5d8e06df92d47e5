/**
 * The gRPC status codes. Every error that crosses an API or the wire carries one.
 */
export enum Code {
  OK = 0,
  CANCELLED = 1,
  UNKNOWN = 2,
  INVALID_ARGUMENT = 3,
  DEADLINE_EXCEEDED = 4,
  NOT_FOUND = 5,
  ALREADY_EXISTS = 6,
  PERMISSION_DENIED = 7,
  RESOURCE_EXHAUSTED = 8,
  FAILED_PRECONDITION = 9,
  ABORTED = 10,
  OUT_OF_RANGE = 11,
  UNIMPLEMENTED = 12,
  INTERNAL = 13,
  UNAVAILABLE = 14,
  DATA_LOSS = 15,
  UNAUTHENTICATED = 16,
}

/**
 * What a program can read from a status beside its code.
 *
 * - `badRequest`: which option or field is wrong. `field` is its path.
 * - `retryInfo`: whether the same attempt may succeed later, where the code alone doesn't tell, and when at the earliest.
 * - `errorInfo`: which of several things that have the same code it is, for instance why a link was reset.
 * - `resourceInfo`: what it is about: the agent, say, that failed at a task.
 */
export type StatusDetail =
  | { readonly type: "badRequest"; readonly field: string }
  | { readonly type: "retryInfo"; readonly retryable: boolean; readonly afterMs?: number }
  | { readonly type: "errorInfo"; readonly reason: string }
  | { readonly type: "resourceInfo"; readonly resourceType: "agent"; readonly resourceName: string };

/**
 * A gRPC code with a message for people and details for programs. `StatusError` is one, and so is the plain
 * value that `status()` makes, for places where nothing is thrown.
 */
export interface Status {
  readonly code: Code;
  /** What happened, to what, and what to do about it. Empty for a plain OK. */
  readonly message: string;
  readonly details: readonly StatusDetail[];
}

/** Makes a status that isn't thrown, for instance the reason a connection is closed with. */
export function status(code: Code, message = "", details: readonly StatusDetail[] = []): Status {
  return { code, message, details };
}

/**
 * The one error class of this package: a status that can be thrown.
 */
export class StatusError extends Error implements Status {
  override readonly name = "StatusError";
  readonly code: Code;
  readonly details: readonly StatusDetail[];

  constructor(code: Code, message: string, options: { details?: readonly StatusDetail[]; cause?: unknown } = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? [];
  }

  /** Makes an error of a status. */
  static of(from: Status): StatusError {
    return from instanceof StatusError ? from : new StatusError(from.code, from.message, { details: from.details });
  }
}

/**
 * Makes the error for a bad option or field: INVALID_ARGUMENT, with a message that names the field and shows
 * the value, and a `badRequest` detail.
 */
export function invalidArgument(field: string, value: unknown, rule: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `${field}: ${rule}, got ${show(value)}`, {
    details: [{ type: "badRequest", field }],
  });
}

/**
 * Makes a status of anything that was thrown. A status stays what it is, an abort becomes CANCELLED (or
 * DEADLINE_EXCEEDED where a timeout aborted), anything else UNKNOWN with its message.
 */
export function toStatusError(thrown: unknown): StatusError {
  try {
    return statusOf(thrown);
  } catch {
    // Anything can be thrown, also what throws when it is looked at.
    return new StatusError(Code.UNKNOWN, "what was thrown can't be shown");
  }
}

function statusOf(thrown: unknown): StatusError {
  if (thrown instanceof StatusError) {
    return thrown;
  }
  if (thrown instanceof Error) {
    const code =
      thrown.name === "AbortError"
        ? Code.CANCELLED
        : thrown.name === "TimeoutError"
          ? Code.DEADLINE_EXCEEDED
          : Code.UNKNOWN;
    return new StatusError(code, thrown.message, { cause: thrown });
  }
  return new StatusError(Code.UNKNOWN, show(thrown), { cause: thrown });
}

/** Whether the same attempt may succeed later: UNAVAILABLE, or as a `retryInfo` detail says. */
export function isRetryable(from: Status): boolean {
  return retryInfo(from)?.retryable ?? from.code === Code.UNAVAILABLE;
}

/** When the same attempt may succeed at the earliest, in milliseconds, as far as a status tells. */
export function retryAfterMs(from: Status): number {
  return retryInfo(from)?.afterMs ?? 0;
}

function retryInfo({ details }: Status) {
  return details.find((detail) => detail.type === "retryInfo");
}

/** Formats a status for people: `UNAVAILABLE: connection refused`. */
export function formatStatus(from: Status): string {
  return from.message === "" ? Code[from.code] : `${Code[from.code]}: ${from.message}`;
}

/**
 * Shows a value in an error message or a log line: on one line, with control characters escaped, and cut to
 * 64 characters, so that what a peer chose can't forge or flood a log.
 */
export function show(value: unknown): string {
  return onOneLine(textOf(value), 64);
}

/** Text with its control characters escaped, and cut to a length. */
export function onOneLine(text: string, length: number): string {
  // Cut first: to escape a megabyte takes long. Then not between the halves of a surrogate pair.
  const escaped = escapeControls(text.slice(0, length + 1));
  return escaped.length > length ? `${escaped.slice(0, length - 1).replace(/[\ud800-\udbff]$/, "")}…` : escaped;
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "function":
      return "a function";
    case "object":
      return value === null ? "null" : Array.isArray(value) ? `an array of ${value.length}` : objectText(value);
    default:
      return String(value);
  }
}

function objectText(value: object): string {
  let name: unknown;
  try {
    // What a peer sent may have a constructor of its own, with any name.
    name = value.constructor?.name;
  } catch {
    name = undefined;
  }
  return `an object of ${typeof name === "string" ? name : "no class"}`;
}

/**
 * Escapes what could forge a log line or take over a terminal: control characters, line separators, and the characters
 * that turn the direction of text.
 */
export function escapeControls(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
