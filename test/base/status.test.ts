import { expect } from "chai";
import { describe, it } from "mocha";
import {
  Code,
  formatStatus,
  invalidArgument,
  isRetryable,
  StatusError,
  show,
  status,
  toStatusError,
} from "../../src/base/status.js";

describe("StatusError", () => {
  it("is an error with a code, a message, details and a cause", () => {
    const cause = new Error("inner");
    const details = [{ type: "retryInfo", retryable: true }] as const;
    const error = new StatusError(Code.ABORTED, "outer", { cause, details });
    expect(error).to.be.instanceOf(Error);
    expect(error).to.include({ name: "StatusError", code: 10, message: "outer", cause });
    expect(error.details).to.equal(details);
  });

  it("has no cause where none was given", () => {
    expect(new StatusError(Code.ABORTED, "alone")).not.to.have.property("cause");
  });

  it("is made of a status, and of itself without a copy", () => {
    const plain = status(Code.NOT_FOUND, "gone", [{ type: "retryInfo", retryable: false }]);
    const error = StatusError.of(plain);
    expect(error).to.include({ code: plain.code, message: plain.message, details: plain.details });
    expect(StatusError.of(error)).to.equal(error);
  });
});

describe("invalidArgument", () => {
  it("names the field, the rule and the value, and carries the field for programs", () => {
    const error = invalidArgument("port", 70_000, "must be at most 65535");
    expect(error.code).to.equal(Code.INVALID_ARGUMENT);
    expect(error.message).to.equal("port: must be at most 65535, got 70000");
    expect(error.details).to.deep.equal([{ type: "badRequest", field: "port" }]);
  });
});

describe("toStatusError", () => {
  it("leaves a status as it is", () => {
    const error = new StatusError(Code.DATA_LOSS, "lost");
    expect(toStatusError(error)).to.equal(error);
  });

  it("makes CANCELLED of an abort and DEADLINE_EXCEEDED of a timeout", () => {
    expect(toStatusError(AbortSignal.abort().reason).code).to.equal(Code.CANCELLED);
    expect(toStatusError(new DOMException("late", "TimeoutError")).code).to.equal(Code.DEADLINE_EXCEEDED);
  });

  it("makes UNKNOWN of any other error, with its message, and keeps it as the cause", () => {
    const thrown = new TypeError("no such thing");
    const error = toStatusError(thrown);
    expect(error).to.include({ code: Code.UNKNOWN, message: "no such thing", cause: thrown });
  });

  it("shows what was thrown that is no error", () => {
    expect(toStatusError("a\nb").message).to.equal('"a\\nb"');
    expect(toStatusError(undefined).message).to.equal("undefined");
  });
});

describe("isRetryable", () => {
  it("is true of UNAVAILABLE alone where no detail tells", () => {
    const codes = Object.values(Code).filter((code) => typeof code === "number");
    expect(codes.filter((code) => isRetryable(status(code)))).to.deep.equal([Code.UNAVAILABLE]);
  });

  it("follows a retryInfo detail whatever the code", () => {
    expect(isRetryable(status(Code.UNAVAILABLE, "", [{ type: "retryInfo", retryable: false }]))).to.equal(false);
    expect(
      isRetryable(
        status(Code.INTERNAL, "", [
          { type: "badRequest", field: "x" },
          { type: "retryInfo", retryable: true },
        ]),
      ),
    ).to.equal(true);
  });
});

describe("formatStatus", () => {
  it("writes the code's name, and the message if there is one", () => {
    expect(formatStatus(status(Code.OK))).to.equal("OK");
    expect(formatStatus(status(Code.UNAVAILABLE, "connection refused"))).to.equal("UNAVAILABLE: connection refused");
  });
});

/** What can be thrown, or sent, by somebody who means ill. */
const hostile: readonly unknown[] = [
  { constructor: { name: { toString: 1 } } },
  { constructor: { name: Symbol("x") } },
  {
    get constructor() {
      throw new Error("looked at");
    },
  },
  Object.assign(new Error(), { message: Symbol("x") }),
  Object.assign(new Error(), { message: { toString: 1 } }),
  Object.defineProperty(new Error(), "name", {
    get: () => {
      throw new Error("looked at");
    },
  }),
];

it("whatever it is, it can be shown and is a status", () => {
  for (const value of hostile) {
    expect(show(value)).to.match(/^an object of /);
    expect(toStatusError(value).code).to.equal(Code.UNKNOWN);
  }
});

describe("show", () => {
  it("quotes strings", () => {
    expect(show('say "hi"')).to.equal('"say \\"hi\\""');
  });

  it("escapes control characters and line separators, in whatever they come", () => {
    expect(show("a\nb\u001b[31m\u007f\u0085\u2028\u2029")).to.equal('"a\\nb\\u001b[31m\\u007f\\u0085\\u2028\\u2029"');
    expect(show(Symbol("a\nb"))).to.equal("Symbol(a\\u000ab)");
    const forged = { constructor: { name: "X\nERROR" } };
    expect(show(forged)).to.equal("an object of X\\u000aERROR");
  });

  it("leaves 64 characters and cuts from 65 on", () => {
    expect(show("x".repeat(62))).to.equal(`"${"x".repeat(62)}"`);
    const cut = show("x".repeat(63));
    expect(cut).to.equal(`"${"x".repeat(62)}…`);
    expect(cut).to.have.length(64);
  });

  it("cuts what is escaped, not before", () => {
    expect(show("\u0001".repeat(1_000))).to.have.length(64);
  });

  it("cuts no surrogate pair in half", () => {
    expect(show(`${"x".repeat(61)}😀😀`)).to.equal(`"${"x".repeat(61)}…`);
  });

  it("says what kind of thing an object is, and nothing of its content", () => {
    class Secret {
      readonly token = "hunter2";
    }
    expect(show(new Secret())).to.equal("an object of Secret");
    expect(show({ token: "hunter2" })).to.equal("an object of Object");
    expect(show(Object.create(null))).to.equal("an object of no class");
    expect(show(["hunter2"])).to.equal("an array of 1");
    expect(show(() => "hunter2")).to.equal("a function");
  });

  it("shows numbers, bigints, booleans, null and undefined as they are written", () => {
    expect([1.5, 10n, true, null, undefined, Number.NaN].map(show)).to.deep.equal([
      "1.5",
      "10",
      "true",
      "null",
      "undefined",
      "NaN",
    ]);
  });
});
