import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server of files, by their paths. */
export interface PageServer extends AsyncDisposable {
  readonly origin: string;
}

const types: Readonly<Record<string, string>> = { js: "text/javascript", html: "text/html", css: "text/css" };

/** Serves files; what is at "/" is taken for a page. */
export async function servePages(files: Readonly<Record<string, string>>): Promise<PageServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://page");
    const file = files[pathname];
    const type = pathname === "/" ? "text/html" : (types[pathname.split(".").at(-1) ?? ""] ?? "text/plain");
    response.writeHead(file === undefined ? 404 : 200, { "content-type": `${type}; charset=utf-8` });
    response.end(file ?? "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A page that does nothing but to run a script. */
export function pageWith(script: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Crossbus</title><link rel="icon" href="data:,"><body>${script}</body></html>`;
}
