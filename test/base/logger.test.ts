import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { consoleLogger, silentLogger } from "../../src/base/logger.js";
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
    consoleLogger.warn("text", { agent: "a\nb\u009b2J\u202e", count: 2 });
    expect(written).to.deep.equal([["warn", 'crossbus: text agent="a\\u000ab\\u009b2J\\u202e" count=2']]);
  });

  it("writes a status without its stack", () => {
    consoleLogger.error("text", { error: new StatusError(Code.NOT_FOUND, "no such\nagent") });
    expect(written).to.deep.equal([["error", 'crossbus: text error="NOT_FOUND: no such\\u000aagent"']]);
  });

  it("writes any other error with its stack", () => {
    const error = new Error("broken");
    consoleLogger.error("text", { error });
    expect(written).to.deep.equal([["error", `crossbus: text error=${error.stack}`]]);
  });

  it("writes nothing when it is the silent one", () => {
    silentLogger.debug("a");
    silentLogger.info("b");
    silentLogger.warn("c");
    silentLogger.error("d");
    expect(written).to.deep.equal([]);
  });
});
