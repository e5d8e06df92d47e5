import { expect } from "chai";
import { describe, it } from "mocha";
import { tokenTable } from "../../src/auth/token-table.js";
import { isSameBytes } from "../../src/base/same-bytes.js";
import { Code } from "../../src/base/status.js";
import { expectThrown } from "../support/expect-status.js";

describe("a table of tokens", () => {
  const verify = tokenTable([
    { token: "of-amy", principal: { name: "amy", policy: "reader" } },
    { token: "of-bob", principal: { name: "bob" } },
    { token: "constructor", principal: { name: "eve" } },
  ]);

  it("knows whose each is, and nobody else", async () => {
    expect(await verify("of-amy")).to.deep.equal({ name: "amy", policy: "reader" });
    expect(await verify("of-bob")).to.deep.equal({ name: "bob" });
    expect(await verify("constructor")).to.deep.equal({ name: "eve" });
    for (const token of ["of-am", "of-amyy", "OF-AMY", "of-", "", "toString", "__proto__"]) {
      expect(await verify(token), token).to.equal(undefined);
    }
  });

  it("is refused with what lets everybody in by mistake, and shows no token", () => {
    const principal = { name: "amy" };
    const wrong = [
      [],
      undefined,
      { hush: principal },
      [{ token: "", principal }],
      [{ token: undefined, principal }],
      [{ token: "hush hush", principal }],
      [{ token: "hush" }],
      [{ token: "hush", principal: { name: 1 } }],
      [
        { token: "hush", principal },
        { token: "hush", principal: { name: "bob" } },
      ],
    ];
    for (const entries of wrong) {
      expect(expectThrown(Code.INVALID_ARGUMENT, () => tokenTable(entries as never)).message).to.not.include("hush");
    }
  });

  it("compares bytes in full, wherever they differ", () => {
    const bytes = Uint8Array.from([1, 2, 3]);
    expect(isSameBytes(bytes, bytes.slice())).to.equal(true);
    expect(isSameBytes(new Uint8Array(0), new Uint8Array(0))).to.equal(true);
    for (const other of [[0, 2, 3], [1, 0, 3], [1, 2, 0], [1, 2], [1, 2, 3, 0], []]) {
      expect(isSameBytes(bytes, Uint8Array.from(other))).to.equal(false);
      expect(isSameBytes(Uint8Array.from(other), bytes)).to.equal(false);
    }
  });
});
