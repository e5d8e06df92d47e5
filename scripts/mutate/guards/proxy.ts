import { type Guard, guardsOf } from "../guard.js";

/** The tests of whole bridges. */
export const bridgeTests = ["guards", "proxy-agent", "weaknesses", "bridge"].map(
  (name) => `test/proxy/${name}.test.ts`,
);

/** What a peer can't do that knows the rules and means harm. */
const hostile = ["test/proxy/hostile.test.ts"];

/** What a server tells of its clients' messages. */
const toldOnce = ["test/proxy/told-once.test.ts"];

/** What the bridge does over WebSocket it does over memory too, and sooner. */
export const bridgeGrep = "^(?!a bridge over WebSocket)";

const lostResults = ["test/proxy/function-calls.test.ts"];

/** What the proxies do with what the policy says. */
export const proxyGuards: readonly Guard[] = [
  ...guardsOf("src/proxy/proxy-agent.ts", lostResults, [
    {
      find: "    this.#resultLost(message, why);\n",
      replace: "",
      why: "a model would wait for ever for the result of a function that is too large",
    },
  ]),
  ...guardsOf("src/proxy/function-call-failure.ts", lostResults, [
    {
      find: "|| lost.kind.value.properties?.isFinal === false",
      replace: "",
      why: "a function would end with the first of its results that is lost",
    },
    {
      find: "(why.code !== Code.INVALID_ARGUMENT && why.code !== Code.RESOURCE_EXHAUSTED)",
      replace: "false",
      why: "a call of a conversation that was given up would get a result over the next connection",
    },
  ]),
  ...guardsOf("src/proxy/proxy-agent.ts", bridgeTests, [
    {
      find: 'if (verdict !== "allow") {',
      replace: "if (false) {",
      why: "what the policy denies would go out",
    },
    {
      find: 'if (verdict === "ignore") {',
      replace: "if (false) {",
      why: "traffic that is none of the proxy's business would count as denied",
    },
    {
      find: 'this.#denied("out", verdict, describeMessage(message));',
      replace: "",
      why: "what is denied on its way out would be dropped in silence",
    },
    {
      find: 'if (verdict !== "allow" && verdict !== "announcement") {',
      replace: "if (false) {",
      why: "what the policy denies would come in",
    },
    {
      find: 'this.#denied("in", verdict, peeked);',
      replace: "",
      why: "what is denied on its way in would be dropped in silence",
    },
    {
      find: "this.#deniedCount++;",
      replace: "",
      why: "denied messages would not be counted",
    },
    {
      find: "if (message instanceof LocalMessage) {",
      replace: "if (false) {",
      why: "messages with live references would be taken for ones with a schema",
    },
    {
      find: "if (message.target === this.#remoteAgentName) {",
      replace: "if (false) {",
      why: "a message with live references for the remote agent would be dropped in silence",
    },
    {
      find: "if (deliveredBy(message) === link) {",
      replace: "if (false) {",
      why: "what a link delivered could go back over it, and for ever between two proxies",
    },
    {
      find: "markDelivered(message, link);",
      replace: "",
      why: "nobody could know what came over a link: the peer could end the runner",
    },
    {
      find: "message.target ??= this.#localAgentName;",
      replace: "",
      why: "what came for all would reach every agent of the bus",
    },
    {
      find: "`);\n      this.#undelivered(message, why);",
      replace: "`);\n      void why;",
      why: "what is sent without a connection would be lost in silence",
    },
    {
      find: "this.#send(message, link));\n    } catch (error) {\n      this.#undelivered(message, toStatusError(error));",
      replace: "this.#send(message, link));\n    } catch (error) {",
      why: "what can't be encoded or sent would be lost in silence",
    },
    {
      find: 'this.#undelivered(message, toStatusError(error));\n      return;\n    }\n    this.#crossed(message, "in"',
      replace: 'return;\n    }\n    this.#crossed(message, "in"',
      why: "what finds the local agent's queue full would be lost in silence",
    },
    {
      find: "return isSystem(message) ? undefined : link.drained();",
      replace: "return undefined;",
      why: "a slow peer would not slow down who sends to it",
    },
    {
      find: "return isSystem(message) ? undefined : link.drained();",
      replace: "return link.drained();",
      why: "a cancel would wait for a slow peer",
    },
    {
      find: "if (bus.isCongested(this.#localAgentName)) {",
      replace: "if (false) {",
      why: "a slow local agent would not slow down the peer",
    },
    {
      find: "(subscriber) => subscriber === local && link.resume()",
      replace: "() => {}",
      why: "reading would not go on once the local agent has caught up",
    },
    {
      find: "(subscriber) => subscriber === local && link.resume()",
      replace: "() => link.resume()",
      why: "reading would go on because of another agent",
    },
    {
      find: "if (this.#link !== link) {",
      replace: "if (false) {",
      why: "what arrives over a link that was dropped would come in",
    },
    {
      find: "if (message === undefined) {",
      replace: "if (false) {",
      why: "a message that can't be decoded would throw where the connection delivers",
    },
    {
      find: "if (!this.#announcer.receive(message)) {",
      replace: "this.#announcer.receive(message);\n      if (false) {",
      why: "announcements of other agents would be dropped in silence",
    },
    {
      find: 'this.#denied("in", "announcement", peeked);\n      }\n      return;',
      replace: 'this.#denied("in", "announcement", peeked);\n      }',
      why: "announcements would be put on the bus",
    },
    {
      find: "setCustomSchema(message.body.value, schema);",
      replace: "",
      why: "an urgent message of the application's would lose its priority on the way",
    },
    {
      find: "this.#invalidCount++;",
      replace: "",
      why: "invalid messages would not be counted",
    },
    {
      find: 'this.#emitProxyEvent("invalid", reason, bytes);',
      replace: "",
      why: "invalid messages would be dropped in silence",
    },
    {
      find: 'if (message.body.case !== "agentRegistry") {',
      replace: "if (false) {",
      why: "what was on its way when the connection was lost would be lost in silence",
    },
    {
      find: "stopAnnouncing();",
      replace: "",
      why: "the remote agent would stay in the registry when its link is gone",
    },
    {
      find: "      this.#release();\n      throw error;",
      replace: "      throw error;",
      why: "two proxies could send over one link",
    },
    {
      find: "if (this.#link === link) {",
      replace: "if (false) {",
      why: "the proxy would go on sending over a link that is closed",
    },
    {
      find: "    this.#release();\n    await link?.close(why);",
      replace: "    await link?.close(why);",
      why: "a proxy would forward until its link has closed, after it was deactivated",
    },
    {
      find: "await link?.close(why);",
      replace: "",
      why: "a deactivated proxy would keep its connection",
    },
    {
      find: "return [this.#remoteAgentName];",
      replace: "return [];",
      why: "an agent of the bus could have the remote agent's name",
    },
  ]),
  ...guardsOf(
    "src/proxy/proxy-agent.ts",
    ["test/proxy/policy.test.ts"],
    [
      {
        find: "if (name === localAgentName || name === remoteAgentName) {",
        replace: "if (false) {",
        why: "a proxy could bear the name of an agent that it connects",
      },
    ],
  ),
  ...guardsOf(
    "src/proxy/proxy-agent.ts",
    ["test/proxy/lost-connection-log.test.ts"],
    [
      {
        find: 'side === "client" ? ({ lost: "warn"',
        replace: 'side !== "" ? ({ lost: "warn"',
        why: "a client that drops its connections could fill a server's log",
      },
    ],
  ),
  ...guardsOf("src/proxy/serve.ts", toldOnce, [
    {
      find: "    shareNews(link, isNews);\n",
      replace: "",
      why: "a client that connects again and again could fill a server's log",
    },
  ]),
  ...guardsOf("src/proxy/proxy-agent.ts", toldOnce, [
    {
      find: "this.#levelOf = newsOf(link);",
      replace: "this.#levelOf = newsOf();",
      why: "a client of a server's proxy that connects again and again could fill the log",
    },
  ]),
  ...guardsOf("src/proxy/relay.ts", toldOnce, [
    {
      find: "newsOf(front.link)",
      replace: "newsOf()",
      why: "a client of a relay that connects again and again could fill the log",
    },
  ]),
  ...guardsOf("src/proxy/news.ts", toldOnce, [
    {
      find: '=== false ? "debug"',
      replace: "=== false ? undefined",
      why: "what is denied in later sessions could be found at no level",
    },
    {
      find: "!isNews(key) ? undefined : ",
      replace: "",
      why: "each message that is denied would be a line",
    },
  ]),
  ...guardsOf("src/proxy/proxy-agent.ts", hostile, [
    {
      find: "incoming.bytes > maxAnnouncementBytes",
      replace: "false",
      why: "a peer could have much time spent on announcements that are for nobody here",
    },
    {
      find: "bus.send(message, incoming.bytes);",
      replace: "bus.send(message);",
      why: "a peer could have a queue hold more than it counts",
    },
  ]),
  ...guardsOf("src/codec/decode-message.ts", hostile, [
    {
      find: "if (++reader.unknown > MAX_UNKNOWN_FIELDS) {",
      replace: "if (false) {",
      why: "a peer could have an object made of every two bytes",
    },
  ]),
].map((guard) => ({ ...guard, grep: bridgeGrep }));
