import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { bearer } from "../../src/auth/bearer.js";
import { bearerCredential, bearerProtocols } from "../../src/auth/bearer-token.js";
import { Code, StatusError } from "../../src/base/status.js";
import { checkProtocols } from "../../src/transport/check-options.js";
import { expectRejected, expectThrown } from "../support/expect-status.js";
import { type Came, credentialOf, refusal, request } from "./request.js";

/** Lets in whoever has "sesame", and keeps what it was asked. */
function guarded() {
  const asked: string[] = [];
  const authenticate = bearer((token) => {
    asked.push(token);
    return token === "sesame" ? { name: "ali" } : undefined;
  });
  return { asked, authenticate, ask: async (came: Came) => authenticate(request(came)) };
}

const offered = (token: string) => ({ "sec-websocket-protocol": bearerProtocols(token).join(", ") });

describe("a bearer token", () => {
  const ways: Readonly<Record<string, (token: string) => Came>> = {
    "a header": (token) => ({ headers: { authorization: `Bearer ${token}` } }),
    "a header, whatever its case": (token) => ({ headers: { authorization: `bEARER  ${token}` } }),
    "a subprotocol": (token) => ({ headers: offered(token) }),
    "a subprotocol among others": (token) => ({
      headers: { "sec-websocket-protocol": `crossbus.v1,x , ${bearerProtocols(token)[1]}` },
    }),
    "the first message": (token) => ({ credential: bearerCredential(token) }),
  };
  for (const [way, came] of Object.entries(ways)) {
    it(`is taken from ${way}, and refused like none at all when it is wrong`, async () => {
      const { ask } = guarded();
      expect(await ask(came("sesame"))).to.deep.equal({ name: "ali" });
      const wrong = await expectRejected(Code.UNAUTHENTICATED, ask(came("sesamf")));
      const none = await expectRejected(Code.UNAUTHENTICATED, ask({}));
      expect([wrong.message, none.message]).to.deep.equal([refusal, refusal]);
    });
  }

  it("of a message counts before one in a header, and that before a subprotocol; none makes up for another", async () => {
    const { ask, asked } = guarded();
    const header = { authorization: "Bearer sesame" };
    await expectRejected(Code.UNAUTHENTICATED, ask({ headers: header, credential: bearerCredential("old") }));
    await expectRejected(
      Code.UNAUTHENTICATED,
      ask({ headers: header, credential: credentialOf("bearer", "no token") }),
    );
    await expectRejected(Code.UNAUTHENTICATED, ask({ headers: { authorization: "Bearer x", ...offered("sesame") } }));
    await expectRejected(Code.UNAUTHENTICATED, ask({ headers: { authorization: "Bearer", ...offered("sesame") } }));
    expect(asked).to.deep.equal(["old", "x"]);
    // What is something else altogether doesn't stand in the way.
    expect(await ask({ headers: header, credential: credentialOf("ticket", "x") })).to.deep.equal({ name: "ali" });
    expect(await ask({ headers: { authorization: "Basic eDp5", ...offered("sesame") } })).to.deep.equal({
      name: "ali",
    });
  });

  it("that can't be one reaches nobody who verifies tokens", async () => {
    const { ask, asked } = guarded();
    const long = "x".repeat(8_193);
    const bytes = (...value: number[]) => ({ credential: { type: "bearer", value: Uint8Array.from(value) } });
    const odd: Came[] = [
      bytes(),
      bytes(0xff, 0xfe),
      bytes(0xef, 0xbb, 0xbf, 0x61),
      { credential: credentialOf("bearer", "ses ame") },
      { credential: credentialOf("bearer", long) },
      { headers: { authorization: "Bearer " } },
      { headers: { authorization: "Bearersesame" } },
      { headers: { authorization: "Bearer ses,ame" } },
      { headers: { authorization: `Bearer ${long}` } },
      { headers: { "sec-websocket-protocol": "bearer." } },
      { headers: { "sec-websocket-protocol": "bearer.a" } },
      { headers: { "sec-websocket-protocol": "bearer.c2VzYW1l=" } },
      { headers: { "sec-websocket-protocol": "bearer.c2Vz%YW1l" } },
      { headers: { "sec-websocket-protocol": `bearer.${"A".repeat(20_000)}` } },
      { headers: { "sec-websocket-protocol": `${bearerProtocols("sesame")[1]}, ${bearerProtocols("other")[1]}` } },
    ];
    for (const came of odd) {
      await expectRejected(Code.UNAUTHENTICATED, ask(came));
    }
    expect(asked).to.deep.equal([]);
  });

  it("may be anything that RFC 6750 allows, in all ways", async () => {
    const text = fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,40}={0,2}$/);
    await fc.assert(
      fc.asyncProperty(text, async (token) => {
        const echo = bearer((given) => ({ name: given }));
        checkProtocols(bearerProtocols(token));
        for (const came of Object.values(ways)) {
          expect((await echo(request(came(token)))).name).to.equal(token);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("that no server would take is refused by what sends it, which doesn't show it", () => {
    for (const token of ["", "hush hush", "hush\n", "hüsh", "x".repeat(8_193), undefined as never]) {
      for (const make of [bearerCredential, bearerProtocols]) {
        expect(expectThrown(Code.INVALID_ARGUMENT, () => make(token)).message).to.not.match(/hush|hüsh|xx/);
      }
    }
  });

  it("is judged by the application, whose statuses pass", async () => {
    const authenticate = bearer(() => {
      throw new StatusError(Code.PERMISSION_DENIED, "not on Sundays");
    });
    const error = await expectRejected(
      Code.PERMISSION_DENIED,
      Promise.resolve(authenticate(request({ credential: bearerCredential("x") }))),
    );
    expect(error.message).to.equal("not on Sundays");
    expectThrown(Code.INVALID_ARGUMENT, () => bearer("sesame" as never));
  });
});
