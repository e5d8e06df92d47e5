import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { streamTaps } from "./inspect-stream.js";
import { type OpenPage, type OpenPages, setCut } from "./open-pages.js";
import type { PageFile } from "./page-files.js";
import { passThrough } from "./tcp-door.js";

/** What is served. */
export interface Served {
  readonly pages: OpenPages;
  readonly files: ReadonlyMap<string, PageFile>;
  /** Makes the page, with what it has to know. */
  readonly template: (config: object) => string;
  /** What every page has to know. */
  readonly config: object;
  /** The ports of this machine that WebSockets go on to, by their paths. */
  readonly webSockets: ReadonlyMap<string, number>;
}

/** The names by which this machine is reached, each with a port, as browsers write them: without that of HTTP itself. */
export function ourHosts(port: number | undefined): readonly string[] {
  return ["127.0.0.1", "localhost", "[::1]"].map((name) => (port === 80 ? name : `${name}:${port}`));
}

/** How large the body of a request may be, in bytes. */
const maxBodyBytes = 1_024;

/** What a page may do: load from here, and nothing else. */
function securityHeaders(host: string): Readonly<Record<string, string>> {
  return {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      // 'self' stands for WebSockets too, but not in every browser yet.
      `connect-src 'self' ws://${host}`,
      "media-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join("; "),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=(), display-capture=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
  };
}

/** Answers requests for the page, and what the page asks for. */
export function answerRequests(served: Served): RequestListener {
  return (request, response) => {
    const { host = "" } = request.headers;
    if (!isOurHost(request)) {
      // Somebody's name that leads to this machine: its pages must not get at what is here.
      end(response, 421, "this server is reached as localhost or 127.0.0.1");
      return;
    }
    for (const [name, value] of Object.entries(securityHeaders(host))) {
      response.setHeader(name, value);
    }
    const path = request.url?.split("?", 1)[0] ?? "/";
    if (path.startsWith("/api/")) {
      // Who leaves in the middle of a request gets no answer.
      answerPage(served, path, request, response).catch(() => response.destroy());
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      end(response, 405, "only GET is answered here");
    } else if (path === "/") {
      const { token } = served.pages.open();
      end(response, 200, served.template({ ...served.config, token }), "text/html; charset=utf-8");
    } else {
      const file = served.files.get(path);
      end(response, file === undefined ? 404 : 200, file?.body ?? "there is no such file", file?.type);
    }
  };
}

/** What a page that shows its token may ask for. */
async function answerPage(
  { pages }: Served,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const page = pages.find(/^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "");
  if (page === undefined || (request.method === "POST" && !isOurOrigin(request))) {
    end(response, 403, "this is for a page that was loaded from here, since this server has started");
    return;
  }
  switch (`${request.method} ${path}`) {
    case "GET /api/inspect":
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      await streamTaps(page, response);
      return;
    case "GET /api/clock":
      end(response, 200, JSON.stringify({ now: Date.now() }), "application/json");
      return;
    case "POST /api/network":
      setCut(page, (await readBody(request)) === "cut");
      response.writeHead(204).end();
      return;
    default:
      end(response, 404, "there is nothing of that name");
  }
}

/** Lets WebSockets of our own pages through, as long as their network isn't cut. */
export function answerUpgrades({ pages, webSockets }: Served) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on("error", () => {});
    const [path = "", query = ""] = (request.url ?? "").split("?", 2);
    const port = webSockets.get(path);
    const page: OpenPage | undefined = pages.find(new URLSearchParams(query).get("page") ?? "");
    if (port === undefined || page === undefined || !isOurHost(request) || !isOurOrigin(request)) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    } else if (page.isCut) {
      socket.destroy();
    } else {
      passThrough(page, request, socket, head, port);
    }
  };
}

/** Whether a request names this machine as its host. */
function isOurHost({ headers, socket }: IncomingMessage): boolean {
  return ourHosts(socket.localPort).includes(headers.host ?? "");
}

/** Whether a request comes from a page that was loaded from here. */
function isOurOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin === `http://${headers.host}`;
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > maxBodyBytes) {
      request.destroy();
    }
  }
  return body;
}

function end(
  response: ServerResponse,
  code: number,
  body: string | Uint8Array,
  type = "text/plain; charset=utf-8",
): void {
  response.writeHead(code, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
