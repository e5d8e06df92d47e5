import { type Guard, guardsOf } from "../guard.js";

const admissionTests = ["test/transport/admission-node.test.ts"];
const originTests = ["test/transport/origins-node.test.ts"];
const tlsTests = ["test/transport/tls-node.test.ts"];

/** Who may connect to a listener at all, and over what. */
export const doorGuards: readonly Guard[] = [
  ...guardsOf("src/transport/admission.ts", admissionTests, [
    {
      find: "clock.after(timeoutMs, () =>",
      replace: "clock.after(timeoutMs * 1_000, () =>",
      why: "a hook that never answers would hold a request for ever",
    },
    {
      find: "error instanceof StatusError ? error : failed(peer, error)",
      replace: "error instanceof StatusError ? error : new StatusError(Code.INTERNAL, String(error))",
      why: "a hook that fails would do so in silence, and tell a stranger why",
    },
    {
      find: "case Code.UNAUTHENTICATED:\n      return 401;",
      replace: "case Code.UNAUTHENTICATED:\n      return 503;",
      why: "clients would go on trying with a token that isn't good",
    },
  ]),
  ...guardsOf("src/transport/upgrade-admissions-node.ts", admissionTests, [
    {
      find: "this.#isClosed ? refuseUpgrade(socket, 503) : grant(principal)",
      replace: "grant(principal)",
      why: "a listener would accept after it was closed",
    },
    {
      find: 'socket.on("readable", look).once("end", gone).once("close", gone);',
      replace: "",
      why: "a client that is gone would be kept until the hook answers",
    },
    {
      find: 'admission.giveUp(new StatusError(Code.UNAVAILABLE, "the listener has closed"));',
      replace: "",
      why: "requests would be left behind by a listener that closes",
    },
  ]),
  ...guardsOf("src/transport/refuse-upgrade-node.ts", admissionTests, [
    {
      find: '...(httpStatus === 401 ? ["WWW-Authenticate: Bearer"] : []),',
      replace: "",
      why: "a client would not learn how to say who it is",
    },
  ]),
  ...guardsOf(
    "src/transport/upgrade-router-node.ts",
    ["test/transport/websocket-server-node.test.ts"],
    [
      {
        find: 'if (event === "upgrade") {',
        replace: "if (false) {",
        why: "nobody would take what is asked for at our path",
      },
      {
        find: "        handler(request, socket, head);\n        return true;",
        replace: "        handler(request, socket, head);",
        why: "others on the server would answer once more what is ours",
      },
      {
        find: "if (server.emit === emit) {",
        replace: "if (true) {",
        why: "what somebody else has put around the server's events would be gone",
      },
    ],
  ),
  ...guardsOf("src/transport/websocket-server-node.ts", originTests, [
    {
      find: "if (!this.#isAllowed(origin ?? olderOrigin?.toString())) {",
      replace: "if (false) {",
      why: "every page that somebody visits could use the listener",
    },
    {
      find: "origin ?? olderOrigin?.toString()",
      replace: "origin",
      why: "a page could say where it stands in the older way, and pass for a program",
    },
  ]),
  ...guardsOf("src/transport/origins.ts", originTests, [
    {
      find: "return (origin) => origin === undefined;",
      replace: "return () => true;",
      why: "every page could connect where nothing is said about origins",
    },
    {
      find: "return allowWithoutOrigin === true;",
      replace: "return true;",
      why: "programs could connect where pages alone may",
    },
    {
      find: "return normal !== undefined && allowed.has(normal);",
      replace: "return normal !== undefined;",
      why: "every page could connect as soon as one may",
    },
    {
      find: ' && (pathname === "/" || pathname === "")',
      replace: "",
      why: "what only contains an origin would pass for one",
    },
  ]),
  ...guardsOf("src/transport/listener-tls-node.ts", tlsTests, [
    {
      find: "requestCert: tls.ca !== undefined,",
      replace: "",
      why: "nobody would be asked for a client certificate",
    },
    {
      find: 'rejectUnauthorized: clientCertificates !== "optional",',
      replace: "rejectUnauthorized: false,",
      why: "clients without a certificate would be let in where one is required",
    },
    {
      find: "if (clientCertificates !== undefined && tls.ca === undefined) {",
      replace: "if (false) {",
      why: "any authority of the web could make client certificates",
    },
  ]),
  ...guardsOf("src/transport/upgrade-peer-node.ts", tlsTests, [
    {
      find: "if (!socket.authorized) {",
      replace: "if (false) {",
      why: "a certificate that anybody has made would be taken for somebody's",
    },
  ]),
  ...guardsOf("src/transport/own-http-server-node.ts", tlsTests, [
    {
      find: "      options.expired(socket);\n      socket.destroy();",
      replace: "      options.expired(socket);",
      why: "a client could hold a connection for ever without becoming a WebSocket",
    },
    {
      find: "      pending.get(key)?.stopTimer();\n",
      replace: "",
      why: "the deadline of the handshake would end connections that met it",
    },
  ]),
  ...guardsOf("src/transport/client-tls.ts", tlsTests, [
    {
      find: "  return {\n    ...(ca",
      replace: "  return {\n    ...tls,\n    ...(ca",
      why: "an option could turn the check of the server's certificate off",
    },
  ]),
  ...guardsOf(
    "src/transport/ws-web-sockets.ts",
    [...tlsTests, "test/transport/connect-request-node.test.ts"],
    [
      {
        find: 'if (tls !== undefined && url.protocol !== "wss:") {',
        replace: "if (false) {",
        why: "who thinks to have TLS would have none",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/websocket.ts",
    ["test/transport/connect-request-node.test.ts", "test/transport/websocket-client-node.test.ts"],
    [
      {
        find: 'if (opened.protocol === "" && protocols.length + request.protocols.length > 0) {',
        replace: "if (false) {",
        why: "in Firefox a connection would be made with a server that speaks something else",
      },
      {
        find: "          if (!settled) {\n            begin(request);\n          }",
        replace: "          begin(request);",
        why: "a socket would be opened for nobody, after the attempt was given up",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/web-sockets-of.ts",
    ["test/transport/websocket-client-node.test.ts"],
    [
      {
        find: "if (on !== undefined) {",
        replace: "if (terminate !== undefined) {",
        why: "Bun's own WebSocket would drop headers, and the authorities to trust, without a word",
      },
      {
        find: "if (on !== undefined) {",
        replace: "if (true as boolean) {",
        why: "with the WebSockets of Bun and Deno a server that is away for a moment would be given up for ever",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/page-web-sockets.ts",
    ["test/transport/connect-request-node.test.ts", "test/transport/page-web-sockets.test.ts"],
    [
      {
        find: 'if (typeof headers === "function") {',
        replace: "if (false as boolean) {",
        why: "headers that are asked for later would fail the attempts to connect, and not their option",
      },
      {
        find: "if (names.length > 0) {",
        replace: "if (false as boolean) {",
        why: "a page's headers would be dropped without a word",
      },
      {
        find: "if (tls !== undefined) {",
        replace: "if (false as boolean) {",
        why: "a page would think that its own authorities are the ones that are trusted",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/web-socket-errors.ts",
    ["test/transport/websocket-client-node.test.ts"],
    [
      {
        find: 'error.name === "SecurityError"',
        replace: "false",
        why: "a page that may not connect would be told an unknown error, with nothing to do about it",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/check-options.ts",
    ["test/transport/websocket-client-node.test.ts"],
    [
      {
        find: 'protocol.replace(/^(bearer\\.).*/is, "$1…")',
        replace: "protocol",
        why: "a token in a subprotocol would show in messages",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/ws-errors.ts",
    ["test/transport/wire-limits-node.test.ts"],
    [
      {
        find: 'if (code === "WS_ERR_TOO_MANY_BUFFERED_PARTS") {',
        replace: "if (false) {",
        why: "too many fragments would pass for a broken protocol",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/ws-errors.ts",
    ["test/transport/tls-node.test.ts"],
    [
      {
        find: 'code === "ECONNRESET" ?',
        replace: "false ?",
        why: "nobody would look at a client's certificate that a server doesn't take",
      },
      {
        find: 'code === "ECONNRESET" ?',
        replace: "true ?",
        why: "whoever has no server running would be sent to look at certificates",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/warn-of-plain-text.ts",
    ["test/transport/warn-of-plain-text.test.ts"],
    [
      {
        find: "127(?:\\.\\d{1,3}){3}|\\[::1\\])$/",
        replace: "127(?:\\.\\d{1,3}){3}|\\[::1\\])/",
        why: "a host whose name begins like this machine's would not be warned of",
      },
    ],
  ),
];
