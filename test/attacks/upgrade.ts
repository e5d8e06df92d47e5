import { type Attack, attack, speaks } from "./attack.js";
import { upgradeRequest } from "./support/wire.js";

const listener = "src/transport/websocket-server-node.ts";
const httpServer = "src/transport/own-http-server-node.ts";

/** Requests that are no honest ones. */
export const upgradeAttacks: readonly Attack[] = [
  attack("paths that mean the same to somebody", {
    against: "a listener answers at its own path alone",
    async attack(target) {
      const paths = [
        "/ws/",
        "//ws",
        "/ws/../ws",
        "/./ws",
        "/x/../ws",
        "/%77s",
        "/WS",
        "/ws;x",
        "/ws%00",
        "http://evil/ws",
      ];
      const statuses: (number | undefined)[] = [];
      for (const path of paths) {
        statuses.push((await target.webSocket({ path, protocols: "crossbus.v1" })).answer?.status);
      }
      return statuses;
    },
    succeeded: (statuses) => statuses.includes(101),
    defence: {
      file: "src/transport/upgrade-router-node.ts",
      find: 'paths.get(request.url?.split("?", 1)[0] ?? "")',
      replace: 'paths.get(new URL(request.url ?? "", "http://localhost").pathname)',
    },
  }),
  attack("a secret among the subprotocols, to be echoed", {
    against: "what a client offers is never sent back",
    server: speaks.protobuf,
    async attack(target) {
      const { answer } = await target.webSocket({ protocols: "bearer.c2VjcmV0, other" });
      return answer?.text ?? "";
    },
    succeeded: (text) => text.includes("bearer.c2VjcmV0"),
    defence: {
      file: listener,
      find: "protocols.find((name) => offered.has(name)) ?? (false as const)",
      replace: "[...offered][0] ?? (false as const)",
    },
  }),
  attack("a downgrade: no subprotocol at all", {
    against: "L-1: there is no falling back to anything else",
    async attack(target) {
      const peer = await target.stranger({ protocols: undefined });
      return peer.isWelcome();
    },
    succeeded: (isWelcome) => isWelcome,
    defence: {
      file: "src/link/resumable/server.ts",
      find: "if (connection.protocol !== linkProtocol) {",
      replace: "if (false) {",
    },
  }),
  attack("compression offered, for a bomb of zeros", {
    against: "no extension is accepted",
    async attack(target) {
      const headers = ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"];
      const { answer } = await target.webSocket({ protocols: "crossbus.v1", headers });
      return answer?.headers.get("sec-websocket-extensions");
    },
    succeeded: (extensions) => extensions !== undefined,
    defence: { file: listener, find: "perMessageDeflate: false,", replace: "perMessageDeflate: true," },
  }),
  attack("control characters in a header", {
    against: "header injection: the HTTP parser stays strict",
    async attack(target) {
      const headers = ["X-Name: somebody\u0000\u0001X-Admin: yes"];
      return (await target.webSocket({ protocols: "crossbus.v1", headers })).answer?.status;
    },
    succeeded: (status) => status === 101,
    defence: {
      file: httpServer,
      find: "createServer(answer)",
      replace: "createServer({ insecureHTTPParser: true }, answer)",
    },
  }),
  attack("a second request hidden behind a length that lies", {
    against: "request smuggling: a request with two lengths is none",
    async attack(target) {
      const headers = ["Content-Length: 5", "Transfer-Encoding: chunked"];
      return (await target.webSocket({ protocols: "crossbus.v1", headers })).answer?.status;
    },
    succeeded: (status) => status === 101,
    defence: {
      file: httpServer,
      find: "createServer(answer)",
      replace: "createServer({ insecureHTTPParser: true }, answer)",
    },
  }),
  attack("a megabyte of headers", {
    against: "a request is bounded before it is understood",
    async attack(target) {
      const headers = Array.from({ length: 1_000 }, (_, index) => `X-${index}: ${"x".repeat(1_000)}`);
      return (await target.webSocket({ protocols: "crossbus.v1", headers })).answer?.status;
    },
    succeeded: (status) => status === 101,
    defence: {
      file: httpServer,
      find: "createServer(answer)",
      replace: "createServer({ maxHeaderSize: 10_000_000 }, answer)",
    },
  }),
  attack("one plain request after the other over one connection", {
    against: "the server exists for its upgrades alone",
    async attack(target) {
      const wire = await target.wire();
      const statuses: (number | undefined)[] = [];
      for (let count = 0; count < 3; count++) {
        wire.write("GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        const answer = await wire.answer();
        statuses.push(answer?.status);
        wire.take(Number(answer?.headers.get("content-length") ?? 0));
      }
      return statuses;
    },
    succeeded: (statuses) => statuses[2] !== undefined,
    defence: { file: httpServer, find: 'connection: "close",', replace: 'connection: "keep-alive",' },
  }),
  attack("an address made up in a header", {
    against: "who somebody is doesn't come from what they say",
    async attack(target) {
      const headers = ["X-Forwarded-For: 203.0.113.7", "Forwarded: for=203.0.113.7", "X-Real-IP: 203.0.113.7"];
      const peer = await target.stranger({ headers });
      await peer.isWelcome();
      peer.activate();
      await peer.goesOn();
      return target.log();
    },
    succeeded: (log) => log.includes("203.0.113.7"),
    defence: {
      file: "src/transport/upgrade-peer-node.ts",
      find: "address: endpointOf(socket),",
      replace: 'address: String(headers["x-forwarded-for"] ?? endpointOf(socket)),',
    },
  }),
  attack("a version of WebSockets that doesn't exist", {
    against: "version confusion: there is one version",
    async attack(target) {
      const wire = await target.wire();
      wire.write(upgradeRequest({ protocols: "crossbus.v1" }).replace("Version: 13", "Version: 99"));
      return (await wire.answer())?.status;
    },
    succeeded: (status) => status === 101,
    defence: {
      file: "node_modules/ws/lib/websocket-server.js",
      find: "if (version !== 13 && version !== 8) {",
      replace: "if (false) {",
    },
  }),
];
