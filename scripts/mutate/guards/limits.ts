import { type Guard, guardsOf } from "../guard.js";

const folder = "src/proxy/limits";
const served = ["test/proxy/limits/serve-node.test.ts"];
const refused = ["test/proxy/limits/refused-node.test.ts"];
const refusedTls = ["test/proxy/limits/refused-tls-node.test.ts"];

/** What a client may cost. */
export const limitGuards: readonly Guard[] = [
  ...guardsOf(
    "src/codec/hot-reader.ts",
    ["test/codec/elements.test.ts"],
    [
      {
        find: "if (++this.elements > this.#maxElements) {",
        replace: "if (false) {",
        why: "what is read fast could have any number of elements",
      },
    ],
  ),
  ...guardsOf(
    "src/codec/decode-message.ts",
    ["test/codec/elements.test.ts"],
    [
      {
        find: "if (++reader.elements > reader.maxElements) {",
        replace: "if (false) {",
        why: "a message with an unknown field could have any number of elements",
      },
    ],
  ),
  ...guardsOf(
    "src/codec/pipecat/read-json.ts",
    ["test/codec/elements.test.ts"],
    [
      {
        find: "if (++this.elements > this.#maxElements) {",
        replace: "if (false) {",
        why: "a message in JSON could have any number of elements",
      },
    ],
  ),
  ...guardsOf(
    "src/codec/hot-reader.ts",
    ["test/codec/elements.test.ts"],
    [
      {
        find: "elements.count += reader.elements;",
        replace: "",
        why: "what is read fast would cost its sender nothing",
      },
    ],
  ),
  ...guardsOf(
    "src/codec/decode-message.ts",
    ["test/codec/elements.test.ts"],
    [
      {
        find: "elements.count += reader.elements;",
        replace: "",
        why: "a message with an unknown field would cost its sender nothing but its bytes",
      },
    ],
  ),
  ...guardsOf(
    "src/codec/pipecat/read-json.ts",
    ["test/codec/elements.test.ts"],
    [
      {
        find: "elements.count += reader.elements;",
        replace: "",
        why: "a message in JSON would cost its sender nothing but its bytes",
      },
    ],
  ),
  ...guardsOf("src/link/resumable/resumable-link.ts", served, [
    {
      find: "protobufCodec.decode(message, this.#options.elements)",
      replace: "protobufCodec.decode(message)",
      why: "a message over a resumable link could have any number of elements",
    },
  ]),
  ...guardsOf("src/link/resumable/server.ts", served, [
    {
      find: "if (refusal !== undefined) {",
      replace: "if (false) {",
      why: "a principal could have any number of sessions over resumable links",
    },
    {
      find: "connection.identified?.(peer);",
      replace: "",
      why: "a client could send as much as it likes by connecting again and again over resumable links",
    },
    {
      find: "connection.elements = held.elements;",
      replace: "",
      why: "elements that come over a resumable link would cost nothing",
    },
    {
      find: "    settled();\n",
      replace: "",
      why: "a server would take no clients any more after the first thousand",
    },
  ]),
  ...guardsOf("src/proxy/serve.ts", served, [
    {
      find: "    arrive: limits.arrive,\n",
      replace: "",
      why: "connections that never become a WebSocket would not count",
    },
  ]),
  ...guardsOf("src/proxy/plain-links.ts", served, [
    {
      find: "if (refusal !== undefined) {",
      replace: "if (false) {",
      why: "a principal could have any number of sessions over plain links",
    },
    {
      find: "connection.identified(connection.peer);",
      replace: "",
      why: "a client could send as much as it likes by connecting again and again over plain links",
    },
    {
      find: "connection.elements = elements;",
      replace: "",
      why: "elements that come over a plain link would cost nothing",
    },
    {
      find: "begin(link, () => connection.count);",
      replace: "begin(link, () => 0);",
      why: "a plain link would end as idle although messages go over it",
    },
  ]),
  ...guardsOf(`${folder}/client-limits.ts`, served, [
    {
      find: "arrival.settle();\n      // The end",
      replace: "// The end",
      why: "a client that goes away before it is let in would count for ever",
    },
    {
      find: 'if (limitOf(why) !== "idleMs") {',
      replace: "if (true) {",
      why: "an idle session would count twice",
    },
    {
      find: "      prevent();\n      end();\n",
      replace: "      prevent();\n",
      why: "a principal could have no session any more after the first thousand",
    },
  ]),
  ...guardsOf(
    `${folder}/client-network.ts`,
    ["test/proxy/limits/client-network.test.ts"],
    [
      {
        find: "groups.slice(0, 4)",
        replace: "groups.slice(0, 8)",
        why: "whoever has an IPv6 address has any number of them",
      },
      {
        find: "if (mapped !== undefined) {",
        replace: "if (false) {",
        why: "all IPv4 addresses would be one to a socket of both families",
      },
    ],
  ),
  ...guardsOf(
    `${folder}/pending-clients.ts`,
    ["test/proxy/limits/pending-clients.test.ts"],
    [
      {
        find: "if (ofNetwork >= this.#limits.maxPendingPerAddress) {",
        replace: "if (false) {",
        why: "one address could take all the room for those that aren't let in yet",
      },
      {
        find: "if (this.#count >= this.#limits.maxPending) {",
        replace: "if (false) {",
        why: "any number of connections could wait to be let in",
      },
      {
        find: "isPending = false;",
        replace: "",
        why: "a client that is let in and then leaves would make room for two",
      },
    ],
  ),
  ...guardsOf(
    `${folder}/metered-connection.ts`,
    ["test/proxy/limits/metered-connection.test.ts"],
    [
      {
        find: "if (messagesMs > 0 || bytesMs > 0) {",
        replace: "if (false) {",
        why: "a client could send as much a second as it likes",
      },
      {
        find: "cost += elements.count * elementBytes;",
        replace: "",
        why: "a client could keep a core busy with few bytes",
      },
      {
        find: "elements.count = 0;",
        replace: "",
        why: "elements would be charged again with each message that follows",
      },
      {
        find: "Math.min(longestHoldMs, ",
        replace: "Math.max(0, ",
        why: "a connection that owes much would not be read for so long that it seems dead",
      },
      {
        find: "    if (this.#endHold === undefined) {\n      this.#inner.resume();",
        replace: "    if (true) {\n      this.#inner.resume();",
        why: "a consumer that pauses and resumes would have too much read",
      },
      {
        find: "      if (!this.#isPaused) {",
        replace: "      if (true) {",
        why: "a consumer that is congested would get more all the same",
      },
      {
        find: "inner.onControl?.(() => this.#tinyFrame());",
        replace: "",
        why: "a client could have any number of pings answered",
      },
      {
        find: "if (bytes < tinyBytes) {",
        replace: "if (false) {",
        why: "a client could send any number of empty messages",
      },
      {
        find: "if (meter !== undefined) {",
        replace: "if (false) {",
        why: "a client could send as much as it likes by connecting again and again",
      },
      {
        find: "this.#charge(0, 0);",
        replace: "",
        why: "each new connection would have a message read whatever is owed, and it may be a large one",
      },
      {
        find: "      this.#leave();\n      this.#endHold?.();",
        replace: "      this.#endHold?.();",
        why: "a client that closes its connections itself could send as much as it likes",
      },
      {
        find: "    // Nothing is read from now on, however long the peer takes to close as well.\n    this.#leave();\n",
        replace: "",
        why: "a client that is slow to close a connection would have a new meter for the next one",
      },
    ],
  ),
  ...guardsOf(`${folder}/client-limits.ts`, refused, [
    {
      find: "if (!connection.isIdentified) {",
      replace: "if (false) {",
      why: "nobody would know of clients that a resumable link refuses",
    },
    {
      find: "if (!connection.isIdentified) {",
      replace: "if (true) {",
      why: "sessions that an application ends would count as clients that were refused",
    },
  ]),
  ...guardsOf(`${folder}/pending-clients.ts`, refused, [
    {
      find: "this.#counters.turnedAway(why, address);",
      replace: "",
      why: "nobody would know of clients that are refused before they are connected",
    },
  ]),
  ...guardsOf("src/transport/arrivals-node.ts", refused, [
    {
      find: "entry.why = why;",
      replace: "",
      why: "nobody would know of requests to upgrade that are refused",
    },
  ]),
  ...guardsOf("src/transport/arrivals-node.ts", refusedTls, [
    {
      find: "entry.why ??= handshakeRefusal(error, socket);",
      replace: "",
      why: "nobody would know of clients whose TLS handshake fails",
    },
    {
      find: " ?? this.#closing;",
      replace: ";",
      why: "nobody would know of clients whose certificate isn't good enough",
    },
  ]),
  ...guardsOf("src/transport/handshake-refusal-node.ts", refusedTls, [
    {
      find: 'code.startsWith("ERR_SSL_")',
      replace: "true",
      why: "whoever looks whether the port is open would count as refused",
    },
  ]),
  ...guardsOf(`${folder}/limit-counters.ts`, refusedTls, [
    {
      find: 'detail.type === "errorInfo"',
      replace: "false",
      why: "one sort of refusal would hide another in the log",
    },
  ]),
  ...guardsOf("src/transport/websocket-server-node.ts", refused, [
    {
      find: "arrivals.refused(request.socket, status(",
      replace: "void (request.socket, status(",
      why: "nobody would know of pages whose origin isn't listed",
    },
  ]),
  ...guardsOf(
    `${folder}/kept-meters.ts`,
    ["test/proxy/limits/metered-connection.test.ts"],
    [
      {
        find: "if (!meter.isFull) {",
        replace: "if (true) {",
        why: "every client that has ever been there would be remembered",
      },
      {
        find: "    this.#sweep();\n",
        replace: "",
        why: "every client that has ever sent something would be remembered",
      },
      {
        find: "const meter = kept?.pop();",
        replace: "const meter = kept?.[0];",
        why: "connections at the same time would share a meter",
      },
    ],
  ),
  ...guardsOf(
    `${folder}/token-bucket.ts`,
    ["test/proxy/limits/token-bucket.test.ts", "test/proxy/limits/metered-connection.test.ts"],
    [
      {
        find: "Math.max(0, now - this.#lookedAt)",
        replace: "now - this.#lookedAt",
        why: "a clock that is put back would stop a client for as long",
      },
      {
        find: "this.#capacity === Infinity ? 0 : ",
        replace: "",
        why: "meters without a limit would never be full, and be kept for ever",
      },
      {
        find: "Math.min(this.#capacity, ",
        replace: "Math.max(0, ",
        why: "who was silent for an hour could send an hour's worth at once",
      },
      {
        find: "this.#tokens + due) - this.#taken",
        replace: "this.#tokens + due - this.#taken)",
        why: "more could come at once than the bucket holds",
      },
      {
        find: "const sightPart = 1 / 64;",
        replace: "const sightPart = 1;",
        why: "who was silent for a while could send much less at once than the limits say",
      },
      {
        find: "Math.min(this.#sight, this.#tokens)",
        replace: "this.#sight",
        why: "who owes something could go on at once",
      },
      {
        find: "if (this.#taken <= this.#unseen) {",
        replace: "if (false) {",
        why: "the clock would be looked at for each message",
      },
    ],
  ),
  ...guardsOf("src/transport/arrivals-node.ts", served, [
    {
      find: "        arrival.settle(entry.why);\n",
      replace: "",
      why: "a connection that never becomes a WebSocket would count for ever",
    },
    {
      find: "    this.#pending.get(key)?.arrival.settle();\n",
      replace: "",
      why: "a WebSocket would count as pending for as long as it lives",
    },
    {
      find: "return this.#begin(socket, false);",
      replace: "return true;",
      why: "requests to upgrade on somebody else's server would not count",
    },
    {
      find: "  expire(socket: Socket, timeoutMs: number): void {\n",
      replace: "  expire(socket: Socket, timeoutMs: number): void {\n    return;\n",
      why: "nobody would know how many clients are too slow",
    },
  ]),
  ...guardsOf(
    "src/bus/in-process-bus.ts",
    ["test/bus/limits.test.ts"],
    [
      {
        find: "        this.#stats.refused++;\n",
        replace: "",
        why: "nobody would know how often a queue was full",
      },
    ],
  ),
];
