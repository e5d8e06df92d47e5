import { expect } from "chai";
import { describe, it } from "mocha";
import { type Step, writeScript } from "./targets/link-script.js";
import { linkServerTarget } from "./targets/link-server.js";

/** What becomes of a session that is begun in amy's name, or bob's, loses its connection, and is asked for in such a way. */
async function resumed(way: number, begun = 0): Promise<string> {
  const steps: readonly Step[] = [
    { do: "greet", number: begun },
    { do: "say", number: 40 },
    { do: "drop", number: 0 },
    { do: "greet", number: way },
    { do: "wait", number: 100 },
  ];
  return linkServerTarget.run(writeScript(steps));
}

describe("the clients that the fuzzer makes", () => {
  it("can resume a session, so that it means something when they can't", async () => {
    for (const way of [8, 9, 10, 20]) {
      expect(await resumed(way), String(way)).to.match(/^open: welcome UNAVAILABLE , welcome open/);
    }
  });

  it("can't with a secret that isn't the session's, in another's name, or with an attempt that is too old", async () => {
    const altered = Array.from({ length: 64 }, (_, choice) => 5 + 12 * choice);
    const cut = Array.from({ length: 32 }, (_, choice) => 6 + 12 * choice);
    for (const way of [...altered, ...cut, 19, 31]) {
      expect(await resumed(way), String(way)).to.match(
        /^suspended: welcome UNAVAILABLE , (PERMISSION_DENIED|ABORTED) /,
      );
    }
    expect(await resumed(19, 2)).to.match(/^suspended: welcome UNAVAILABLE , PERMISSION_DENIED /);
  });
});
