import { escapeControls, formatStatus, onOneLine, StatusError } from "./status.js";

/** What a log line carries beside its text. Never payloads, tokens or secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where log lines go. The interface is the part that console, pino and LogTape have in common, behind one
 * argument order, so that an adapter for any of them is a line a level.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** How long a field may be, in characters: what a peer chose can't flood a log. */
const maxFieldLength = 256;

/** How long a text for people may be that may hold a few such fields, in characters. */
const maxStatusLength = 1_024;

/**
 * Makes a logger, of whichever an application gave, whose fields are fit for any log: texts are on one line, with control
 * characters escaped, and cut to 256 characters. Peers choose names, types and reasons, and not every logger escapes.
 */
export function safeLogger(logger: Logger = consoleLogger): Logger {
  if (logger === consoleLogger || logger instanceof SafeLogger) {
    return logger;
  }
  return new SafeLogger(logger);
}

class SafeLogger implements Logger {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  debug(message: string, fields?: LogFields): void {
    this.#logger.debug(message, tidy(fields));
  }

  info(message: string, fields?: LogFields): void {
    this.#logger.info(message, tidy(fields));
  }

  warn(message: string, fields?: LogFields): void {
    this.#logger.warn(message, tidy(fields));
  }

  error(message: string, fields?: LogFields): void {
    this.#logger.error(message, tidy(fields));
  }
}

function tidy(fields: LogFields | undefined): LogFields | undefined {
  if (fields === undefined) {
    return undefined;
  }
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === "string" ? onOneLine(value, maxFieldLength) : value]),
  );
}

function line(message: string, fields: LogFields = {}): string {
  const shown = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : `${key}=${format(value)}`,
  );
  return ["crossbus:", message, ...shown].join(" ");
}

function format(value: unknown): string {
  if (value instanceof StatusError) {
    return `"${onOneLine(formatStatus(value), maxStatusLength)}"`;
  }
  if (value instanceof Error) {
    const { name, message, stack = "" } = value;
    // In Firefox and Safari the stack doesn't say what the error is.
    const text = stack.includes(message || name) ? stack : `${name}: ${message}\n${stack}`;
    // The lines of the stack stay lines.
    return text.split("\n").map(escapeControls).join("\n");
  }
  const text = onOneLine(String(value), maxFieldLength);
  return typeof value === "string" && /[^\w./:-]/.test(text) ? `"${text}"` : text;
}

/**
 * The default logger: warnings and errors go to the console, the rest nowhere. A status is shown without its
 * stack, any other error with it.
 */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => console.warn(line(message, fields)),
  error: (message, fields) => console.error(line(message, fields)),
};

/** A logger that drops everything. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
