import { expect } from "chai";
import { describe, it } from "mocha";
import { anyOf } from "../../src/auth/any-of.js";
import type { Authenticate } from "../../src/auth/authenticate.js";
import { Code, StatusError } from "../../src/base/status.js";
import { expectRejected, expectThrown } from "../support/expect-status.js";
import { refusal, request } from "./request.js";

describe("any of several authenticators", () => {
  const asked: string[] = [];
  const giving = (name: string) => () => {
    asked.push(name);
    return { name };
  };
  const refusing = (code: Code) => async () => {
    asked.push(Code[code]);
    throw new StatusError(code, `the secret was nearly right`);
  };
  const ask = async (...authenticators: Authenticate[]) => {
    asked.length = 0;
    return anyOf(...authenticators)(request());
  };

  it("is asked in order, until one lets the client in", async () => {
    expect(await ask(giving("amy"), giving("bob"))).to.deep.equal({ name: "amy" });
    expect(asked).to.deep.equal(["amy"]);
    expect(await ask(refusing(Code.UNAUTHENTICATED), giving("bob"))).to.deep.equal({ name: "bob" });
  });

  it("refuses alike whatever each has found", async () => {
    const error = await expectRejected(
      Code.UNAUTHENTICATED,
      ask(refusing(Code.UNAUTHENTICATED), refusing(Code.UNAUTHENTICATED)),
    );
    expect(error.message).to.equal(refusal);
    expect(asked).to.have.length(2);
  });

  it("ends with one that knows better, or is broken", async () => {
    for (const code of [Code.PERMISSION_DENIED, Code.UNAVAILABLE]) {
      await expectRejected(code, ask(refusing(code), giving("bob")));
      expect(asked).to.deep.equal([Code[code]]);
    }
    const broken = ask(() => {
      throw new TypeError("oops");
    }, giving("bob"));
    expect(await broken.catch((error: unknown) => error)).to.be.instanceOf(TypeError);
  });

  it("is one at least", () => {
    expectThrown(Code.INVALID_ARGUMENT, () => anyOf());
    expectThrown(Code.INVALID_ARGUMENT, () => anyOf(undefined as never));
  });
});
