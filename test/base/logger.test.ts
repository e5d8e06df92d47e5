import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { consoleLogger, type LogFields, safeLogger, silentLogger } from "../../src/base/logger.js";
import { Code, StatusError } from "../../src/base/status.js";

const methods = ["debug", "info", "log", "warn", "error"] as const;

describe("consoleLogger", () => {
  const original = { ...console };
  let written: [method: string, ...args: unknown[]][] = [];

  beforeEach(() => {
    written = [];
    for (const method of methods) {
      console[method] = (...args: unknown[]) => void written.push([method, ...args]);
    }
  });

  afterEach(() => {
    Object.assign(console, original);
  });

  it("writes warnings and errors to the console, and the rest nowhere", () => {
    consoleLogger.debug("debug");
    consoleLogger.info("info");
    consoleLogger.warn("warn");
    consoleLogger.error("error");
    expect(written).to.deep.equal([
      ["warn", "crossbus: warn"],
      ["error", "crossbus: error"],
    ]);
  });

  it("writes fields after the text, on one line, with nothing in them that could take over a terminal", () => {
    consoleLogger.warn("text", { agent: "a\nb\u009b2J\u202e\u061c", count: 2 });
    expect(written).to.deep.equal([["warn", 'crossbus: text agent="a\\u000ab\\u009b2J\\u202e\\u061c" count=2']]);
  });

  it("writes a status without its stack", () => {
    consoleLogger.error("text", { error: new StatusError(Code.NOT_FOUND, "no such\nagent") });
    expect(written).to.deep.equal([["error", 'crossbus: text error="NOT_FOUND: no such\\u000aagent"']]);
  });

  it("cuts long fields to 256 characters, and a long status to 1 024", () => {
    const long = "x".repeat(100_000);
    consoleLogger.warn("text", { agent: long, error: new StatusError(Code.NOT_FOUND, long) });
    const status = `NOT_FOUND: ${"x".repeat(1_012)}…`;
    expect(written).to.deep.equal([["warn", `crossbus: text agent="${"x".repeat(255)}…" error="${status}"`]]);
  });

  it("writes any other error with its stack", () => {
    const error = new Error("broken");
    consoleLogger.error("text", { error });
    expect(written.map(([method]) => method)).to.deep.equal(["error"]);
    expect(written[0]?.[1]).to.match(/^crossbus: text error=Error: broken\n/);
    expect(String(written[0]?.[1]).endsWith(String(error.stack))).to.equal(true);
  });

  it("says what an error is where the stack doesn't, as in Firefox and Safari", () => {
    const error = new TypeError("x is undefined");
    error.stack = "handle@https://a.test/page.js:1:2\n@https://a.test/page.js:3:4\n";
    consoleLogger.error("text", { error });
    expect(written.map(([, text]) => text)).to.deep.equal([
      `crossbus: text error=TypeError: x is undefined\n${error.stack}`,
    ]);
  });

  it("writes nothing when it is the silent one", () => {
    silentLogger.debug("a");
    silentLogger.info("b");
    silentLogger.warn("c");
    silentLogger.error("d");
    expect(written).to.deep.equal([]);
  });
});

describe("safeLogger", () => {
  function recording() {
    const lines: [level: string, message: string, fields: LogFields | undefined][] = [];
    const level = (name: string) => (message: string, fields?: LogFields) => void lines.push([name, message, fields]);
    return {
      lines,
      logger: { debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") },
    };
  }

  it("passes on what every level is told", () => {
    const { lines, logger } = recording();
    const safe = safeLogger(logger);
    const error = new Error("broken");
    safe.debug("a");
    safe.info("b", { count: 1 });
    safe.warn("c", { agent: "acme" });
    safe.error("d", { error });
    expect(lines).to.deep.equal([
      ["debug", "a", undefined],
      ["info", "b", { count: 1 }],
      ["warn", "c", { agent: "acme" }],
      ["error", "d", { error }],
    ]);
  });

  it("escapes the texts of fields, and cuts them to 256 characters", () => {
    const { lines, logger } = recording();
    safeLogger(logger).warn("text", { agent: "a\r\nb\u001b[2J", type: "y".repeat(1_000_000) });
    expect(lines[0]?.[2]).to.deep.equal({ agent: "a\\u000d\\u000ab\\u001b[2J", type: `${"y".repeat(255)}…` });
  });

  it("doesn't cut between the halves of a surrogate pair", () => {
    const { lines, logger } = recording();
    safeLogger(logger).warn("text", { agent: `${"y".repeat(254)}😀${"y".repeat(10)}` });
    expect(lines[0]?.[2]).to.deep.equal({ agent: `${"y".repeat(254)}…` });
  });

  it("is the console's where an application gives none, and wraps no logger twice", () => {
    const safe = safeLogger(silentLogger);
    expect(safeLogger(safe)).to.equal(safe);
    expect(safeLogger()).to.equal(consoleLogger);
  });
});
