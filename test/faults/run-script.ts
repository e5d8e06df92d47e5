import { type Clock, systemClock } from "../../src/base/clock.js";
import { Code, formatStatus, type Status, StatusError, toStatusError } from "../../src/base/status.js";
import { faulty } from "../../src/testing/faulty.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Listener, ServerTransport, Transport } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { WebSocketServerTransport } from "../../src/transport/websocket-server-node.js";
import { idle } from "../support/idle.js";
import { audioMessage, dataMessage, type End, LinkPair, systemMessage } from "../support/link-pair.js";
import { type Kind, randomScript, type Step } from "./random-script.js";

/** What a script has shown. */
export interface Outcome {
  readonly sent: number;
  readonly delivered: number;
  /** Told as undelivered, by the code of the status. */
  readonly told: ReadonlyMap<Code, number>;
  readonly resumes: number;
  readonly resets: number;
  /** What must not be, in words; empty where all is well. */
  readonly violations: readonly string[];
}

/** What was sent at an end of a link. */
interface Ledger {
  readonly name: string;
  readonly end: End;
  readonly sent: { readonly text: string; readonly kind: Kind }[];
}

/** A session as the test sees it: both ends, once the server's is there. */
interface Pair {
  readonly client: Ledger;
  server: Ledger | undefined;
}

/** What a script runs over: time, a network with faults, and how to let time pass. */
interface Stage {
  readonly clock: Clock;
  readonly client: Transport;
  readonly server: ServerTransport;
  /** Milliseconds of the clock for one of the script. */
  readonly scale: number;
  pass(ms: number): Promise<void>;
}

/** Runs the script of a seed, and checks that every message was delivered once and in order, or told as lost. */
export async function runScript(seed: number, over: "memory" | "websocket"): Promise<Outcome> {
  const stage = over === "memory" ? memoryStage() : webSocketStage();
  const { clock, client, server, scale } = stage;
  const network = faulty(client, { clock, seed, windowBytes: seed % 3 === 0 ? 0 : 65_536 });
  const pair = await LinkPair.listen({
    clock,
    client: network,
    server,
    heartbeatMs: Math.max(1, Math.round(5_000 * scale)),
    graceMs: Math.max(1, Math.round(30_000 * scale)),
    clientOptions: { timeToLive: (message) => (message.body.case === "frame" ? 5_000 * scale : undefined) },
    serverOptions: { timeToLive: (message) => (message.body.case === "frame" ? 5_000 * scale : undefined) },
  });
  const script = randomScript(seed);
  const world = new World(pair, stage, script);
  try {
    await world.open();
    for (const step of script) {
      await world.step(step, network);
    }
    network.heal();
    await world.settle();
  } finally {
    network.heal();
    await world.close();
  }
  return world.outcome();
}

class World {
  readonly #pair: LinkPair;
  readonly #stage: Stage;
  readonly #pairs: Pair[] = [];
  readonly #violations: string[] = [];
  readonly #paused = new Set<"client" | "server">();
  #count = 0;
  readonly #hasDuplicates: boolean;

  constructor(pair: LinkPair, stage: Stage, script: readonly Step[]) {
    this.#pair = pair;
    this.#stage = stage;
    this.#hasDuplicates = script.some(({ type }) => type === "duplicate");
  }

  /** Opens a link, as long as nobody refuses. */
  async open(): Promise<void> {
    const before = this.#pair.served.length;
    const abort = new AbortController();
    let opened: End | undefined;
    const attempt = this.#pair.connect(abort.signal).then(
      (end) => {
        opened = end;
      },
      (error: unknown) => {
        if (!(error instanceof StatusError)) {
          this.#violations.push(`connecting failed with ${String(error)}`);
        }
      },
    );
    await this.#stage.pass(0);
    for (let waited = 0; opened === undefined && waited < 3_000; waited += 500) {
      await this.#stage.pass(500);
    }
    abort.abort();
    await this.#stage.pass(0);
    await attempt;
    if (opened !== undefined) {
      const server = this.#pair.served[before];
      const pair: Pair = {
        client: { name: "client", end: opened, sent: [] },
        server: server === undefined ? undefined : { name: "server", end: server, sent: [] },
      };
      this.#pairs.push(pair);
    }
  }

  async step(step: Step, network: ReturnType<typeof faulty<Transport>>): Promise<void> {
    const { scale } = this.#stage;
    const current = this.#pairs.at(-1);
    if (current === undefined || current.client.end.ended !== undefined) {
      await this.open();
    }
    const forMs = "forMs" in step ? { forMs: Math.max(1, step.forMs * scale) } : {};
    switch (step.type) {
      case "send":
        this.#send(step);
        break;
      case "wait":
        await this.#stage.pass(step.ms);
        break;
      case "pause":
      case "resume":
        this.#setPaused(step.side, step.type === "pause");
        break;
      case "restart":
        await this.#restart(network);
        break;
      case "refuse":
        network.inject({ type: "refuse" });
        await this.#stage.pass(step.forMs);
        network.heal();
        break;
      case "delay":
        network.inject({ type: "delay", ms: step.ms * scale, jitterMs: step.jitterMs * scale, ...forMs });
        break;
      default:
        network.inject({ ...step, ...forMs });
    }
    await this.#stage.pass(0);
  }

  /** Lets everything come to rest. */
  async settle(): Promise<void> {
    this.#setPaused("client", false);
    this.#setPaused("server", false);
    for (let waited = 0; waited < 120_000 && !this.#isAtRest(); waited += 1_000) {
      await this.#stage.pass(1_000);
    }
    if (!this.#isAtRest()) {
      this.#violations.push("a link came to no rest, although the network was healed");
    }
    for (const { client, server } of this.#pairs) {
      for (const { name, end } of server === undefined ? [client] : [client, server]) {
        if (end.ended !== undefined && !this.#mayEndWith(end.ended)) {
          this.#violations.push(`the ${name}'s link ended with ${formatStatus(end.ended)}`);
        }
      }
    }
  }

  /** Whether a script can be the reason: nothing in it breaks the protocol, but one that is duplicated may be fenced. */
  #mayEndWith({ code, details }: Status): boolean {
    const reason = details.find((detail) => detail.type === "errorInfo")?.reason;
    if (code === Code.ABORTED) {
      return this.#hasDuplicates;
    }
    return code === Code.UNAVAILABLE && reason !== "gap" && reason !== "protocol";
  }

  /** Ends what is left. */
  async close(): Promise<void> {
    for (const { client, server } of this.#pairs) {
      client.end.link.end(new StatusError(Code.CANCELLED, "the script is over"));
      server?.end.link.end(new StatusError(Code.CANCELLED, "the script is over"));
    }
    for (const end of this.#pair.served) {
      end.link.end(new StatusError(Code.CANCELLED, "the script is over"));
    }
    await this.#stage.pass(10_000);
    await this.#pair.stop();
    await this.#stage.pass(10_000);
    const { clock } = this.#stage;
    if (clock instanceof VirtualClock && clock.pending > 0) {
      this.#violations.push(`${clock.pending} timers are left`);
    }
  }

  outcome(): Outcome {
    const told = new Map<Code, number>();
    let [sent, delivered, resumes, resets] = [0, 0, 0, 0];
    for (const { client, server } of this.#pairs) {
      resumes += client.end.link.stats().resumes;
      resets += client.end.events.length > 0 && client.end.ended?.code === Code.UNAVAILABLE ? 1 : 0;
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        if (from !== undefined) {
          sent += from.sent.length;
          delivered += this.#check(from, to?.end.arrived ?? []);
          for (const [, why] of from.end.undeliveredTexts) {
            told.set(why.code, (told.get(why.code) ?? 0) + 1);
          }
        }
      }
    }
    return { sent, delivered, told, resumes, resets, violations: this.#violations };
  }

  #send({ side, kinds, size }: Step & { readonly type: "send" }): void {
    const ledger = this.#pairs.at(-1)?.[side];
    if (ledger === undefined) {
      return;
    }
    for (const kind of kinds) {
      const text = `${this.#count++}:${"x".repeat(size)}`;
      const message =
        kind === "system" ? systemMessage(text) : kind === "data" ? dataMessage(text) : audioMessage(text);
      try {
        ledger.end.link.send(message);
        ledger.sent.push({ text, kind });
      } catch (error) {
        const { code } = toStatusError(error);
        if (code !== Code.UNAVAILABLE && code !== Code.RESOURCE_EXHAUSTED) {
          this.#violations.push(`send() threw ${String(error)}`);
        }
      }
    }
  }

  #setPaused(side: "client" | "server", paused: boolean): void {
    if (paused) {
      this.#paused.add(side);
    } else {
      this.#paused.delete(side);
    }
    for (const pair of this.#pairs) {
      const link = pair[side]?.end.link;
      if (paused) {
        link?.pause();
      } else {
        link?.resume();
      }
    }
  }

  /** A new server takes the place of one that dies without a word. */
  async #restart(network: ReturnType<typeof faulty<Transport>>): Promise<void> {
    const old = [...this.#pair.served];
    network.inject({ type: "cut" });
    for (const end of old) {
      end.link.end(new StatusError(Code.UNAVAILABLE, "the server was killed"));
    }
    await this.#pair.stop();
    await this.#pair.start();
  }

  #isAtRest(): boolean {
    const rests = ({ end }: Ledger) => {
      const { state, unacknowledged, waiting } = end.link.stats();
      return state === "closed" || (state === "open" && unacknowledged === 0 && waiting === 0);
    };
    return this.#pairs.every(({ client, server }) => rests(client) && (server === undefined || rests(server)));
  }

  /** Checks what became of all that an end has sent. Returns how much was delivered. */
  #check({ name, end, sent }: Ledger, arrived: readonly string[]): number {
    const violation = (text: string, what: string) => {
      this.#violations.push(`${name}: message ${text.split(":")[0]} ${what}`);
    };
    const lost = new Map<string, Code>();
    for (const [text, why] of end.undeliveredTexts) {
      if (lost.has(text)) {
        violation(text, "was told as undelivered twice");
      }
      lost.set(text, why.code);
    }
    const lanes = [sent.filter(({ kind }) => kind === "system"), sent.filter(({ kind }) => kind !== "system")];
    const got = new Set<string>();
    const isIn = lanes.map((lane) => new Map(lane.map(({ text }, index) => [text, index])));
    const reached = [-1, -1];
    for (const text of arrived) {
      if (got.has(text)) {
        violation(text, "was delivered twice");
      }
      got.add(text);
      const lane = isIn.findIndex((texts) => texts.has(text));
      const index = isIn[lane]?.get(text);
      if (index === undefined) {
        violation(text, "was never sent");
      } else if (index <= (reached[lane] as number)) {
        violation(text, "was delivered out of order");
      } else {
        reached[lane] = index;
      }
    }
    for (const { text } of sent) {
      const code = lost.get(text);
      if (!got.has(text) && code === undefined) {
        violation(text, "was neither delivered nor told as undelivered");
      } else if (got.has(text) && code === Code.DEADLINE_EXCEEDED) {
        violation(text, "was delivered, although it is said to have expired");
      }
    }
    return got.size;
  }
}

function memoryStage(): Stage {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  return { clock, client: memory, server: memory, scale: 1, pass: (ms) => clock.advanceAsync(ms) };
}

/** A real network, on which time goes fifty times as fast as the script says. */
function webSocketStage(): Stage {
  const scale = 1 / 50;
  let url = "ws://127.0.0.1:1/ws";
  return {
    clock: systemClock,
    client: { connect: (options) => new WebSocketTransport({ url, connectTimeoutMs: 500 }).connect(options) },
    server: {
      async listen(accept, options): Promise<Listener> {
        const listener = await new WebSocketServerTransport({ port: 0 }).listen(accept, options);
        url = listener.address;
        return listener;
      },
    },
    scale,
    async pass(ms) {
      await idle();
      if (ms > 0) {
        await new Promise((resolve) => setTimeout(resolve, Math.ceil(ms * scale)));
      }
    },
  };
}
