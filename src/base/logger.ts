import { escapeControls, formatStatus, StatusError } from "./status.js";

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

function line(message: string, fields: LogFields = {}): string {
  const shown = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : `${key}=${format(value)}`,
  );
  return ["crossbus:", message, ...shown].join(" ");
}

function format(value: unknown): string {
  if (value instanceof StatusError) {
    return `"${escapeControls(formatStatus(value))}"`;
  }
  if (value instanceof Error) {
    // The lines of the stack stay lines.
    return (value.stack ?? value.message).split("\n").map(escapeControls).join("\n");
  }
  const text = escapeControls(String(value));
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
