import { expect } from "chai";
import { runScript } from "../../faults/run-script.js";
import { environment } from "../../support/files-node.js";

/** `npm run test:faults` runs as many as one likes; these few are for every run of the tests. */
const suites = [
  { over: "memory", seeds: 200 },
  { over: "websocket", seeds: 8 },
] as const;

for (const { over, seeds } of suites) {
  describe(`whatever happens to the connections of a resumable link over ${over}`, () => {
    it("[L-14] [L-18] [L-36] every message is delivered once and in order, or told as undelivered", async function () {
      this.timeout(60_000);
      let [delivered, resumes, resets] = [0, 0, 0];
      const first = Number(environment("FAULTS_SEED") ?? Math.floor(Math.random() * 2 ** 31));
      for (let seed = first; seed < first + seeds; seed++) {
        const outcome = await runScript(seed, over);
        expect(outcome.violations, `seed ${seed}, which FAULTS_SEED=${seed} repeats`).to.deep.equal([]);
        delivered += outcome.delivered;
        resumes += outcome.resumes;
        resets += outcome.resets;
      }
      expect(delivered, "messages delivered").to.be.above(0);
      expect(resumes + resets, "connections lost").to.be.above(0);
    });
  });
}
