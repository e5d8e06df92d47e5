import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { Code, isRetryable } from "../../src/base/status.js";
import { closeCodes, closeCodeToStatus, closeReason, statusToCloseCode } from "../../src/transport/close-codes.js";

describe("close codes", () => {
  for (const [received, code, retryable] of [
    [1000, Code.OK, false],
    [1001, Code.UNAVAILABLE, true],
    [1002, Code.INTERNAL, false],
    [1003, Code.INTERNAL, false],
    [1005, Code.UNAVAILABLE, true],
    [1006, Code.UNAVAILABLE, true],
    [1007, Code.INTERNAL, false],
    [1008, Code.PERMISSION_DENIED, false],
    [1009, Code.RESOURCE_EXHAUSTED, true],
    [1010, Code.INTERNAL, false],
    [1011, Code.UNAVAILABLE, true],
    [1012, Code.UNAVAILABLE, true],
    [1013, Code.UNAVAILABLE, true],
    [1014, Code.UNAVAILABLE, true],
    [4000, Code.OK, false],
    [4014, Code.UNAVAILABLE, true],
    [4016, Code.UNAUTHENTICATED, false],
    [4017, Code.UNKNOWN, false],
    [4999, Code.UNKNOWN, false],
    [3000, Code.UNKNOWN, false],
    [1004, Code.UNKNOWN, false],
    [0, Code.UNKNOWN, false],
  ] as const) {
    it(`reads ${received} as ${Code[code]}, ${retryable ? "worth" : "not worth"} another attempt`, () => {
      const status = closeCodeToStatus(received, "");
      expect(status.code).to.equal(code);
      expect(isRetryable(status)).to.equal(retryable);
    });
  }

  it("sends 4000 plus the gRPC code, and reads it back with its reason", () => {
    for (const code of Object.values(Code)) {
      if (typeof code === "number") {
        expect(statusToCloseCode(code)).to.equal(4000 + code);
        expect(closeCodeToStatus(4000 + code, "why")).to.include({ code, message: "why" });
      }
    }
  });

  it("escapes what could forge a log line or take over a terminal, in the reason of a peer", () => {
    for (const bad of [
      "\n",
      "\u001b",
      "\u007f",
      "\u009b",
      "\u2028",
      "\u2029",
      "\u200e",
      "\u202e",
      "\u2066",
      "\u2069",
    ]) {
      const escaped = `\\u${bad.charCodeAt(0).toString(16).padStart(4, "0")}`;
      expect(closeCodeToStatus(4007, `a${bad}b`).message).to.equal(`a${escaped}b`);
    }
  });

  it("names the close code where the peer gave no reason, except for OK", () => {
    expect(closeCodeToStatus(1011, "").message).to.include("1011");
    expect(closeCodeToStatus(1000, "").message).to.equal("");
  });

  it("has no entry for a code that the table leaves to 4000 + code", () => {
    expect(Object.keys(closeCodes).every((code) => Number(code) < 4000)).to.equal(true);
  });

  it("cuts a reason to 123 bytes of valid UTF-8, and changes nothing shorter", () => {
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (message) => {
        const reason = closeReason(message);
        expect(encoder.encode(reason).length).to.be.at.most(123);
        if (encoder.encode(message).length <= 123) {
          expect(reason).to.equal(message);
        } else {
          expect(reason.endsWith("…")).to.equal(true);
          expect(message.startsWith(reason.slice(0, -1))).to.equal(true);
          expect(reason).to.not.match(/\p{Surrogate}/u);
        }
      }),
    );
  });
});
