import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { ExampleProcess } from "../support/example-process.js";
import { requireTerminal } from "../support/terminal.js";

const running: ExampleProcess[] = [];
const asIs = (line: readonly string[]): readonly string[] => line;

function start(file: string, args: readonly string[] = [], wrap = asIs): ExampleProcess {
  const example = new ExampleProcess(wrap([process.execPath, "--import=tsx", `examples/${file}`, ...args]));
  running.push(example);
  return example;
}

/** Plays an example to its end, and returns its lines. */
async function play(file: string, args: readonly string[] = []): Promise<readonly string[]> {
  const example = start(file, args);
  expect(await example.exitCode(), example.stdout + example.stderr).to.equal(0);
  expect(example.stderr).to.equal("");
  return example.stdout.trimEnd().split("\n");
}

describe("the examples of agents", function () {
  this.timeout(60_000);

  afterEach(async () => {
    for (const example of running.splice(0)) {
      example.process.kill("SIGKILL");
      await example.exitCode();
    }
  });

  it("handoff: each desk puts the customer through to the other, which answers", async () => {
    expect(await play("handoff/handoff.ts")).to.deep.equal([
      "you: Hello!",
      "reception: Welcome to Acme! Ask me about prices or returns.",
      "you: What do your anvils cost?",
      "(sales takes over)",
      "sales: Anvils are 39 dollars and up, depending on how far they are to fall.",
      "you: And the rocket skates?",
      "sales: Rocket skates are 149 dollars a pair, fuel not included.",
      "you: Can I return one?",
      "(reception takes over)",
      "reception: You can return anything within 30 days, as long as it hasn't gone off.",
    ]);
  });

  it("debate: the points come as they are made, and then every verdict", async () => {
    const lines = await play("debate/debate.ts");
    const summary = lines.indexOf("moderator: Thank you. The verdicts:");
    const speakers = lines.slice(1, summary).map((line) => line.slice(0, line.indexOf(":")));
    // All three talk at the same time: none waits for another to finish.
    expect([...speakers].sort()).to.deep.equal(["accountant", "advocate", "critic"].flatMap((name) => [name, name]));
    const turns = speakers.filter((name, index) => name !== speakers[index - 1]);
    expect(turns.length, speakers.join()).to.be.greaterThan(3);
    expect(lines.slice(summary + 1).sort()).to.deep.equal([
      "  accountant: only without refunds",
      "  advocate: yes",
      "  critic: no",
    ]);
  });

  describe("worker", () => {
    it("shows a line for each quarter, and what came out", async () => {
      const lines = await play("worker/demo.ts", ["--limit", "400000"]);
      expect(lines[0]).to.match(/^worker \| listening on ws:/);
      expect(lines.filter((line) => line.startsWith("boss"))).to.deep.equal([
        ...[25, 50, 75, 100].map((percent) => `boss | counting primes: ${percent} %`),
        "boss | There are 33860 primes below 400000.",
      ]);
    });

    it("shows a bar on a terminal", async function () {
      const example = start("worker/demo.ts", ["--limit", "400000"], requireTerminal(this));
      expect(await example.exitCode(), example.stdout).to.equal(0);
      expect(example.stdout).to.match(/\rcounting primes \[#{15} {15}\] {2}50 %\r/);
      expect(example.stdout).to.match(/\rcounting primes \[#{30}\] 100 %\r\n/);
      expect(example.stdout).to.match(/There are 33860 primes below 400000\.\r?\n/);
    });

    it("cancels the task at Ctrl-C, says so, and exits with 0", async function () {
      const example = start("worker/demo.ts", ["--limit", "1000000000"], requireTerminal(this));
      await example.printed(/counting primes/);
      example.process.stdin?.write("\x03");
      expect(await example.exitCode(), example.stdout).to.equal(0);
      expect(example.stdout).to.match(/Cancelled\./);
      expect(example.stdout).not.to.match(/^\s+at |There are/m);
    });

    it("is told that its task was cancelled", async () => {
      const worker = start("worker/worker.ts", ["--port", "0"]);
      const [, url = ""] = await worker.printed(/listening on (\S+)/);
      const boss = start("worker/boss.ts", ["--url", url, "--limit", "1000000000"]);
      await worker.printed(/boss wants the primes below 1000000000/);
      boss.process.kill("SIGINT");
      expect(await boss.exitCode(), boss.stderr).to.equal(0);
      await worker.printed(/stopped: the task was cancelled by its requester/);
    });

    it("refuses a limit that it can't count to: the boss shows why, and exits with 1", async () => {
      const example = start("worker/demo.ts", ["--limit", "soon"]);
      expect(await example.exitCode()).to.equal(1);
      expect(example.stdout).to.match(/boss \| Failed: INVALID_ARGUMENT: .*payload\.limit: must be .*, got NaN/);
    });
  });

  for (const file of ["handoff/handoff.ts", "debate/debate.ts", "worker/demo.ts"]) {
    it(`${file} shows help`, async () => {
      expect((await play(file, ["--help"])).join("\n")).to.match(/\n\nUsage: npm run example:\w+ -- \[options\]\n/);
    });
  }
});
