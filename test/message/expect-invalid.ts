import { expect } from "chai";
import { Code, StatusError } from "../../src/base/status.js";

/** Expects a call to throw INVALID_ARGUMENT for one field, named in the message and in the details. */
export function expectInvalid(call: () => unknown, field: string, text: string | RegExp = ""): void {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, "what was thrown").to.be.instanceOf(StatusError);
  if (thrown instanceof StatusError) {
    expect(Code[thrown.code]).to.equal("INVALID_ARGUMENT");
    // A limit that was reached is named behind it.
    expect(thrown.details[0]).to.deep.equal({ type: "badRequest", field });
    expect(thrown.message.startsWith(`${field}: `), thrown.message).to.equal(true);
    expect(thrown.message).to.match(text instanceof RegExp ? text : new RegExp(text));
  }
}
