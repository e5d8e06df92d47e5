import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";
import { root } from "../../scripts/run.js";

/** Starts the bench as `npm run bench` does, without installing anything. */
function start(...args: readonly string[]) {
  const command = ["--import=tsx", join(root, "bench/run.ts"), "--no-install", ...args];
  const child = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const output = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.err += text;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  return { child, output, ended };
}

describe("npm run bench", function () {
  this.timeout(120_000);

  it("prints JSON and nothing else with --json, with a row for each contestant and operation", async () => {
    const { code, out, err } = await start("--only", "codec", "--rounds", "1", "--json").ended;
    expect(code, err).to.equal(0);
    const { rows, ratios } = JSON.parse(out) as {
      readonly rows: readonly { readonly case: string; readonly contestant: string; readonly median: number }[];
      readonly ratios: readonly object[];
    };
    const samples = ["text", "audio 640 B", "audio 1 920 B", "task, 1 kB"];
    const expected = samples.flatMap((sample) => [`encode ${sample}`, `decode ${sample}`]);
    for (const contestant of ["crossbus", "protobuf-es"]) {
      const own = rows.filter((row) => row.contestant === contestant);
      expect(own.map((row) => row.case)).to.have.members(expected);
      expect(own.every(({ median }) => median > 0)).to.equal(true);
    }
    expect(ratios).to.have.length(4);
    expect(err).to.contain("codec: ");
  });

  it("stops at Ctrl-C", async () => {
    const { child, ended } = start("--only", "codec");
    await once(child.stderr, "data");
    child.kill("SIGINT");
    const { code, out } = await ended;
    expect(code).to.equal(130);
    expect(out).to.equal("");
  });

  it("says what is wrong with a command line", async () => {
    const { code, err } = await start("--only", "codecs").ended;
    expect(code).to.equal(2);
    expect(err).to.contain('--only is "codecs", and must be one of codec, ');
    expect((await start("--rounds", "0").ended).code).to.equal(2);
    expect((await start("--fast").ended).code).to.equal(2);
  });

  it("helps", async () => {
    const { code, out } = await start("--help").ended;
    expect(code).to.equal(0);
    expect(out).to.contain("--only NAME");
  });
});
