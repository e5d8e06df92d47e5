import { expect } from "chai";
import { Code, StatusError } from "../../src/base/status.js";

/** Expects a call to throw a status of this code, and returns it. */
export function expectThrown(code: Code, call: () => unknown): StatusError {
  try {
    call();
  } catch (error) {
    return expectStatus(code, error);
  }
  expect.fail(`expected ${Code[code]} to be thrown`);
}

/** Expects a promise to reject with a status of this code, and returns it. */
export async function expectRejected(code: Code, promise: Promise<unknown>): Promise<StatusError> {
  try {
    await promise;
  } catch (error) {
    return expectStatus(code, error);
  }
  expect.fail(`expected a rejection with ${Code[code]}`);
}

function expectStatus(code: Code, error: unknown): StatusError {
  expect(error).to.be.instanceOf(StatusError);
  const status = error as StatusError;
  expect(Code[status.code], status.message).to.equal(Code[code]);
  return status;
}
