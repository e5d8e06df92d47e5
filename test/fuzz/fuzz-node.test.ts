import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readCorpus, readRegressions, targetOfFile } from "./corpus.js";
import { type Finding, saveFinding } from "./finding.js";
import { Fuzzer } from "./fuzzer.js";
import type { FuzzTarget } from "./target.js";
import { targets } from "./targets/all.js";
import { World } from "./world.js";

/** Another one each time: what it finds is in a file, and so doesn't depend on it. */
const seed = Date.now() % 1_000_000_007;

/** So many new inputs are tried on each target. Those for links take longer. */
const newInputs = (target: FuzzTarget) => (/^link|plain/.test(target.name) ? 60 : 400);

describe("whatever a peer sends", () => {
  for (const target of targets) {
    it(`brings about nothing that none may: ${target.name} (seed ${seed})`, async () => {
      using world = new World();
      const fuzzer = new Fuzzer({ target, seed, world });
      const seeds = target.seeds().filter((_, i) => i % 8 === 0);
      await fuzzer.tryAll([...readRegressions(target.name).values(), ...readCorpus(target.name), ...seeds]);
      for (let left = newInputs(target); left > 0; left -= 20) {
        await fuzzer.step(20);
      }
      expect(fuzzer.findings.map(told)).to.deep.equal([]);
      expect(fuzzer.outcomes.size).to.be.greaterThan(4);
    }).timeout(60_000);
  }

  it("is tried again where it once did, and has a target", () => {
    const files = readdirSync(fileURLToPath(new URL("regressions/", import.meta.url)));
    const names = targets.map(({ name }) => name);
    expect(files.filter((file) => !names.includes(targetOfFile(file) ?? ""))).to.deep.equal([]);
    expect(files).not.to.deep.equal([]);
  });
});

function told(finding: Finding): string {
  return `${saveFinding(finding)}: ${finding.kind}: ${finding.why}`;
}
