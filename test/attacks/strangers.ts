import type { Edit } from "../../scripts/mutate/guard.js";
import { plainProtocol } from "../../src/transport/plain-protocol.js";
import { type Attack, attack, speaks } from "./attack.js";
import type { HelloInit } from "./support/link-peer.js";
import type { RawWebSocketOptions } from "./support/raw-web-socket.js";
import type { Target } from "./support/target.js";
import { until } from "./support/until.js";

/** What the servers want to see. */
const token = "rocket-skates-4711";
const withToken = ["--token", token];
const withOrigin = ["--origin", "https://app.example"];
const encodedToken = Buffer.from(token).toString("base64url");

/** Lets everybody in whose token is none, or isn't valid. */
const anybody: Edit = {
  file: "src/auth/bearer.ts",
  find: "throw unauthenticated();",
  replace: 'return { name: "stranger" };',
};

/** Whether one of these clients is let in. */
async function isOneWelcome(
  target: Target,
  clients: readonly { readonly options?: RawWebSocketOptions; readonly hello?: HelloInit }[],
): Promise<boolean> {
  const welcome: boolean[] = [];
  for (const { options, hello } of clients) {
    welcome.push(await (await target.stranger(options)).isWelcome(hello));
  }
  return welcome.includes(true);
}

function credential(value: string, type = "bearer"): { readonly hello: HelloInit } {
  return { hello: { credential: { type, value: Buffer.from(value) } } };
}

function header(text: string): { readonly options: RawWebSocketOptions } {
  return { options: { headers: [text] } };
}

/** Those who have no business here. */
export const strangerAttacks: readonly Attack[] = [
  attack("no token", {
    against: "W12: authentication: nobody comes in without",
    server: withToken,
    attack: (target) =>
      isOneWelcome(target, [{}, credential(""), header("Authorization: Bearer"), credential(token, "x")]),
    succeeded: (isWelcome) => isWelcome,
    defence: anybody,
  }),
  attack("tokens that are almost right", {
    against: "W12: authentication: a token is compared as a whole",
    server: withToken,
    attack: (target) =>
      isOneWelcome(target, [
        credential(token.slice(0, -1)),
        credential(`${token}x`),
        credential(token.toUpperCase()),
        header(`Authorization: Bearer ${token}=`),
        header(`Authorization: Bearer ${token}, ${token}`),
        { options: { protocols: `crossbus.v1, bearer.${encodedToken.slice(1)}` } },
      ]),
    succeeded: (isWelcome) => isWelcome,
    defence: {
      file: "src/auth/token-table.ts",
      find: "found = isSameBytes(digest, given) ? principal : found;",
      replace: "found = digest.length === given.length ? principal : found;",
    },
  }),
  attack("the token in places where logs have it", {
    against: "W12: a token counts where it is looked for, and nowhere else",
    server: withToken,
    attack: (target) =>
      isOneWelcome(target, [
        { options: { path: `/ws?token=${token}` } },
        header(`Cookie: token=${token}`),
        header(`Authorization: Basic ${token}`),
        header(`X-Token: ${token}`),
      ]),
    succeeded: (isWelcome) => isWelcome,
    defence: {
      file: "src/auth/bearer-token.ts",
      find: '(fromHeader(peer.metadata.get("authorization")) ??',
      replace: '(new URL(peer.url ?? "", "http://localhost").searchParams.get("token") ??',
    },
  }),
  attack("a token that is wrong beside one that is right", {
    against: "there is no falling back from what was said last",
    server: withToken,
    attack: (target) => isOneWelcome(target, [{ ...header(`Authorization: Bearer ${token}`), ...credential("wrong") }]),
    succeeded: (isWelcome) => isWelcome,
    defence: {
      file: "src/auth/bearer-token.ts",
      find: "credential?.type === bearerType",
      replace: "credential?.type === bearerType && isBearerToken(undefined)",
    },
  }),
  attack("a token in the subprotocol, to be echoed", {
    against: "anchors: a token is never echoed",
    server: [...speaks.protobuf, ...withToken],
    async attack(target) {
      const { answer } = await target.webSocket({ protocols: `bearer.${encodedToken}, ${plainProtocol}` });
      return answer;
    },
    // An attack of the browser's user, who is let in: what counts is what proxies on the way get to log.
    succeeded: (answer) => answer?.text.includes(encodedToken) === true,
    defence: {
      file: "src/transport/websocket-server-node.ts",
      find: "protocols.find((name) => offered.has(name)) ?? (false as const)",
      replace: "[...offered][0] ?? (false as const)",
    },
  }),
  attack("a plain link without a token", {
    against: "W12: the same hook guards plain links",
    server: [...speaks.protobuf, ...withToken],
    async attack(target) {
      const headers = [`Authorization: Bearer ${token}x`];
      return [
        (await target.plain()).webSocket.answer?.status,
        (await target.plain({ headers })).webSocket.answer?.status,
      ];
    },
    succeeded: (statuses) => statuses.includes(101),
    defence: anybody,
  }),
  attack("a downgrade to a plain link, where a token is asked for", {
    against: "W12, L-1: no downgrade",
    server: withToken,
    async attack(target) {
      const peer = await target.plain();
      peer.activate();
      return peer.goesOn(2_000);
    },
    succeeded: (goesOn) => goesOn,
    defence: [
      {
        file: "src/proxy/link-options.ts",
        find: "if (options.dialect === undefined) {\n    if (",
        replace: "if (false) {\n    if (",
      },
      // A plain link asks for the token as well.
      anybody,
    ],
  }),
  attack("a credential that is renewed as somebody else's", {
    against: "a session ends when its client isn't who it was",
    server: withToken,
    async attack(target) {
      const peer = await target.stranger();
      await peer.isWelcome(credential(token).hello);
      peer.activate();
      await peer.goesOn();
      peer.control({ case: "renew", value: credential("somebody-else").hello });
      await until(() => peer.isOver || peer.controls.some((kind) => kind.case === "renewed"));
      return peer.goesOn();
    },
    succeeded: (goesOn) => goesOn,
    defence: [
      anybody,
      {
        file: "src/link/resumable/server-renewal.ts",
        find: "if (!isSamePrincipal(principal, this.#peer?.principal)) {",
        replace: "if (false) {",
      },
    ],
  }),
  attack("a page of somebody else's in a browser", {
    against: "W12: cross-origin pages; `null`, and names that point here",
    async attack(target) {
      const origins = ["https://evil.example", "null", `http://127.0.0.1:${target.server.port}`, "http://localhost"];
      return isOneWelcome(
        target,
        origins.map((origin) => header(`Origin: ${origin}`)),
      );
    },
    succeeded: (isWelcome) => isWelcome,
    defence: {
      file: "src/transport/origins.ts",
      find: "return (origin) => origin === undefined;",
      replace: "return () => true;",
    },
  }),
  attack("origins that look like one that is listed", {
    against: "W12: origins are compared as a whole",
    server: withOrigin,
    attack: (target) =>
      isOneWelcome(
        target,
        [
          "https://app.example.evil.example",
          "http://app.example",
          "https://app.example:444",
          "https://evil.example/https://app.example",
          "https://app.example@evil.example",
          "https://app.example/path",
          "null",
          "",
        ].map((origin) => header(`Origin: ${origin}`)),
      ),
    succeeded: (isWelcome) => isWelcome,
    defence: {
      file: "src/transport/origins.ts",
      find: "return normal !== undefined && allowed.has(normal);",
      replace: "return [...allowed].some((each) => origin.startsWith(each));",
    },
  }),
  attack("the origin in an older header", {
    against: "W12: an old name for a thing doesn't get past its check",
    async attack(target) {
      return isOneWelcome(target, [header("Sec-WebSocket-Origin: https://evil.example")]);
    },
    succeeded: (isWelcome) => isWelcome,
    defence: {
      file: "src/transport/websocket-server-node.ts",
      find: "this.#isAllowed(origin ?? olderOrigin?.toString())",
      replace: "this.#isAllowed(origin)",
    },
  }),
];
