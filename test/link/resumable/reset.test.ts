import { expect } from "chai";
import { describe, it } from "mocha";
import { ResetReason } from "../../../gen/crossbus/v1/link_pb.js";
import { Code, status } from "../../../src/base/status.js";
import { goawayStatus, type ResetReasonName, reasonOf, withReason } from "../../../src/link/resumable/reset.js";

/** What a program reads for a reason of the schema: `UNKNOWN_SESSION` is `unknownSession`. */
function nameOf(reason: string): string {
  return reason.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

const told = (reason: number) =>
  goawayStatus({ code: Code.UNAVAILABLE, message: "", retryAfterMs: 0, reason } as never).details;

describe("the reason of a reset", () => {
  it("has the number and the name that the schema says, for all that there are", () => {
    const known = Object.entries(ResetReason).filter(([, number]) => typeof number === "number" && number > 0);
    expect(known).to.have.length(10);
    for (const [key, number] of known as [string, number][]) {
      const name = nameOf(key) as ResetReasonName;
      expect(told(number)).to.deep.equal([{ type: "errorInfo", reason: name }]);
      expect(reasonOf(withReason(status(Code.UNAVAILABLE, "gone"), name))).to.equal(number);
    }
  });

  it("is none where the peer says none, or one that is unknown here", () => {
    expect(told(ResetReason.UNSPECIFIED)).to.deep.equal([]);
    expect(told(99)).to.deep.equal([]);
    expect(reasonOf(status(Code.UNAVAILABLE, "gone"))).to.equal(0);
    // A limit is named in the same way.
    const details = [{ type: "errorInfo", reason: "maxPending" } as const, { type: "badRequest", field: "x" } as const];
    expect(reasonOf(status(Code.UNAVAILABLE, "gone", details))).to.equal(0);
  });
});
