import { setTimeout as sleep } from "node:timers/promises";
import {
  AgentRunner,
  BaseAgent,
  type Dialect,
  Direction,
  type Frame,
  formatStatus,
  frame,
  PIPECAT_FRAMES,
  silentLogger,
} from "../../../src/index.js";
import { WebSocketProxyClientAgent } from "../../../src/websocket.js";
import { until } from "./until.js";

/** How long a session waits between its messages while it talks. */
const paceMs = 10;

/** The most messages that wait for their answers at a time. */
const maxWaiting = 100;

/** How long the last answers may take, in milliseconds: attacks keep a server busy. */
const patienceMs = 30_000;

/** What a session has noticed of an attack. */
export interface Talk {
  readonly sent: number;
  readonly lost: number;
  /** The longest that an answer took, in milliseconds. */
  readonly slowestMs: number;
}

/** Sends numbered messages to the assistant, which come back. */
class Customer extends BaseAgent {
  readonly #bridge = this.createBridge({ targetAgent: "assistant" });
  readonly #waiting = new Map<number, number>();
  sent = 0;
  /** How many answers are other than they should be: of another message, or another order. */
  odd = 0;
  slowestMs = 0;
  /** Whether the assistant is there, and active. */
  isServed = false;

  get waiting(): number {
    return this.#waiting.size;
  }

  say(): void {
    const number = ++this.sent;
    this.#waiting.set(number, performance.now());
    this.#bridge.send(frame("text", { text: `honest ${number}` }), Direction.DOWNSTREAM);
  }

  protected override onReady(): void {
    this.watchAgent("assistant");
    this.activateAgent("proxy");
  }

  protected override onAgentReady(): void {
    this.activateAgent("assistant");
    this.isServed = true;
  }

  protected override onBridgeFrame({ kind }: Frame): void {
    const number = kind.case === "text" ? Number(/^honest (\d+)$/.exec(kind.value.text)?.[1]) : Number.NaN;
    const [first, at = 0] = this.#waiting.entries().next().value ?? [];
    if (number !== first) {
      this.odd++;
      return;
    }
    this.#waiting.delete(number);
    this.slowestMs = Math.max(this.slowestMs, performance.now() - at);
  }
}

/** A well-behaved session, over the package's own client, which talks while others attack. */
export class HonestSession implements AsyncDisposable {
  readonly #runner = new AgentRunner({ handleSigint: false, logger: silentLogger });
  readonly #customer = new Customer("acme");
  readonly #running: Promise<unknown>;
  /** What has gone wrong with the connection. */
  readonly troubles: string[] = [];
  #talking: AbortController | undefined;
  #talk: Promise<void> | undefined;

  private constructor(port: number, dialect: Dialect | undefined, token: string | undefined) {
    const proxy = new WebSocketProxyClientAgent("proxy", {
      url: `ws://127.0.0.1:${port}/ws`,
      localAgentName: "acme",
      remoteAgentName: "assistant",
      forwardMessages: PIPECAT_FRAMES,
      ...(dialect === undefined ? {} : { dialect }),
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    });
    for (const event of ["suspended", "disconnected", "connectFailed", "failed"] as const) {
      proxy.on(event, (why) => this.troubles.push(`${event}: ${formatStatus(why)}`));
    }
    proxy.on("undelivered", (_message, why) => this.troubles.push(`undelivered: ${formatStatus(why)}`));
    this.#running = this.#start(proxy);
  }

  /** Opens one, to a server that was started with these arguments. */
  static async open(port: number, args: readonly string[]): Promise<HonestSession> {
    const { dialect, token } = readArguments(args);
    const session = new HonestSession(port, dialect, token);
    try {
      await until(() => session.#customer.isServed);
      // What works for the first time takes memory that stays.
      session.begin();
      await sleep(500);
      const { lost } = await session.end();
      if (lost > 0 || session.troubles.length > 0) {
        throw new Error(`there is trouble without an attack: ${lost} messages lost; ${session.troubles.join("; ")}`);
      }
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts to talk. */
  begin(): void {
    this.#customer.slowestMs = 0;
    this.#customer.odd = 0;
    this.#customer.sent = 0;
    this.#talking = new AbortController();
    this.#talk = this.#talkUntil(this.#talking.signal);
  }

  /** Stops talking, and waits for the last answers. */
  async end(): Promise<Talk> {
    const customer = this.#customer;
    this.#talking?.abort();
    await this.#talk;
    await until(() => customer.waiting === 0 || this.troubles.length > 0, patienceMs);
    const { sent, waiting, odd, slowestMs } = customer;
    return { sent, lost: waiting + odd, slowestMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#talking?.abort();
    this.#runner.cancel();
    await this.#running;
  }

  async #start(proxy: WebSocketProxyClientAgent): Promise<void> {
    await this.#runner.addAgent(this.#customer);
    await this.#runner.addAgent(proxy);
    await this.#runner.run();
  }

  async #talkUntil(signal: AbortSignal): Promise<void> {
    // At least so many, also during an attack that is over at once.
    for (let count = 0; count < 20 || !signal.aborted; count++) {
      if (this.#customer.waiting < maxWaiting) {
        this.#customer.say();
      }
      await sleep(paceMs);
    }
  }
}

/** What a client has to know of the arguments that a server was started with. */
export function readArguments(args: readonly string[]): {
  readonly dialect: Dialect | undefined;
  readonly token: string | undefined;
} {
  const find = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  return { dialect: find("--dialect") as Dialect | undefined, token: find("--token") };
}
