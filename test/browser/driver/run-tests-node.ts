import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { WebSocketServer } from "ws";
import { root } from "../../../scripts/run.js";
import { deferred } from "../../../src/base/deferred.js";
import { type BrowserName, openPage } from "./browsers-node.js";
import { bundleTests } from "./bundle-node.js";
import { serveListeners } from "./remote-listeners-node.js";
import { Remote } from "./remote-node.js";
import { stackMapper } from "./stack-node.js";

/** An error in a page. */
export interface PageError {
  readonly message: string;
  readonly stack: string;
  readonly cause?: PageError;
  readonly actual?: string;
  readonly expected?: string;
}

/** What a run tells of its tests, as it goes. */
export type RunEvent =
  | { readonly event: "suite"; readonly title: string }
  | { readonly event: "suite end" }
  | { readonly event: "pass"; readonly title: string; readonly duration: number }
  | { readonly event: "pending"; readonly title: string }
  | { readonly event: "fail"; readonly title: string; readonly fullTitle: string; readonly error: PageError }
  | { readonly event: "end" };

/** How the tests are run. */
export interface RunOptions {
  /** Which tests, as a regular expression that their full titles match. Default: all. */
  readonly grep?: string | undefined;
  /** Where. */
  readonly browser: BrowserName;
  report(event: RunEvent): void;
}

/** How long a page may say nothing, in milliseconds: longer than any test of it may take. */
const silenceMs = 180_000;

const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Crossbus</title><body>
<script src="/mocha.js"></script><script type="module" src="/tests.js"></script></body></html>`;

/** Runs the tests that aren't for Node alone in a browser. Resolves at their end; rejects when the page comes to none. */
export async function runTests({ grep, browser: name, report }: RunOptions): Promise<void> {
  const { code, sourceMap } = await bundleTests();
  const mapStack = stackMapper(sourceMap, "tests.js");
  const mapped = (error: PageError): PageError => ({
    ...error,
    stack: mapStack(error.stack),
    ...(error.cause === undefined ? {} : { cause: mapped(error.cause) }),
  });
  const files = new Map([
    ["/", { type: "text/html", body: html }],
    ["/mocha.js", { type: "text/javascript", body: await readFile(join(root, "node_modules/mocha/mocha.js"), "utf8") }],
    ["/tests.js", { type: "text/javascript", body: code }],
    ["/favicon.ico", { type: "image/x-icon", body: "" }],
  ]);
  const remote = new Remote();
  const ended = deferred();
  let silence: NodeJS.Timeout | undefined;
  const said = () => {
    clearTimeout(silence);
    silence = setTimeout(() => ended.reject(new Error(`the page said nothing for ${silenceMs} ms`)), silenceMs);
  };
  const server = createServer((request, response) => void respond(request, response, remote, files));
  const sockets = new WebSocketServer({ server, path: "/events" });
  sockets.on("connection", (socket) => remote.listen(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const closeLeft = serveListeners(remote, { origins: [origin] });
  const support = await loadSupport();
  remote.serve("support", ({ file, name, args }: { file: string; name: string; args: readonly unknown[] }) =>
    support.get(file)?.[name]?.(...args),
  );
  remote.serve("take", () => undefined);
  remote.serve("report", (event: RunEvent) => {
    said();
    report(event.event === "fail" ? { ...event, error: mapped(event.error) } : event);
    if (event.event === "end") {
      ended.resolve();
    }
  });
  said();
  const lines: string[] = [];
  const query = grep === undefined ? "" : `?grep=${encodeURIComponent(grep)}`;
  const browser = await openPage(name, `${origin}/${query}`, {
    line: (text) => lines.push(mapStack(text)),
    gone: (why) => ended.reject(new Error(why)),
  });
  try {
    await ended.promise.catch((error: Error) => {
      throw new Error(`${error.message}; its console's last lines:\n${lines.slice(-20).join("\n")}`);
    });
  } finally {
    clearTimeout(silence);
    await browser[Symbol.asyncDispose]();
    closeLeft();
    for (const socket of sockets.clients) {
      socket.terminate();
    }
    server.close();
    server.closeAllConnections();
  }
}

type Support = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** The files of test/support that pages may call. */
async function loadSupport(): Promise<ReadonlyMap<string, Support>> {
  const files = ["test/support/files-node.ts", "test/support/python-node.ts"];
  const loaded = files.map(async (file): Promise<[string, Support]> => {
    return [file, (await import(pathToFileURL(join(root, file)).href)) as Support];
  });
  return new Map(await Promise.all(loaded));
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  remote: Remote,
  files: ReadonlyMap<string, { readonly type: string; readonly body: string }>,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "", "http://page");
  if (pathname === "/call") {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const body = Buffer.concat(chunks);
    const end = body.indexOf("\n");
    const { number, name, args } = JSON.parse(body.toString("utf8", 0, end));
    response.end(await remote.answer(number, name, args, new Uint8Array(body.subarray(end + 1))));
    return;
  }
  const file = files.get(pathname);
  response.writeHead(file === undefined ? 404 : 200, {
    "content-type": `${file?.type ?? "text/plain"}; charset=utf-8`,
  });
  response.end(file?.body ?? "");
}
