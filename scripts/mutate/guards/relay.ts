import { type Guard, guardsOf } from "../guard.js";

const rules = ["test/proxy/relay-rules.test.ts"];

/** What a relay hands on, and what becomes of the rest. */
export const relayGuards: readonly Guard[] = [
  ...guardsOf("src/proxy/relay.ts", rules, [
    {
      find: 'if (verdict !== "allow") {',
      replace: "if (false) {",
      why: "what the policy denies would cross a relay",
    },
    {
      find: 'if (verdict === "announcement") {',
      replace: 'if ((verdict as string) === "never") {',
      why: "announcements would be denied by a relay, and no agent be ready",
    },
    {
      find: "if (!from.peekSuffices && incoming.decode() === undefined) {",
      replace: "if (false) {",
      why: "a client could have a Python server behind a relay import any class",
    },
    {
      find: "if (this.#isOver) {",
      replace: "if (false) {",
      why: "what arrives after a side of a relay has ended would cross",
    },
    {
      find: "      this.#isOver = true;\n      throw error;",
      replace: "      throw error;",
      why: "a relay that could not be made would hand messages to a session that somebody else has",
    },
    {
      find: "incoming.bytes > maxAnnouncementBytes",
      replace: "false",
      why: "a peer of a relay could have much time spent on announcements",
    },
    {
      find: "const own = announcement(way.route, announced);",
      replace: "const own = message;",
      why: "announcements would cross a relay with other agents, and runners of the peer's choice",
    },
    {
      find: "readAnnouncement(message, way.route.localAgentName)",
      replace: "readAnnouncement(message, way.route.remoteAgentName)",
      why: "each side of a relay could announce the agent of the other",
    },
    {
      find: "      this.#undelivered(way, own, toStatusError(error));",
      replace: "      void [own, error];",
      why: "an announcement that a relay can't send would be lost in silence",
    },
    {
      find: "      this.#refused(way, incoming, toStatusError(error));",
      replace: "      void error;",
      why: "what the other side doesn't take would be lost in silence by a relay",
    },
    {
      find: "        this.#undelivered(ending, message, why);\n",
      replace: "",
      why: "what was on its way when a side of a relay was lost would be lost in silence",
    },
    {
      find: "this.#undelivered(ending, message, why)",
      replace: "this.#undelivered(way, message, why)",
      why: "a relay would take what was lost on its way to one side for what was on its way to the other",
    },
    {
      find: "    if (drained !== undefined) {\n      from.pause();",
      replace: "    if (drained !== undefined) {",
      why: "a side of a relay that reads too slowly would not slow down the other",
    },
    {
      find: "void drained.then(() => from.resume());",
      replace: "",
      why: "a relay would read no more before the 10 s of a pause are over",
    },
    {
      find: "this.#stats.denied++;",
      replace: "",
      why: "a relay would not count what it denies",
    },
    {
      find: 'this.emit("denied", { direction, rule, ...peeked });',
      replace: "",
      why: "what a relay denies would be dropped in silence",
    },
    {
      find: "this.#stats.invalid++;",
      replace: "",
      why: "a relay would not count what is invalid",
    },
    {
      find: "this.#stats.undelivered++;",
      replace: "",
      why: "a relay would not count what it can't deliver",
    },
    {
      find: 'if (rule === "case" && peeked.case === "taskRequest" && this.#opposite(way).endsTasks) {',
      replace: "if (false) {",
      why: "who requests a task that a relay denies would wait for ever",
    },
    {
      find: 'if (rule === "case" && peeked.case === "taskRequest" && this.#opposite(way).endsTasks) {',
      replace: 'if (peeked.case === "taskRequest" && this.#opposite(way).endsTasks) {',
      why: "a relay would read what a stranger asks for, only to answer it",
    },
    {
      find: "      this.#taskLost(way, message, why);\n    }",
      replace: "    }",
      why: "who requests a task whose request a relay loses would wait for ever",
    },
    {
      find: "news.target === message.target ? way : this.#opposite(way)",
      replace: "this.#opposite(way)",
      why: "the worker would be told of a lost response in place of the requester",
    },
    {
      find: "      streamCancel(message, why),\n",
      replace: "",
      why: "the worker of a stream that a relay loses a piece of would go on without end",
    },
    {
      find: "      functionCallFailure(message, why, message.target),\n",
      replace: "",
      why: "a model would wait for ever for the result of a function that a relay loses",
    },
    {
      find: "if (lostAlone.has(why.code)) {",
      replace: "if (false) {",
      why: "who requests a task whose request a relay keeps for too long would wait for ever",
    },
    {
      find: 'way.policy.inbound(describeMessage(news)) === "allow"',
      replace: "(true as boolean)",
      why: "a relay would say what its policy denies",
    },
    {
      find: "first === front ? back.close(",
      replace: "first !== front ? back.close(",
      why: "a side of a relay would stay open when the other has ended",
    },
    {
      find: "why.code === Code.UNAVAILABLE",
      replace: "(false as boolean)",
      why: "a client would be told the address of the server behind a relay",
    },
  ]),
  ...guardsOf("src/proxy/relay-ways.ts", rules, [
    {
      find: 'const atBack = { side: "server",',
      replace: 'const atBack = { side: "client",',
      why: "activation could not cross a relay",
    },
    {
      find: '    side: "client",',
      replace: '    side: "server",',
      why: "a server behind a relay could activate the client's agent",
    },
    {
      find: "if (client.dialect !== server.dialect) {",
      replace: "if (false) {",
      why: "a relay would hand bytes of one dialect to a peer that speaks another",
    },
    {
      find: 'policy.inbound(end) === "allow"',
      replace: "true",
      why: "a relay would send ends of tasks that its own policy denies",
    },
    {
      find: "if (!(session instanceof Session)) {",
      replace: "if (false) {",
      why: "a relay between anything else would fail with a TypeError",
    },
  ]),
  ...guardsOf(
    "src/proxy/connect.ts",
    ["test/proxy/connect.test.ts"],
    [
      {
        find: "checkMaxMessageBytes(options.maxMessageBytes)",
        replace: "options.maxMessageBytes ?? 1",
        why: "a connection with a bad option would be made, and left open",
      },
    ],
  ),
  ...guardsOf(
    "src/link/open-plain-link.ts",
    ["test/proxy/connect.test.ts"],
    [
      {
        find: "transport.connect({ signal })",
        replace: "transport.connect({})",
        why: "an attempt to connect could not be given up",
      },
    ],
  ),
  ...guardsOf(
    "src/proxy/session.ts",
    ["test/proxy/connect.test.ts"],
    [
      {
        find: "    await this.close();",
        replace: "",
        why: "a session that goes out of scope would keep its connection",
      },
    ],
  ),
];
