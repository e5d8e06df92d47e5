import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { benchFolder, root } from "./folders.js";
import type { Progress } from "./progress.js";

const generated = join(benchFolder, "generated");
const lock = join(benchFolder, "package-lock.json");
/** What npm writes last when it installs. */
const installed = join(benchFolder, "node_modules/.package-lock.json");

/** The plugins that write code for the peers. What Connect uses is on its own, as its users would have it. */
const template = {
  version: "v2",
  plugins: [
    {
      local: "protoc-gen-es",
      out: "bench/generated/protobuf-es",
      opt: ["target=ts", "import_extension=js"],
    },
    {
      local: [process.execPath, "bench/node_modules/ts-proto/protoc-gen-ts_proto"],
      out: "bench/generated/ts-proto",
      opt: [
        "forceLong=bigint",
        "importSuffix=.js",
        "esModuleInterop=true",
        "outputServices=none",
        "outputJsonMethods=false",
      ],
    },
  ],
};

const modules = { version: "v2", modules: [{ path: "proto" }, { path: "bench/proto" }] };

/** The little that the bench needs to know of what pbjs writes. */
const protobufjsTypes = `export declare const crossbus: {
  readonly v1: {
    readonly BusMessage: {
      encode(message: object): { finish(): Uint8Array };
      decode(bytes: Uint8Array): object;
    };
  };
};
`;

/** Whether what the peers need is installed and generated. */
export function hasPeers(): boolean {
  return existsSync(installed) && existsSync(join(generated, "stamp"));
}

/** Whether the package bufferutil is there, with native code for this machine. */
export function hasBufferUtil(): boolean {
  try {
    const { mask } = createRequire(lock)("bufferutil") as { readonly mask: unknown };
    return String(mask).includes("[native code]");
  } catch {
    return false;
  }
}

/** Installs the packages of the peers, and generates their code, where they are missing or not of today. */
export async function preparePeers(signal: AbortSignal, progress: Progress): Promise<void> {
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    progress.begin("installing the packages to compare with, into bench/node_modules");
    await run("npm", ["ci", "--prefix", "bench", "--no-fund", "--no-audit", "--loglevel=error"], signal);
  }
  const stamp = await fingerprint();
  const stampFile = join(generated, "stamp");
  if (existsSync(stampFile) && (await readFile(stampFile, "utf8")) === stamp) {
    return;
  }
  progress.begin("generating the code that the packages to compare with need");
  await rm(generated, { recursive: true, force: true });
  await run("buf", ["generate", "--config", JSON.stringify(modules), "--template", JSON.stringify(template)], signal);
  await run("buf", ["build", "--config", JSON.stringify(modules), "--output", join(generated, "image.binpb")], signal);
  const folder = join(generated, "protobufjs");
  await mkdir(folder, { recursive: true });
  const output = join(folder, "messages.js");
  const form = ["-t", "static-module", "-w", "es6", "--es6", "--dependency", "protobufjs/minimal.js"];
  const pbjs = join(benchFolder, "node_modules/protobufjs-cli/bin/pbjs");
  await run(process.execPath, [pbjs, ...form, "-p", "proto", "-o", output, "crossbus/v1/message.proto"], signal);
  await writeFile(join(folder, "messages.d.ts"), protobufjsTypes);
  await writeFile(stampFile, stamp);
}

/** What the generated code depends on. */
async function fingerprint(): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(template)).update(protobufjsTypes);
  for (const folder of ["proto", "bench/proto"]) {
    for (const name of (await readdir(join(root, folder), { recursive: true })).sort()) {
      if (name.endsWith(".proto")) {
        hash.update(name).update(await readFile(join(root, folder, name)));
      }
    }
  }
  return hash.update(await readFile(lock)).digest("hex");
}

/** Runs a command whose output, standard or not, goes to standard error. */
function run(command: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const path = [join(root, "node_modules/.bin"), process.env["PATH"] ?? ""].join(delimiter);
  const child: ChildProcess = spawn(command, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", 2, 2],
    signal,
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, killedBy) => {
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`${command} ${args[0]} ended with ${killedBy ?? code}`));
      }
    });
  });
}
