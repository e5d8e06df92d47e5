import { expect } from "chai";
import { describe, it } from "mocha";
import { loadPart } from "../../src/base/load-part.js";
import { Code, isRetryable, StatusError } from "../../src/base/status.js";

describe("loadPart()", () => {
  it("gives what is loaded", async () => {
    expect(await loadPart(async () => ({ part: 1 }))).to.deep.equal({ part: 1 });
  });

  it("tells of what can't be loaded, like a page that is offline, as of a server that can't be reached", async () => {
    const cause = new TypeError("Failed to fetch dynamically imported module");
    const error = await loadPart(() => Promise.reject(cause)).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(StatusError).with.property("code", Code.UNAVAILABLE);
    expect(isRetryable(error as StatusError)).to.equal(true);
    expect(error).to.have.property("cause", cause);
    expect(error).to.have.property("message").that.includes(cause.message);
  });
});
