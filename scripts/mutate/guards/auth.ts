import { type Guard, guardsOf } from "../guard.js";

const bearer = ["test/auth/bearer.test.ts"];
const tickets = ["test/auth/tickets.test.ts"];
const table = ["test/auth/token-table.test.ts"];
const renewal = ["test/link/resumable/renewal.test.ts"];
const served = ["test/proxy/authenticate-node.test.ts"];

/** What keeps those out who have not proved who they are, or not any more. */
export const authGuards: readonly Guard[] = [
  ...guardsOf("src/link/resumable/ask-credential.ts", served, [
    {
      find: "Promise.race([credential?.(), late])",
      replace: "credential?.()",
      why: "a credential that is never given would keep a client from ever telling that it can't connect",
    },
    {
      find: 'signal.addEventListener("abort", settle, { signal: settled.signal });',
      replace: "",
      why: "a session whose credential isn't given would outlast its time",
    },
  ]),
  ...guardsOf("src/auth/bearer-token.ts", bearer, [
    {
      find: "return isBearerToken(token) ? token : undefined;",
      replace: "return token;",
      why: "an empty token, or one with spaces and commas, would be verified",
    },
    {
      find: 'credential?.type === bearerType\n      ? textOf(credential.value)\n      : (fromHeader(peer.metadata.get("authorization")) ??',
      replace:
        'credential?.type === bearerType && fromHeader(peer.metadata.get("authorization")) === undefined\n      ? textOf(credential.value)\n      : (fromHeader(peer.metadata.get("authorization")) ??',
      why: "the header that came with an old connection would count before what a client renews with",
    },
    {
      find: "others.length > 0 || ",
      replace: "",
      why: "of two tokens the first would count, and a check on the way may have seen the other",
    },
    {
      find: " || encoded.length > 2 * maxLength",
      replace: " || encoded.length > 0",
      why: "browsers could show no token",
    },
  ]),
  ...guardsOf("src/auth/bearer.ts", bearer, [
    {
      find: "if (principal === undefined) {",
      replace: "if (false) {",
      why: "a token that isn't valid would be nobody's business",
    },
  ]),
  ...guardsOf("src/auth/token-table.ts", table, [
    {
      find: "].token`, token);",
      replace: '].token`, "x");',
      why: "an environment variable that isn't set would make a token of nothing",
    },
    {
      find: "isSameBytes(digest, given) ? principal : found",
      replace: "isSameBytes(digest, given) ? principal : entries[0].principal",
      why: "every token would do",
    },
    {
      find: "if (new Set(entries.map(({ token }) => token)).size < entries.length) {",
      replace: "if (false) {",
      why: "a token would be two principals'",
    },
  ]),
  ...guardsOf("src/auth/tickets.ts", tickets, [
    {
      find: " || !isSameBytes(ticket.secret, bytes.subarray(idBytes))",
      replace: "",
      why: "the id of a ticket, whose look-up takes a time that tells of it, would do",
    },
    {
      find: "      issued.delete(id);\n      if (ticket.expiresAt",
      replace: "      if (ticket.expiresAt",
      why: "a ticket would open as often as somebody shows it",
    },
    {
      find: "if (ticket.expiresAt <= clock.now()) {",
      replace: "if (false) {",
      why: "a ticket would be good until the next one is issued",
    },
    {
      find: "if (issued.size >= maxTickets) {",
      replace: "if (false) {",
      why: "who asks for tickets could fill the memory",
    },
    {
      find: "      sweep();\n",
      replace: "",
      why: "tickets that nobody uses would count for ever",
    },
    {
      find: "return others.length === 0 ? ticket : undefined;",
      replace: "return ticket;",
      why: "of two tickets the first would count, and a check on the way may have seen the other",
    },
  ]),
  ...guardsOf(
    "src/auth/any-of.ts",
    ["test/auth/any-of.test.ts"],
    [
      {
        find: "if (toStatusError(error).code !== Code.UNAUTHENTICATED) {",
        replace: "if (false) {",
        why: "who is known and denied would be let in by another way",
      },
      {
        find: "    throw unauthenticated();\n  };",
        replace: "    return undefined as never;\n  };",
        why: "whom nobody lets in would be let in",
      },
    ],
  ),
  ...guardsOf("src/auth/authenticate.ts", renewal, [
    {
      find: "if (expiresAt !== undefined && !Number.isFinite(expiresAt)) {",
      replace: "if (false) {",
      why: "a time that is no number would never come",
    },
    {
      find: "if (expiresAt !== undefined && expiresAt <= now()) {",
      replace: "if (false) {",
      why: "a session would begin with a credential that has expired",
    },
  ]),
  ...guardsOf(
    "src/base/at-time.ts",
    ["test/base/at-time.test.ts"],
    [
      {
        find: "Math.min(lookMs, Math.max(0, Math.ceil(left)))",
        replace: "Math.max(0, Math.ceil(left))",
        why: "a time in a month would be now, and a machine that sleeps would miss it",
      },
      {
        find: "return () => prevent();",
        replace: "return prevent;",
        why: "what waits for long could not be prevented",
      },
    ],
  ),
  ...guardsOf("src/link/resumable/server-renewal.ts", renewal, [
    {
      find: "if (!isSamePrincipal(principal, this.#peer?.principal)) {",
      replace: "if (false) {",
      why: "a session would become somebody else's",
    },
    {
      find: "if (channel === this.#channel && isRefusal(why)) {",
      replace: "if (false) {",
      why: "a client that is refused would go on",
    },
    {
      find: "if (channel === this.#channel && isRefusal(why)) {",
      replace: "if (channel === this.#channel) {",
      why: "all sessions would end when what the application asks is down for a moment",
    },
    {
      find: "if (channel !== this.#channel) {",
      replace: "if (false) {",
      why: "what an old connection proves would count for the next one",
    },
    {
      find: "if (this.#asking === channel) {",
      replace: "if (false) {",
      why: "a client could have the application judge it any number of times at once",
    },
    {
      find: "    this.#preventEnd();\n    this.#preventEnd = whenExpired",
      replace: "    this.#preventEnd = whenExpired",
      why: "a session that is renewed would end at its first time",
    },
    {
      find: "this.#preventEnd = whenExpired(clock, peer.principal, end);",
      replace: "",
      why: "a session would outlive what its client has proved",
    },
    {
      find: "    this.#channel = undefined;\n    this.#preventEnd();",
      replace: "    this.#channel = undefined;",
      why: "a session that is over would leave a timer behind",
    },
  ]),
  ...guardsOf("src/link/resumable/client-renewal.ts", renewal, [
    {
      find: " || !this.#isAsking",
      replace: "",
      why: "a server could answer what nobody has asked",
    },
    {
      find: "        this.#schedule();\n        renewalFailed",
      replace: "        renewalFailed",
      why: "one failure to get a token would end the session",
    },
  ]),
  ...guardsOf("src/link/plain-link.ts", served, [
    {
      find: "whenExpired(this.#clock, this.peer.principal, (why) => void this.close(why))",
      replace: "() => {}",
      why: "a session over a plain link would outlive what its client has proved",
    },
  ]),
  ...guardsOf("src/proxy/plain-links.ts", served, [
    {
      find: "if (authenticate !== undefined && connection.peer.principal === undefined) {",
      replace: "if (false) {",
      why: "a transport that doesn't ask would let everybody in",
    },
  ]),
  ...guardsOf("src/proxy/serve.ts", served, [
    {
      find: "...(resumable === undefined && authenticate !== undefined ? { admit } : {}),",
      replace: "",
      why: "nobody would be let in over a plain link",
    },
  ]),
  ...guardsOf("src/auth/authenticate.ts", served, [
    {
      find: 'Code.UNAVAILABLE, "the server can',
      replace: 'Code.INTERNAL, "the server can',
      why: "clients would be gone for good when what a hook asks is down for a moment",
    },
  ]),
  ...guardsOf("src/base/given.ts", served, [
    {
      find: "Code.UNAVAILABLE",
      replace: "Code.UNKNOWN",
      why: "a client would be gone for good when it can't get a token for a moment",
    },
  ]),
  ...guardsOf("src/auth/report-failures.ts", served, [
    {
      find: "if (!hasFailed) {",
      replace: "if (true) {",
      why: "strangers could fill the log with what a hook fails at",
    },
  ]),
];
