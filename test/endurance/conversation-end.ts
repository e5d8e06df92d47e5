/** A process of the conversation: an agent that talks without a pause, and its proxy. */

import {
  AgentRunner,
  type AnyBusMessage,
  BaseAgent,
  busMessage,
  Direction,
  formatStatus,
  frame,
  type Logger,
  silentLogger,
} from "../../src/index.js";
import { frameTraits } from "../../src/message/case-traits.js";
import { WebSocketProxyClientAgent } from "../../src/websocket.js";
import { listen, WebSocketProxyServerAgent } from "../../src/websocket-server.js";
import { frameFrom } from "./frame-from.js";
import { answerCalls, ownOptions } from "./remote.js";

/** Which end of the conversation a process is. */
export interface ConversationEndOptions {
  /** Where to connect to. Without it the process listens. */
  readonly address?: string;
  /** For how long a peer may be silent before it is asked, in milliseconds; the server says it. */
  readonly heartbeatMs: number;
}

/** The lanes, each of which has numbers of its own. */
export type LaneName = "system" | "data";

/** What one lane has come to. */
export interface LaneTally {
  readonly sent: number;
  /** The different messages that came. */
  readonly received: number;
  readonly duplicates: number;
  /** Those that came after one with a greater number. */
  readonly outOfOrder: number;
}

/** What an end knows. */
export interface Tally {
  readonly system: LaneTally;
  readonly data: LaneTally;
  /** The messages of audio among those of the data lane that came. */
  readonly audio: number;
  /** What the bus or the proxy said is lost, or that the session is over. */
  readonly trouble: readonly string[];
  readonly isSuspended: boolean;
  /** When the link went on over another connection, by the wall clock, and after how long, in milliseconds. */
  readonly resumes: readonly { readonly at: number; readonly outageMs: number }[];
  /** When the last message came, by the wall clock. */
  readonly heardAt: number;
}

/** 20 ms of speech, and how often it comes. */
const samples = Uint8Array.from({ length: 640 }, (_, i) => i % 251);
const audioMs = 20;

/** So many messages of audio come for each one of text, and for each one of the system lane. */
const audioPerText = 5;
const audioPerInterruption = 20;

/** Counts what is sent and what comes in a lane. */
class LaneCount {
  sent = 0;
  duplicates = 0;
  outOfOrder = 0;
  readonly #seen = new Set<number>();
  #last = 0;

  came(number: number): void {
    if (this.#seen.has(number)) {
      this.duplicates++;
    } else if (number < this.#last) {
      this.outOfOrder++;
    }
    this.#seen.add(number);
    this.#last = Math.max(this.#last, number);
  }

  tally(): LaneTally {
    const { sent, duplicates, outOfOrder } = this;
    return { sent, received: this.#seen.size, duplicates, outOfOrder };
  }
}

/** Sends numbered frames to one other agent, and counts what comes from it. */
class Speaker extends BaseAgent {
  readonly #other: string;
  readonly #lanes = { system: new LaneCount(), data: new LaneCount() };
  #timer: NodeJS.Timeout | undefined;
  #audioCame = 0;
  #heardAt = 0;
  readonly trouble: string[] = [];
  readonly resumes: { readonly at: number; readonly outageMs: number }[] = [];
  isSuspended = false;

  constructor(name: string, other: string) {
    super(name);
    this.#other = other;
  }

  protected override onBusMessage(message: AnyBusMessage): void {
    const came = frameFrom(this.#other, message);
    if (came === undefined) {
      return;
    }
    const { kind, pts } = came;
    if (kind.case === undefined || pts === undefined) {
      this.trouble.push("a frame came without its number");
      return;
    }
    this.#lanes[frameTraits[kind.case].system ? "system" : "data"].came(Number(pts));
    this.#audioCame += kind.case === "inputAudioRaw" ? 1 : 0;
    this.#heardAt = Date.now();
  }

  /** Talks until `quiet()` is called. */
  talk(): void {
    let ticks = 0;
    this.#timer = setInterval(() => {
      this.#say(frame("inputAudioRaw", { audio: samples, sampleRate: 16_000, numChannels: 1 }), "data");
      if (++ticks % audioPerText === 0) {
        this.#say(frame("text", { text: `word ${ticks}` }), "data");
      }
      if (ticks % audioPerInterruption === 0) {
        this.#say(frame("interruption"), "system");
      }
    }, audioMs);
  }

  quiet(): void {
    clearInterval(this.#timer);
  }

  tally(): Tally {
    const { trouble, resumes, isSuspended } = this;
    const { system, data } = this.#lanes;
    const heardAt = this.#heardAt;
    return {
      system: system.tally(),
      data: data.tally(),
      audio: this.#audioCame,
      trouble,
      resumes,
      isSuspended,
      heardAt,
    };
  }

  #say(content: ReturnType<typeof frame>, lane: LaneName): void {
    content.pts = BigInt(++this.#lanes[lane].sent);
    try {
      this.send(busMessage("frame", { frame: content, direction: Direction.DOWNSTREAM }, { target: this.#other }));
    } catch (error) {
      this.trouble.push(`a message was refused: ${error}`);
    }
  }
}

/** Nothing may be lost for any reason: audio doesn't expire here, so that each message counts. */
const timeToLive = () => undefined;

const { address, heartbeatMs } = ownOptions<ConversationEndOptions>();
const isServer = address === undefined;
const speaker = isServer ? new Speaker("host", "guest") : new Speaker("guest", "host");

/** That connections are lost is what this is about; what is an error is trouble. */
const logger: Logger = {
  ...silentLogger,
  error: (message, fields) => speaker.trouble.push(`${message}: ${fields?.["error"] ?? ""}`),
};

async function run(runner: AgentRunner, proxy: WebSocketProxyServerAgent | WebSocketProxyClientAgent): Promise<void> {
  const { trouble, resumes } = speaker;
  runner.bus.on("dropped", ({ body }) => trouble.push(`the bus dropped a ${body.case}`));
  runner.bus.on("undelivered", ({ body }, why) => trouble.push(`the bus lost a ${body.case}: ${formatStatus(why)}`));
  for (const each of [proxy as WebSocketProxyClientAgent]) {
    each.on("undelivered", ({ body }, why) => trouble.push(`the proxy lost a ${body.case}: ${formatStatus(why)}`));
    each.on("invalid", (reason) => trouble.push(`a message was invalid: ${reason}`));
    each.on("denied", ({ rule }) => trouble.push(`a message was denied by rule ${rule}`));
    each.on("suspended", () => {
      speaker.isSuspended = true;
    });
    each.on("resumed", (outageMs) => {
      speaker.isSuspended = false;
      resumes.push({ at: Date.now(), outageMs });
    });
  }
  await runner.addAgent(speaker);
  await runner.addAgent(proxy);
  speaker.once("agentReady", () => speaker.talk());
  void runner.run();
}

function makeRunner(): AgentRunner {
  return new AgentRunner({ handleSigint: false, logger });
}

async function serve(): Promise<string> {
  const server = await listen({ port: 0, host: "127.0.0.1", heartbeatMs, timeToLive, logger }, async (session) => {
    const runner = makeRunner();
    const names = { agentName: "host", remoteAgentName: "guest" };
    const proxy = new WebSocketProxyServerAgent("gateway", { session, ...names, forwardMessages: ["frame"] });
    await run(runner, proxy);
    speaker.watchAgent("guest");
    speaker.trouble.push(`the session is over: ${formatStatus(await session.closed)}`);
  });
  return server.address;
}

async function connect(url: string): Promise<void> {
  const runner = makeRunner();
  const names = { localAgentName: "guest", remoteAgentName: "host" };
  const proxy = new WebSocketProxyClientAgent("proxy", { url, ...names, forwardMessages: ["frame"], timeToLive });
  proxy.on("disconnected", (why) => speaker.trouble.push(`the session is over: ${formatStatus(why)}`));
  await run(runner, proxy);
  speaker.watchAgent("host");
  speaker.activateAgent("proxy");
}

const opened = isServer ? serve() : connect(address);
answerCalls({
  /** Where the server listens. */
  where: () => opened,
  quiet: () => speaker.quiet(),
  tally: () => speaker.tally(),
});
