import { expect } from "chai";
import { describe, it } from "mocha";
import { clientCertificates } from "../../src/auth/client-certificates.js";
import { Code } from "../../src/base/status.js";
import { expectRejected, expectThrown } from "../support/expect-status.js";
import { refusal, request } from "./request.js";

describe("client certificates", () => {
  const certificate = {
    commonName: "shop",
    alternativeNames: ["DNS:shop.example"],
    fingerprint: "ab".repeat(32),
    expiresAt: 1e13,
  };
  const authenticate = clientCertificates(({ commonName }) =>
    commonName === "shop" ? { name: commonName } : undefined,
  );

  it("let those in whom the application knows", async () => {
    expect(await authenticate(request({ certificate }))).to.deep.equal({ name: "shop" });
    const stranger = { ...certificate, commonName: "shopp" };
    const refused = authenticate(request({ certificate: stranger }));
    expect((await expectRejected(Code.UNAUTHENTICATED, Promise.resolve(refused))).message).to.equal(refusal);
  });

  it("are what TLS has shown, and no header", async () => {
    const headers = { "x-forwarded-client-cert": "Subject=shop", "x-ssl-client-s-dn": "CN=shop" };
    await expectRejected(Code.UNAUTHENTICATED, Promise.resolve(authenticate(request({ headers }))));
    expectThrown(Code.INVALID_ARGUMENT, () => clientCertificates({} as never));
  });
});
