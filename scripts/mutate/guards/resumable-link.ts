import { type Guard, guardsOf } from "../guard.js";

const folder = "src/link/resumable";
const handshake = ["test/link/resumable/handshake.test.ts", "test/link/resumable/strangers.test.ts"];
const attempts = ["test/link/resumable/attempts.test.ts"];
const heartbeat = ["test/link/resumable/heartbeat.test.ts"];
const lanes = ["test/link/resumable/lanes.test.ts"];
const resume = ["test/link/resumable/resume.test.ts"];
const open = ["test/link/resumable/open.test.ts"];

/** Those that take next to no time, of each of these files. */
const openGrep = "^(?!.*(L-22|L-23|L-26|L-27))";

/** What keeps a session from others, and its messages from getting lost, doubled or out of order. */
export const resumableLinkGuards: readonly Guard[] = [
  ...guardsOf("src/base/same-bytes.ts", resume, [
    {
      find: "if (a.length !== b.length) {",
      replace: "if (false) {",
      why: "a secret with something behind it would do",
    },
    {
      find: "difference |= ",
      replace: "difference = ",
      why: "one right byte would do for a secret",
    },
  ]),
  ...guardsOf(
    `${folder}/audience.ts`,
    ["test/link/resumable/audience.test.ts"],
    [
      {
        find: "if (this.#suspended === undefined) {",
        replace: "if (true) {",
        why: "who came while there was no connection would be told that there is one again, of which it never heard",
      },
      {
        find: "      consumer.suspended?.(suspended);\n",
        replace: "",
        why: "who came while there was no connection would never hear of that",
      },
    ],
  ),
  ...guardsOf(
    "src/base/once-a-turn.ts",
    ["test/base/once-a-turn.test.ts"],
    [
      {
        find: "      soon(forget);\n",
        replace: "",
        why: "no time would pass for a link: it would take a peer for dead that talks all the time",
      },
    ],
  ),
  ...guardsOf("src/auth/authenticate.ts", resume, [
    {
      find: " && a?.policy === b?.policy",
      replace: "",
      why: "a session would go on under a policy that its client doesn't have any more",
    },
  ]),
  ...guardsOf("src/auth/authenticate.ts", handshake, [
    {
      find: "if (error instanceof StatusError) {",
      replace: "if (true) {",
      why: "clients would read what broke inside of a hook",
    },
    {
      find: 'if (typeof principal?.name !== "string") {',
      replace: "if (false) {",
      why: "a hook that gives nothing would let everybody in",
    },
    {
      find: " || value.length > maxCredentialBytes",
      replace: "",
      why: "a credential that no server takes would be sent again and again",
    },
  ]),
  ...guardsOf(`${folder}/server.ts`, resume, [
    {
      find: "if (!isKnown || ",
      replace: "if (",
      why: "who knows the id of a session could take it over",
    },
    {
      find: " || isSecret(held.previous, resume.secret)",
      replace: "",
      why: "a Welcome that got lost would cost the session",
    },
    {
      find: "        held.previous = undefined;\n",
      replace: "",
      why: "a secret would count for ever",
    },
    {
      find: "held.previous = resume.secret;",
      replace: "held.previous = held.secret;",
      why: "two Welcomes that got lost in a row would cost the session",
    },
    {
      find: "    held.secret = makeSecret();\n",
      replace: "",
      why: "a session would have one secret for all its life",
    },
    {
      find: " || hello.epoch !== greeted.hello.epoch",
      replace: "",
      why: "a client that was restarted would go on with what it has forgotten",
    },
    {
      find: 'held.link.drop(status(Code.ABORTED, "another connection has resumed the session"), false);',
      replace: "",
      why: "two connections would feed one session",
    },
    {
      find: 'session"), false);\n    if (held.link.isClosed) {',
      replace: 'session"), false);\n    if (false) {',
      why: "a link that was closed while it was fenced would open again",
    },
    {
      find: "    held.prevent();\n    if (!held.link.rewind",
      replace: "    if (!held.link.rewind",
      why: "a session that was resumed would end when its time to be is over",
    },
    {
      find: "if (!held.link.rewind(greeted.cursors)) {",
      replace: "if (!held.link.rewind(greeted.cursors) && false) {",
      why: "a session would go on without messages that one end has and the other has not",
    },
    {
      find: "if (resume.serverEpoch !== this.#epoch) {",
      replace: "if (false) {",
      why: "a client would not learn that its server was restarted",
    },
    {
      find: "held.prevent = clock.after(graceMs, ",
      replace: "held.prevent = clock.after(graceMs * 2, ",
      why: "sessions without a connection would be kept longer than is said",
    },
  ]),
  ...guardsOf(`${folder}/server.ts`, handshake, [
    {
      find: "if (connection.protocol !== linkProtocol) {",
      replace: "if (false) {",
      why: "a plain peer would wait for an answer in vain",
    },
    {
      find: "    if (this.#closedWith !== undefined) {",
      replace: "    if (this.#closedWith !== undefined && (false as boolean)) {",
      why: "a session could begin while the server closes",
    },
    {
      find: "of this.#pending) {",
      replace: "of new Set<Connection>()) {",
      why: "clients without a handshake would keep a server that is closed",
    },
    {
      find: "if (!link.rewind(greeted.cursors)) {",
      replace: "if (!link.rewind(greeted.cursors) && false) {",
      why: "a new session could begin in the middle",
    },
  ]),
  ...guardsOf(`${folder}/server-handshake.ts`, handshake, [
    {
      find: "clock.after(handshakeTimeoutMs, ",
      replace: "clock.after(handshakeTimeoutMs * 9, ",
      why: "clients that say nothing would be waited for much longer",
    },
    {
      find: 'kind.case !== "hello" || hasHello',
      replace: 'kind.case !== "hello"',
      why: "a client could change what it has said while it is being judged",
    },
    {
      find: "if (isOver || !channel.isOpen) {",
      replace: "if (false) {",
      why: "a session would begin with a client that is gone",
    },
    {
      find: "Promise.race([identify(authenticate, request, () => clock.now()), ended(connection)])",
      replace: "identify(authenticate, request, () => clock.now())",
      why: "hooks that hang would keep the places of clients that are gone",
    },
  ]),
  ...guardsOf(
    `${folder}/client-handshake.ts`,
    [...handshake, ...attempts],
    [
      {
        find: "if (connection.protocol !== linkProtocol) {",
        replace: "if (false) {",
        why: "a client would say its credential to a server that doesn't know what it is",
      },
      {
        find: "wait(clock, handshakeTimeoutMs, ",
        replace: "wait(clock, handshakeTimeoutMs * 9, ",
        why: "a client would wait much longer for a server that says nothing",
      },
    ],
  ),
  ...guardsOf(
    `${folder}/client.ts`,
    [...handshake, ...attempts],
    [
      {
        find: "version !== linkVersion || ",
        replace: "",
        why: "a client would take a version that it doesn't speak",
      },
      {
        find: "resumed !== isResume || ",
        replace: "",
        why: "a client would go on with a session that the server doesn't have",
      },
    ],
  ),
  ...guardsOf(`${folder}/channel.ts`, handshake, [
    {
      find: "if (frame.length > this.#maxBytes) {",
      replace: "if (frame.length > maxFrameBytes) {",
      why: "strangers could have large frames read",
    },
    {
      find: "if (frame.length > this.#maxBytes) {",
      replace: "if (this.#maxBytes < maxFrameBytes && frame.length > this.#maxBytes) {",
      why: "frames of any size would be read",
    },
  ]),
  ...guardsOf(`${folder}/channel.ts`, resume, [
    {
      find: "this.#handler = undefined;",
      replace: "",
      why: "what comes over a connection that was fenced would count",
    },
  ]),
  ...guardsOf(
    `${folder}/client.ts`,
    [...attempts, ...resume],
    [
      {
        find: " || attempt >= maxAttempts",
        replace: "",
        why: "a client would go on connecting for longer than it was told to",
      },
      {
        find: "this.#attempts = 0;",
        replace: "",
        why: "a link could lose its connection only so often in all its life",
      },
      {
        find: "if (this.link.progress > this.#progress) {",
        replace: "if (true) {",
        why: "a connection that is lost as soon as it is made would be made for ever",
      },
      {
        find: "clock.after(graceMs, giveUp)",
        replace: "clock.after(graceMs, () => {})",
        why: "an attempt that hangs would outlast the session",
      },
      {
        find: "reasonOf(last) !== 0 || ",
        replace: "",
        why: "a client would ask again for a session that the server has forgotten",
      },
      {
        find: "!(isRetryable(last) || last.code === Code.CANCELLED)",
        replace: "false",
        why: "a client that isn't allowed in would go on trying",
      },
      {
        find: "if (this.link.isClosed) {",
        replace: "if (false) {",
        why: "a link that was closed meanwhile would open again",
      },
      {
        find: "} else if (this.link.rewind(cursors)) {",
        replace: "} else if (this.link.rewind(cursors) || true) {",
        why: "a client would go on with a server that has another count",
      },
    ],
  ),
  ...guardsOf(`${folder}/client.ts`, attempts, [
    {
      find: "    client.link.end(toStatusError(error));\n",
      replace: "",
      why: "each attempt that fails would leave its listeners in the page for good",
    },
  ]),
  ...guardsOf(`${folder}/client.ts`, open, [
    {
      find: "backoff(resumeDelays, attempt, clock), earliestMs,",
      replace: "backoff(resumeDelays, attempt, clock), 0,",
      why: "clients would come back sooner than a busy server asks them to",
    },
  ]),
  ...guardsOf(`${folder}/heartbeat.ts`, heartbeat, [
    {
      find: "now - this.#dueAt > intervalMs / 2",
      replace: "false",
      why: "all connections would be lost when a computer wakes up",
    },
    {
      find: "    this.#heardAt = Math.min(this.#heardAt, now);\n",
      replace: "",
      why: "a clock that is put back would stop the heartbeat for as long",
    },
    {
      find: "      this.#askedAt = Math.min(this.#askedAt, now);\n",
      replace: "",
      why: "a peer that is gone would be waited for until the clock is where it was",
    },
    {
      find: "    this.#heardAt = now;\n    this.#askedAt = undefined;",
      replace: "    this.#heardAt = now;",
      why: "a peer that has answered would be taken for dead",
    },
  ]),
  ...guardsOf(`${folder}/receive-lane.ts`, lanes, [
    {
      find: "if (sequence <= this.#received) {",
      replace: "if (false) {",
      why: "what is sent again would arrive twice",
    },
    {
      find: "if (sequence > expected) {",
      replace: "if (false) {",
      why: "messages could go missing in silence",
    },
    {
      find: "if (size > this.#maxMessageBytes) {",
      replace: "if (false) {",
      why: "a few bytes of a peer's would take any amount of memory",
    },
    {
      find: "sequence > this.#maxSequence || ",
      replace: "",
      why: "a peer could send any number of messages that nobody takes",
    },
    {
      find: "(this.#end + size > this.#maxBytes && !isAlone)",
      replace: "false",
      why: "a peer could send any number of bytes that nobody takes",
    },
    {
      find: " && !isAlone",
      replace: "",
      why: "a message that is larger than the window would end the session",
    },
    {
      find: "frame.isLast ? filled !== open.length : filled >= open.length",
      replace: "filled > open.length",
      why: "a message could arrive with zeros where bytes are missing",
    },
    {
      find: " || last > this.#maxSequence",
      replace: "",
      why: "a peer could skip to where the numbers end",
    },
    {
      find: "end < this.#end || ",
      replace: "",
      why: "a peer could take back the bytes that it has sent, and send them again without credit",
    },
    {
      find: "interrupt(): void {\n    this.#open = undefined;",
      replace: "interrupt(): void {",
      why: "a message that was on its way when the connection was lost would end the session",
    },
    {
      find: "if (!isCongested) {",
      replace: "if (true) {",
      why: "a peer would go on sending to a consumer that is congested",
    },
  ]),
  ...guardsOf(`${folder}/send-lane.ts`, lanes, [
    {
      find: "this.length < maxShared",
      replace: "true",
      why: "a peer that is away would keep alive what was sent to all others",
    },
    {
      find: "      acknowledged >= this.#next ||\n",
      replace: "",
      why: "a peer could acknowledge what was never sent, and have it lost in silence",
    },
    {
      find: "acknowledged < this.#acknowledged ||",
      replace: "",
      why: "a peer could take back what it has acknowledged, which is gone",
    },
    {
      find: "received >= this.#next) {",
      replace: "false) {",
      why: "a peer could have received what was never sent, and have it lost in silence",
    },
    {
      find: "    this.#offset = 0;\n    return this.acknowledge(ack);",
      replace: "    return this.acknowledge(ack);",
      why: "a message would go on over a new connection where it stopped on the old one",
    },
    {
      find: "sequence <= this.#maxSequence && ",
      replace: "",
      why: "messages would be sent without credit, which ends the session",
    },
    {
      find: " || this.#acknowledged === sequence - 1",
      replace: "",
      why: "a message that is larger than the window would stop its lane for ever",
    },
    {
      find: "this.length < this.#limit.messages && ",
      replace: "",
      why: "any number of messages would be kept",
    },
    {
      find: "now >= expiresAt",
      replace: "false",
      why: "audio would be sent that nobody can use any more",
    },
  ]),
  ...guardsOf(
    `${folder}/pace.ts`,
    ["test/link/resumable/pace.test.ts"],
    [
      {
        find: "return this.#marks.length === 0 && this.#isFull;",
        replace: "return false;",
        why: "data would be held until the next heartbeat, with nothing on its way that ends it",
      },
    ],
  ),
  ...guardsOf(
    `${folder}/outgoing.ts`,
    ["test/link/resumable/outgoing.test.ts"],
    [
      {
        find: "    this.#isFull = true;\n    this.#askForSign();",
        replace: "    this.#isFull = true;",
        why: "a hidden page would send a socket's worth a second, and one a minute after some minutes",
      },
      {
        find: "} else if (this.#isFull) {",
        replace: "} else if (false) {",
        why: "a hidden page would wait for its timers after an answer that came too early",
      },
      {
        find: "if (!this.#pace.isAsking) {",
        replace: "if (true) {",
        why: "a peer that is slow would be sent ever more pings",
      },
    ],
  ),
  ...guardsOf(`${folder}/outgoing.ts`, open, [
    {
      find: "if (this.#systemRun >= maxSystemRunBytes) {",
      replace: "if (false) {",
      why: "system messages could keep data from being sent at all",
    },
    {
      find: "return this.#takeSystem(now) ?? this.#takeData(now);",
      replace: "return this.data.take(now) ?? this.#takeSystem(now);",
      why: "a cancel would wait behind all that is queued",
    },
  ]).map((guard) => ({ ...guard, grep: "L-2[67]" })),
  ...guardsOf(`${folder}/outgoing.ts`, open, [
    {
      find: "        this.#isStuck = true;\n        this.#letGo();",
      replace: "",
      why: "senders would wait for ever for a peer that is there and takes nothing",
    },
    {
      find: "(next.expired.length > 0) {",
      replace: "(false) {",
      why: "what has expired would be lost in silence",
    },
  ]).map((guard) => ({ ...guard, tests: [...open, ...resume], grep: openGrep })),
  {
    file: `${folder}/incoming.ts`,
    find: " && (lane.isSystem || !this.#isPaused)",
    replace: "",
    why: "a consumer that is congested would get more",
    tests: open,
    grep: "L-22",
  },
  ...guardsOf(`${folder}/deliver.ts`, open, [
    {
      find: "isSystem !== undefined && isSystem !== inSystemLane",
      replace: "false",
      why: "a peer could send what is slow in the lane that is never held up",
    },
  ]),
  ...guardsOf(`${folder}/reset.ts`, open, [
    {
      find: "code === Code.RESOURCE_EXHAUSTED && isRetryable(closed)",
      replace: "code === Code.RESOURCE_EXHAUSTED",
      why: "a peer that refuses more would be sent everything again",
    },
    {
      find: " || code === Code.UNAVAILABLE",
      replace: "",
      why: "a connection that breaks would end the session",
    },
    {
      find: "const resume = evict || ",
      replace: "const resume = true || ",
      why: "a client would come back to who has sent it away",
    },
    {
      find: "code === Code.OK || ",
      replace: "",
      why: "a proxy that closes an idle connection would end the session",
    },
    {
      find: "escapeControls(closeReason(message))",
      replace: "message",
      why: "a peer could write what it likes on the terminal where errors are shown",
    },
  ]).map((guard) => ({ ...guard, grep: openGrep })),
  ...guardsOf(`${folder}/terms.ts`, handshake, [
    {
      find: "if (!Number.isSafeInteger(number)) {",
      replace: "if (false) {",
      why: "numbers that no end counts up to would be taken for others",
    },
  ]),
  ...guardsOf(`${folder}/resumable-link.ts`, open, [
    {
      find: "if (!lane.fits(size)) {",
      replace: "if (false) {",
      why: "any number of messages would be kept for a peer that is gone",
    },
    {
      find: 'if (this.#options.overflow === "reset") {',
      replace: "if (false) {",
      why: "a link that is to be reset when it has too much to keep would go on",
    },
    {
      find: "if (goaway.resumable) {",
      replace: "if (false) {",
      why: "a server that is moved would end its sessions",
    },
    {
      find: "this.#farewell?.isOurs === false && this.#incoming.waiting === 0",
      replace: "this.#farewell?.isOurs === false",
      why: "what arrived before a goodbye would be lost",
    },
    {
      find: "if (!this.#outgoing.acknowledge(ack)) {",
      replace: "if (!this.#outgoing.acknowledge(ack) && false) {",
      why: "a peer that acknowledges what was never sent would be believed",
    },
    {
      find: "if (why.code === Code.DATA_LOSS) {",
      replace: "if (false) {",
      why: "a message that is missing would end the session at once",
    },
  ]).map((guard) => ({ ...guard, grep: openGrep })),
  ...guardsOf(`${folder}/receive-lane.ts`, open, [
    {
      find: "if (this.#gapAt === expected) {",
      replace: "if (false) {",
      why: "ends that have lost count would connect again for ever",
    },
  ]).map((guard) => ({ ...guard, grep: openGrep })),
  ...guardsOf(`${folder}/incoming.ts`, open, [
    {
      find: "number !== LaneNumber.system && number !== LaneNumber.data",
      replace: "false",
      why: "what is skipped in no lane would count in one",
    },
  ]).map((guard) => ({ ...guard, grep: openGrep })),
  ...guardsOf(
    `${folder}/resumable-link.ts`,
    [...resume, ...handshake],
    [
      {
        find: "      this.#options.confirmed?.();\n",
        replace: "",
        why: "a secret would count for ever",
      },
    ],
  ),
  ...guardsOf(`${folder}/resumable-link.ts`, handshake, [
    {
      find: "if (size > this.#maxBytes) {",
      replace: "if (false) {",
      why: "a message that the peer doesn't take would be sent again and again",
    },
    {
      find: "Math.min(maxMessageBytes, terms.maxMessageBytes)",
      replace: "maxMessageBytes",
      why: "what the peer takes at most would not be kept to",
    },
  ]),
  ...guardsOf(
    `${folder}/pongs.ts`,
    ["test/link/resumable/weaknesses.test.ts"],
    [
      {
        find: "if (channel.bufferedAmount < maxSocketBytes) {",
        replace: "if (true) {",
        why: "who pings and doesn't read would fill memory with answers",
      },
    ],
  ),
  ...guardsOf(
    `${folder}/resumable-link.ts`,
    ["test/link/resumable/weaknesses.test.ts"],
    [
      {
        find: "if (loss.evict) {",
        replace: "if (false) {",
        why: "a message that nothing lets through would cut the connection again and again",
      },
    ],
  ).map((guard) => ({ ...guard, grep: "1009|the answers" })),
  {
    file: `${folder}/incoming.ts`,
    find: "if (channel.bufferedAmount > 2 * maxSocketBytes) {",
    replace: "if (false) {",
    why: "who sends and doesn't read would fill memory with acks",
    tests: ["test/link/resumable/weaknesses.test.ts"],
    grep: "the acks",
  },
  ...guardsOf(
    "src/proxy/link-options.ts",
    ["test/proxy/connect.test.ts"],
    [
      {
        find: "    if (options[name] !== undefined) {",
        replace: "    if (false) {",
        why: "who authenticates clients would not learn that a plain link lets everybody in",
      },
    ],
  ),
  ...guardsOf(
    `${folder}/resumable-link.ts`,
    [...resume, ...handshake],
    [
      {
        find: "frameTraits[kind].droppable ? droppableMs : undefined",
        replace: "undefined",
        why: "audio that is relayed would be sent when nobody can use it any more",
      },
      {
        find: "why.code === Code.OK ? status(Code.CANCELLED,",
        replace: "false ? status(Code.CANCELLED,",
        why: "what is lost would be told as if all were well",
      },
    ],
  ),
  ...guardsOf(
    `${folder}/frame.ts`,
    ["test/link/resumable/frame.test.ts"],
    [
      {
        find: "if (byte === 0 && factor > 1) {",
        replace: "if (false) {",
        why: "a frame could be written in more than one way",
      },
      {
        find: "if (!Number.isSafeInteger(result)) {",
        replace: "if (false) {",
        why: "numbers that are too large would be taken for others",
      },
      {
        find: "if ((flags & ~FLAGS) !== FrameType.data) {",
        replace: "if (false) {",
        why: "frames of another kind would be taken for data",
      },
      {
        find: "if (reader.pos !== frame.length) {",
        replace: "if (false) {",
        why: "what follows an ack would be passed over in silence",
      },
    ],
  ),
  ...guardsOf(
    `${folder}/incoming.ts`,
    [...open, ...resume],
    [
      {
        find: "this.#flows(lane) && lane.waiting === 0",
        replace: "this.#flows(lane)",
        why: "a message would overtake those that wait for the consumer",
      },
      {
        find: "this.#owesCredit || ",
        replace: "",
        why: "a sender would wait for ever for credit that was kept back",
      },
    ],
  ),
  ...guardsOf(
    `${folder}/outgoing.ts`,
    [...open, ...resume],
    [
      {
        find: "if (channel.bufferedAmount >= maxSocketBytes) {",
        replace: "if (false) {",
        why: "what is urgent would wait behind all that a socket takes",
      },
      {
        find: 'if (this.#options.overflow !== "block" || ',
        replace: "if (",
        why: "senders would wait although they were not to",
      },
    ],
  ),
  ...guardsOf(
    "src/proxy/connect.ts",
    ["test/proxy/connect.test.ts"],
    [
      {
        find: "checkCredential(await ask(",
        replace: "(await ask(",
        why: "a credential that no server can read would be sent",
      },
    ],
  ),
];
