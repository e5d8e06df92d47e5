import { after, before, describe } from "mocha";
import { requirePython } from "../support/python-env.js";
import { testAnnouncing } from "./cases/announcing.js";
import { testBridges } from "./cases/bridges.js";
import { testFrames } from "./cases/frames.js";
import { testKilling } from "./cases/killing.js";
import { testLimits } from "./cases/limits.js";
import { testMisbehavingPython } from "./cases/misbehaving-python.js";
import { testOwnMessages } from "./cases/own-messages.js";
import { testSafePython } from "./cases/safe-python.js";
import { testTasks } from "./cases/tasks.js";
import { testTypedValues } from "./cases/typed-values.js";
import type { Direction } from "./support/live-bridge.js";
import { useBridges } from "./support/live-suite.js";
import { PeerHost } from "./support/peer-host.js";
import { releases } from "./support/releases.js";
import { Tally } from "./support/tally.js";

const codecs = ["json", "protobuf"] as const;
const directions: readonly Direction[] = ["TypeScript client", "Python client"];

describe("live, with Python", function () {
  this.timeout(10_000);
  const tally = new Tally();
  after(() => tally.print());

  for (const release of releases) {
    const name = `${release.package} ${release.version}`;
    describe(name, () => {
      const host = new PeerHost(release);
      before(async function () {
        this.timeout(60_000);
        requirePython(release.env.name, this);
        const start = performance.now();
        await host.start();
        tally.started(name, performance.now() - start);
      });
      after(() => host.stop());

      for (const codec of codecs) {
        const dialect =
          codec === "json"
            ? { dialect: release.dialect, peerVersion: release.version }
            : { dialect: "protobuf" as const };
        for (const direction of directions) {
          describe(`${dialect.dialect}, ${direction}`, () => {
            const combination = { release, codec, direction, dialect };
            const live = useBridges(combination, host, (test) => tally.add(name, codec, direction, test));
            testAnnouncing(live);
            testFrames(live);
            testBridges(live);
            testTasks(live);
            testTypedValues(live);
            testOwnMessages(live);
            testLimits(live);
            testMisbehavingPython(live);
            testSafePython(live);
            testKilling(live);
          });
        }
      }
    });
  }
});
