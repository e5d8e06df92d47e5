import { expect } from "chai";
import { afterEach, beforeEach } from "mocha";
import type { LogFields, Logger } from "../../src/base/logger.js";

/** A line that was logged. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps its lines for a test to look at. */
export class RecordingLogger implements Logger {
  #lines: LogLine[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.#lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.#lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.#lines.push({ level: "error", message, fields });
  }

  /** Returns the lines of a level, and forgets them: a test that takes its errors has expected them. */
  take(level: LogLine["level"]): readonly LogLine[] {
    const taken = this.#lines.filter((line) => line.level === level);
    this.#lines = this.#lines.filter((line) => line.level !== level);
    return taken;
  }

  /** Takes the errors, as what was thrown. */
  takeErrors(): readonly unknown[] {
    return this.take("error").map((line) => line.fields["error"] ?? line.message);
  }

  clear(): void {
    this.#lines = [];
  }
}

/** Makes a logger for the tests of a suite. A test fails when it leaves an error in it. */
export function useRecordingLogger(): RecordingLogger {
  const logger = new RecordingLogger();
  beforeEach(() => logger.clear());
  afterEach(() => {
    expect(logger.take("error"), "errors that no test expected").to.deep.equal([]);
  });
  return logger;
}
