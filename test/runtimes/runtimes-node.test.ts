import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { build } from "esbuild";
import { after, before, describe, it } from "mocha";
import { root } from "../../scripts/run.js";
import { CertificateAuthority } from "../support/certificates.js";
import type { Asked } from "./runtime-child.js";

/** The command of each runtime that this package is run on. The others are looked for in the PATH. */
const commands: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "this Node": [process.execPath],
  Bun: ["bun", "run"],
  Deno: ["deno", "run", "--allow-all"],
};

const isThere = ([program]: readonly [string, ...string[]]) => spawnSync(program, ["--version"]).status === 0;

describe("on each runtime", function () {
  this.timeout(120_000);
  let folder = "";
  const children = new Set<ChildProcess>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "crossbus-runtimes-"));
    // Deno takes what package.json depends on, and nothing else.
    for (const name of ["node_modules", "package.json"]) {
      await symlink(join(root, name), join(folder, name));
    }
    await build({
      absWorkingDir: root,
      entryPoints: ["test/runtimes/runtime-child.ts"],
      outfile: join(folder, "child.mjs"),
      bundle: true,
      format: "esm",
      platform: "node",
      target: "es2022",
      external: ["ws", "isomorphic-ws"],
    });
  });

  after(async () => {
    for (const child of children) {
      child.kill();
    }
    await rm(folder, { recursive: true, force: true });
  });

  /** Has a runtime do something. Returns what gives its next line, and an end that tells how it exited. */
  function start(command: readonly [string, ...string[]], ...args: readonly string[]) {
    const [program, ...flags] = command;
    const child = spawn(program, [...flags, join(folder, "child.mjs"), ...args], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.add(child);
    const exited = new Promise((resolve) => child.once("exit", resolve)).finally(() => children.delete(child));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { exited, told: async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? "null") };
  }

  const found = Object.entries(commands).filter(([name, command]) => {
    const isFound = isThere(command);
    if (!isFound) {
      it(`${name}: skipped, for it isn't in the PATH`);
    }
    return isFound;
  });

  for (const [name, command] of found) {
    it(`${name} keeps the promises of a transport`, async () => {
      const { told, exited } = start(command, "conform");
      const { failures, cases, ownWebSocket } = (await told()) as Record<string, unknown>;
      expect(failures).to.deep.equal([]);
      expect(cases).to.be.greaterThan(70);
      if (name !== "this Node" || "WebSocket" in globalThis) {
        // Nobody listens, which may pass; and it takes no headers, which must not be dropped without a word.
        expect(ownWebSocket).to.deep.equal(["UNAVAILABLE", "INVALID_ARGUMENT"]);
      }
      expect(await exited).to.equal(0);
    });

    for (const [peer, peerCommand] of found) {
      it(`${name} serves ${peer}, over TLS`, async () => {
        const authority = new CertificateAuthority("authority");
        const ca = authority.cert;
        const asked = { ...authority.issue({ commonName: "server", names: ["127.0.0.1"] }), ca, url: "" };
        const server = start(command, "serve", JSON.stringify(asked satisfies Asked));
        const { address: url } = (await server.told()) as { readonly address: string };
        expect(url).to.match(/^wss:/);
        const client = start(peerCommand, "connect", JSON.stringify({ ...asked, url } satisfies Asked));
        expect(await client.told()).to.deep.equal({ said: ["Once ", "upon a time", "12 anvils"] });
        expect(await client.exited).to.equal(0);
        expect(await server.told()).to.deep.equal({ encrypted: true });
        expect(await server.exited).to.equal(0);
      });
    }
  }
});
