import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { AgentRunnerOptions } from "../../src/agent/agent-runner.js";

const fixture = fileURLToPath(new URL("signal-fixture.ts", import.meta.url));

describe("a process with a runner", function () {
  this.timeout(30_000);
  let child: ChildProcess | undefined;

  afterEach(() => {
    child?.kill("SIGKILL");
  });

  async function start(options: AgentRunnerOptions, hang = "") {
    const running = spawn(process.execPath, ["--import", "tsx", fixture, JSON.stringify(options), hang], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = running;
    let errors = "";
    running.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    const exit = once(running, "close") as Promise<[code: number | null, signal: string | null]>;
    const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value, errors).to.equal("ready");
    return { kill: (signal: "SIGINT" | "SIGTERM") => running.kill(signal), lines, exit, errors: () => errors };
  }

  for (const [signal, options] of [
    ["SIGINT", {}],
    ["SIGTERM", { handleSigterm: true }],
  ] as const) {
    it(`ends its agents on ${signal}, exits with code 0 and no stack trace, and leaves no listener`, async () => {
      const { kill, lines, exit, errors } = await start(options);
      kill(signal);
      expect((await lines.next()).value).to.equal("finishing");
      expect((await lines.next()).value).to.equal("ran, 0 and 0 listeners left");
      expect(await exit).to.deep.equal([0, null]);
      expect(errors()).to.equal("");
    });
  }

  it("is killed by a second SIGINT while an agent takes its time to end", async () => {
    const { kill, lines, exit } = await start({}, "hang");
    kill("SIGINT");
    expect((await lines.next()).value).to.equal("finishing");
    kill("SIGINT");
    expect(await exit).to.deep.equal([null, "SIGINT"]);
  });

  for (const [signal, options] of [
    ["SIGINT", { handleSigint: false }],
    ["SIGTERM", {}],
  ] as const) {
    it(`is killed by ${signal} when the runner doesn't handle it: ${JSON.stringify(options)}`, async () => {
      const { kill, lines, exit } = await start(options);
      kill(signal);
      expect(await exit).to.deep.equal([null, signal]);
      expect((await lines.next()).done).to.equal(true);
    });
  }
});
