import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Runs the command, and tells what became of it. */
async function crossbus(args: readonly string[], input: Uint8Array | string = "") {
  const child = spawn(process.execPath, ["--import=tsx", "src/cli/crossbus-node.ts", ...args], { cwd: root });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [code, stdout, stderr] = await Promise.all([exit, buffer(child.stdout), buffer(child.stderr)]);
  return { code, stdout, stderr: text(stderr) };
}

const request =
  '{"__type__":"pipecat.bus.messages.BusJobRequestMessage","__data__":{"source":"voice","target":"worker",' +
  '"job_id":"1","job_name":"research","payload":{"n":3,"x":3.0,"big":1152921504606846976,"nan":NaN,"none":null,' +
  '"b":{"__type__":"bytes","__data__":"AP8="}}}}';

describe("crossbus convert", function () {
  this.timeout(30_000);

  it("brings a message from one dialect to another and back", async () => {
    const protobuf = await crossbus(["convert", "--from", "pipecat", "--to", "protobuf"], request);
    expect(protobuf).to.include({ code: 0, stderr: "" });
    const back = await crossbus(["convert", "--from", "protobuf", "--to", "pipecat"], protobuf.stdout);
    expect(text(back.stdout)).to.equal(request);
    const older = await crossbus(["convert", "--from", "protobuf", "--to", "pipecat-subagents"], protobuf.stdout);
    expect(text(older.stdout))
      .to.match(/^{"__type__":"pipecat_subagents\.bus\.messages\.BusTaskRequestMessage"/)
      .and.to.include('"task_id":"1"');
  });

  it("shows a message as people read it", async () => {
    const { stdout } = await crossbus(["convert", "--from", "pipecat", "--to", "json"], `${request}\n`);
    expect(JSON.parse(text(stdout))).to.deep.include({ source: "voice", target: "worker" });
    expect(text(stdout)).to.match(/\n {2}"taskRequest": {\n {4}"taskId": "1",\n/);
  });

  it("writes tools in the form that they came in, or in the one that is asked for", async () => {
    const vectors = await readFile(`${root}/test/python/vectors/pipecat.jsonl`, "utf8");
    const lines = vectors.split("\n").filter((line) => line.includes("a context with a tool choice"));
    const wires = lines.map((line): string => JSON.parse(line).wire);
    const flat = wires.find((wire) => wire.includes('"tools":[')) ?? "";
    const objects = wires.find((wire) => wire.includes('"tools":{')) ?? "";
    for (const [wire, tools, expected] of [
      [flat, undefined, '"tools":['],
      [objects, undefined, '"tools":{'],
      [flat, "object", '"tools":{"standard_tools":['],
      [objects, "flat", '"tools":[{"name"'],
    ] as const) {
      const args = ["convert", "--from", "pipecat", "--to", "pipecat", ...(tools ? ["--tools", tools] : [])];
      expect(text((await crossbus(args, wire)).stdout)).to.include(expected);
    }
  });

  const failures: Record<string, [args: string[], input: Uint8Array | string, code: number, error: RegExp]> = {
    "JSON that doesn't parse": [["--from", "pipecat", "--to", "json"], "{", 1, /^error: INVALID_ARGUMENT: unreadable/],
    "JSON that is no message": [["--from", "pipecat", "--to", "json"], "[]", 1, /no message of dialect pipecat/],
    "a message of the other package": [
      ["--from", "pipecat-subagents", "--to", "json"],
      request,
      1,
      /is none of dialect/,
    ],
    "bytes that don't parse": [["--from", "protobuf", "--to", "json"], Uint8Array.of(7), 1, /^error: INVALID_ARGUMENT/],
    "nothing at all": [["--from", "protobuf", "--to", "json"], "", 1, /body is missing/],
    "what the other dialect can't carry": [
      ["--from", "protobuf", "--to", "pipecat"],
      // A custom message of type acme.v1.Order.
      Uint8Array.from([
        0xd2,
        5,
        36,
        10,
        34,
        10,
        32,
        ...new TextEncoder().encode("type.googleapis.com/acme.v1.Order".slice(0, 32)),
      ]),
      1,
      /^error: UNIMPLEMENTED: custom: the message type "acme\.v1\.Orde" can't travel in dialect pipecat/,
    ],
    "an unknown dialect": [["--from", "x", "--to", "json"], "", 1, /--from: must be protobuf, pipecat or/],
    "an unknown form of tools": [["--from", "pipecat", "--to", "json", "--tools", "x"], "", 1, /--tools: must be flat/],
    "a missing option": [["--from", "pipecat"], "", 2, /--to is missing/],
    "an unknown option": [["--form", "pipecat"], "", 2, /Unknown option/],
  };
  for (const [name, [args, input, code, error]] of Object.entries(failures)) {
    it(`exits with ${code} for ${name}`, async () => {
      const result = await crossbus(["convert", ...args], input);
      expect(result.stderr).to.match(error);
      expect(result.code).to.equal(code);
      expect(result.stdout).to.have.length(0);
    });
  }

  it("has help and a version, and says what it doesn't know", async () => {
    expect(text((await crossbus(["--help"])).stdout)).to.match(/^Usage: crossbus convert --from/);
    expect(text((await crossbus(["--version"])).stdout)).to.equal(
      `${JSON.parse(await readFile(`${root}/package.json`, "utf8")).version}\n`,
    );
    expect(await crossbus(["frobnicate"])).to.deep.include({
      code: 2,
      stderr: 'error: unknown command "frobnicate" (see crossbus --help)\n',
    });
  });
});
