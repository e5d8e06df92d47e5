import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { WebSocketServer } from "ws";
import { limitNames } from "../../../src/base/over-limit.js";
import { handshakeTimeoutMs } from "../../../src/link/resumable/limits.js";
import { MAX_LEVELS } from "../../../src/message/check-value.js";
import { defaultLimits } from "../../../src/proxy/limits/server-limits.js";
import { defaultHandshakeTimeoutMs } from "../../../src/transport/admission.js";
import { defaultMaxMessageBytes } from "../../../src/transport/transport.js";

/** What `ws` has for a listener that says nothing about it. Its types don't have the option. */
const { maxFragments } = new WebSocketServer({ noServer: true }).options as { maxFragments?: number };

describe("the table of limits in docs/limits.md", () => {
  it("has every limit, with the default that it has", async () => {
    const document = await readFile(new URL("../../../docs/limits.md", import.meta.url), "utf8");
    const rows = [...document.matchAll(/^\| `(\w+)` +\| ([\d ]+?) +\|/gm)];
    const table = Object.fromEntries(rows.map(([, name, value]) => [name, Number(value?.replaceAll(" ", ""))]));
    expect(table).to.deep.equal({
      ...defaultLimits,
      handshakeTimeoutMs: defaultHandshakeTimeoutMs,
      maxMessageBytes: defaultMaxMessageBytes,
      maxFragments,
      maxLevels: MAX_LEVELS,
    });
    expect(Object.keys(table).sort()).to.deep.equal([...limitNames].sort());
    expect(handshakeTimeoutMs).to.equal(defaultHandshakeTimeoutMs);
  });
});
