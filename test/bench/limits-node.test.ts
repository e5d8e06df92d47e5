import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import { describe, it } from "mocha";
import { root } from "../../scripts/run.js";

describe("the bench's bridges", () => {
  it("are slowed down by no limit of their server", async function () {
    this.timeout(60_000);
    const line = ["--import=tsx", "test/bench/limits-child.ts"];
    const { stdout } = await promisify(execFile)(process.execPath, line, { cwd: root });
    expect(stdout).to.equal("");
  });
});
