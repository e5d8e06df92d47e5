import { setTimeout } from "node:timers/promises";
import { BadWire } from "./bad-wire.js";
import type { ConversationEndOptions, LaneTally, Tally } from "./conversation-end.js";
import { Remote } from "./remote.js";

/** What is done to the connection, in turns. */
export const kills = ["TCP reset", "half-open", "server frozen", "hung up without a close frame"] as const;

/** How the connection was lost. */
export type Kill = (typeof kills)[number];

/** What one kill has come to. */
export interface Recovery {
  readonly kill: Kill;
  /** From the kill, or from when a frozen server went on, until the client's link had resumed, in milliseconds. */
  readonly resumedMs: number | undefined;
}

/** What a conversation has come to, of both ends together. */
export interface Conversation {
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  readonly lost: number;
  /** The messages of audio among those received; all others are text, and one in 120 is of the system lane. */
  readonly audio: number;
  /** What an end said is lost or refused. */
  readonly trouble: readonly string[];
  readonly recoveries: readonly Recovery[];
  /** How long the client's link was without a connection each time, as it says itself, in milliseconds. */
  readonly outagesMs: readonly number[];
}

/** How a conversation is held. */
export interface ConversationOptions {
  readonly seconds: number;
  /** Is told how it goes. */
  progress?(text: string): void;
}

/** Silence for twice this is a connection that is dead. Not the default, with which it would be noticed every ten seconds. */
const heartbeatMs = 300;

/** How long a server is frozen, in milliseconds: longer than anybody waits for a peer. */
const frozenMs = 1_000;

/** How long it may take until all is as it should be, in milliseconds. */
const patienceMs = 20_000;

/**
 * Has two agents in two processes talk to each other, both at the same time, while the connection between them is killed
 * every second or so. Audio doesn't expire: each message counts.
 */
export async function converse(
  { seconds, progress = () => {} }: ConversationOptions,
  signal: AbortSignal,
): Promise<Conversation> {
  const ends = new AbortController();
  const both = AbortSignal.any([signal, ends.signal]);
  const start = (options: ConversationEndOptions) => new Remote("conversation-end.ts", options, both);
  try {
    const server = start({ heartbeatMs });
    const address = await server.call<string>("where");
    await using wire = await BadWire.before(address);
    const client = start({ address: wire.through(address), heartbeatMs });
    return await new Talk(server, client, wire, signal).hold(seconds, progress);
  } finally {
    ends.abort();
  }
}

/** A conversation that is being held. */
class Talk {
  readonly #server: Remote;
  readonly #client: Remote;
  readonly #wire: BadWire;
  readonly #signal: AbortSignal;
  readonly #recoveries: Recovery[] = [];

  constructor(server: Remote, client: Remote, wire: BadWire, signal: AbortSignal) {
    this.#server = server;
    this.#client = client;
    this.#wire = wire;
    this.#signal = signal;
  }

  async hold(seconds: number, progress: (text: string) => void): Promise<Conversation> {
    await this.#until("both talk", (client, server) => client.audio > 0 && server.audio > 0);
    const end = Date.now() + seconds * 1_000;
    for (let turn = 0; turn < kills.length || Date.now() < end; turn++) {
      const kill = kills[turn % kills.length] as Kill;
      progress(
        `${Math.max(0, Math.ceil((end - Date.now()) / 1_000))} s to go, connection killed ${turn} times, next: ${kill}`,
      );
      await this.#wait(500 + Math.random() * 500);
      await this.#kill(kill);
    }
    progress("what is on its way arrives");
    await Promise.all([this.#server.call("quiet"), this.#client.call("quiet")]);
    const complete = (from: Tally, to: Tally) =>
      to.data.received >= from.data.sent && to.system.received >= from.system.sent;
    const [client, server] = await this.#until(
      undefined,
      (client, server) => complete(client, server) && complete(server, client),
    );
    // What comes twice comes late.
    await this.#wait(200);
    const [lastClient, lastServer] = client.trouble.length > 0 ? [client, server] : await this.#tallies();
    return this.#result(lastClient, lastServer);
  }

  async #kill(kill: Kill): Promise<void> {
    const [before] = await this.#tallies();
    let at = Date.now();
    switch (kill) {
      case "TCP reset":
        this.#wire.reset();
        break;
      case "half-open":
        this.#wire.goSilent();
        break;
      case "hung up without a close frame":
        this.#wire.hangUp();
        break;
      case "server frozen":
        this.#server.freeze();
        await this.#wait(frozenMs);
        this.#server.thaw();
        at = Date.now();
        break;
    }
    // A client whose own timers were late takes a frozen server back as it was.
    const [client] = await this.#until(
      `both hear each other after: ${kill}`,
      (client, server) =>
        (kill === "server frozen" || client.resumes.length > before.resumes.length) &&
        [client, server].every(({ isSuspended, heardAt }) => !isSuspended && heardAt > at),
    );
    const resumed = client.resumes[before.resumes.length];
    this.#recoveries.push({ kill, resumedMs: resumed === undefined ? undefined : Math.max(0, resumed.at - at) });
  }

  /** Waits until both ends are as they should be. Without a name it doesn't matter when they never are. */
  async #until(
    what: string | undefined,
    condition: (client: Tally, server: Tally) => boolean,
  ): Promise<readonly [client: Tally, server: Tally]> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const [client, server] = await this.#tallies();
      if (condition(client, server) || (what === undefined && Date.now() > deadline)) {
        return [client, server];
      }
      if (Date.now() > deadline) {
        const trouble = [...client.trouble, ...server.trouble].slice(0, 10).join("; ");
        throw new Error(`this never came about: ${what} (${trouble === "" ? "nobody had trouble" : trouble})`);
      }
      await this.#wait(10);
    }
  }

  #tallies(): Promise<readonly [client: Tally, server: Tally]> {
    return Promise.all([this.#client.call<Tally>("tally"), this.#server.call<Tally>("tally")]);
  }

  #wait(ms: number): Promise<void> {
    return setTimeout(ms, undefined, { signal: this.#signal });
  }

  #result(client: Tally, server: Tally): Conversation {
    const lanes: readonly LaneTally[] = [client.system, client.data, server.system, server.data];
    const sum = (name: keyof LaneTally) => lanes.reduce((total, lane) => total + lane[name], 0);
    const [sent, received] = [sum("sent"), sum("received")];
    return {
      sent,
      received,
      duplicates: sum("duplicates"),
      outOfOrder: sum("outOfOrder"),
      lost: sent - received,
      audio: client.audio + server.audio,
      trouble: [...client.trouble, ...server.trouble],
      recoveries: this.#recoveries,
      outagesMs: client.resumes.map(({ outageMs }) => outageMs),
    };
  }
}
