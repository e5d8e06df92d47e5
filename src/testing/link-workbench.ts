import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { Code, formatStatus, type Status, StatusError, status } from "../base/status.js";
import type { Link } from "../link/link.js";
import { busMessage, frame } from "../message/build.js";
import { assert } from "./assertions.js";
import type { Bench } from "./run-case.js";
import { arrivedAt } from "./transport-workbench.js";

/** A link with both its ends, neither of which has a consumer yet. */
export interface LinkPair {
  readonly client: Link;
  readonly server: Link;
  /**
   * Has bytes arrive at `server` as a message of the link that `client` sent, whatever they are. Where the link frames its
   * messages, `forward()` of the client's end does that with an `Incoming` of the setup's own.
   */
  sendBytes(bytes: Uint8Array): void;
}

/** Makes the links to check. */
export interface LinkRig {
  connect(): Promise<LinkPair>;
  /**
   * Moves the clock of both ends by so many milliseconds. Without it, cases that wait take as long as the link does: leave
   * it out, and use the platform's clock, for a link that gets nowhere while its clock stands, because it acknowledges
   * by a timer for instance.
   */
  advance?(ms: number): void | Promise<void>;
  /** Releases what the setup took. The links of the case have been closed: nothing of them may be left. */
  dispose(): Promise<void>;
}

/** Makes what one conformance case needs. */
export type LinkSetup = () => Promise<LinkRig>;

/** Defines a case about a link that is open. */
export type DefineLink = (name: string, body: (pair: LinkPair, workbench: LinkWorkbench) => Promise<void>) => void;

/** Opens what a case needs, and closes it all at its end. */
export class LinkWorkbench implements Bench {
  readonly rig: LinkRig;
  readonly #links: Link[] = [];
  readonly #ends = new Map<Link, Status>();

  constructor(rig: LinkRig) {
    this.rig = rig;
  }

  async connect(): Promise<LinkPair> {
    const pair = await this.rig.connect();
    for (const link of [pair.server, pair.client]) {
      this.#links.push(link);
      void link.closed.then((why) => this.#ends.set(link, why));
    }
    return pair;
  }

  get broken(): readonly string[] {
    return this.#links.flatMap((link) => recordings.get(link)?.broken ?? []);
  }

  describe(): string {
    const ends = this.#links.map((link, index) => {
      const recorded = recordings.get(link);
      const end = this.#ends.get(link);
      return [
        `${index % 2 === 0 ? "server" : "client"} ${Math.floor(index / 2) + 1}`,
        end === undefined ? "open" : `ended with ${formatStatus(end)}`,
        ...(link.drained() === undefined ? [] : ["its senders wait"]),
        ...(recorded === undefined ? [] : [arrivedAt({ messages: recorded.arrived, awaited: recorded.awaited })]),
      ].join(", ");
    });
    return ends.length === 0 ? "no link was made" : ends.join("; ");
  }

  /** Sends messages there and back on a link of its own: what was under way before has arrived. */
  async roundTrip(): Promise<void> {
    const { client, server } = await this.connect();
    const atClient = recordLink(client);
    const atServer = recordLink(server);
    for (let trip = 1; trip <= 3; trip += 1) {
      client.send(textMessage(String(trip)));
      await atServer.count(trip);
      server.send(textMessage(String(trip)));
      await atClient.count(trip);
    }
  }

  async advance(ms: number): Promise<void> {
    await this.rig.advance?.(ms);
  }

  /** Waits for something that takes its time by the network, and lets time pass meanwhile: see that of transports. */
  async passing(promise: Promise<void> | undefined): Promise<void> {
    let isOver = promise === undefined;
    const over = promise?.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await this.advance(10);
      await this.roundTrip();
    }
    await over;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.close(status(Code.OK))));
    await this.rig.dispose();
  }
}

/** One message that arrived. */
export interface Arrived {
  readonly text: string;
  readonly bytes: number;
  readonly source: string;
  readonly target: string | undefined;
}

/** What a link has delivered. */
export interface RecordedLink {
  readonly arrived: readonly Arrived[];
  readonly texts: readonly string[];
  readonly invalid: readonly string[];
  readonly undelivered: readonly (readonly [text: string, why: Status])[];
  /** The promises that were broken towards the consumer. It must not throw, so that the case has to look for them. */
  readonly broken: readonly string[];
  /** How many messages the case waits for, if it does. */
  readonly awaited: number | undefined;
  /** Resolves once so many messages were delivered. Rejects when the link ends before. */
  count(messages: number): Promise<void>;
  /** Resolves once so many messages were told to be invalid. */
  countInvalid(messages: number): Promise<void>;
}

const recordings = new WeakMap<Link, RecordedLink>();

/** Makes itself the consumer of a link. */
export function recordLink(link: Link): RecordedLink {
  const arrived: Arrived[] = [];
  const invalid: string[] = [];
  const undelivered: [string, Status][] = [];
  const broken: string[] = [];
  const waiting = new Set<() => void>();
  let awaited: number | undefined;
  let ended = false;
  const expect = (condition: boolean, otherwise: string): void => {
    if (!condition) {
      broken.push(otherwise);
    }
  };
  const check = (): void => {
    for (const look of waiting) {
      look();
    }
  };
  link.receive({
    pythonTypes: new Set(),
    message(incoming) {
      expect(!ended, "a message was delivered after `closed` had resolved");
      const { peeked, bytes } = incoming;
      const message = incoming.decode();
      if (message === undefined) {
        broken.push("a message that was sent can't be decoded");
        return;
      }
      expect(peeked.source === message.source && peeked.target === message.target, "peek and decode don't agree");
      arrived.push({ text: textOf(message), bytes, source: peeked.source, target: peeked.target });
      check();
    },
    invalid(reason) {
      invalid.push(reason);
      check();
    },
    undelivered(message, why) {
      expect(!ended, "a message was told as undelivered after `closed` had resolved");
      // Of what was never a message there is no text to tell.
      undelivered.push([message.body.case === undefined ? "" : textOf(message), why]);
    },
  });
  const end = link.closed.then((why) => {
    ended = true;
    return why;
  });
  const once = (what: string, list: readonly unknown[], count: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (list.length >= count) {
          waiting.delete(look);
          resolve();
        }
      };
      waiting.add(look);
      look();
      void end.then(({ code }) => reject(new Error(`${list.length} of ${count} ${what}, then ${Code[code]}`)));
    });
  const recorded: RecordedLink = {
    arrived,
    broken,
    get awaited() {
      return awaited;
    },
    get texts() {
      return arrived.map(({ text }) => text);
    },
    invalid,
    undelivered,
    async count(count) {
      awaited = count;
      await once("messages", arrived, count);
      awaited = undefined;
    },
    countInvalid: (count) => once("invalid messages", invalid, count),
  };
  recordings.set(link, recorded);
  return recorded;
}

/** A message that is known by its text. */
export function textMessage(text: string, source = "client", target = "server"): BusMessage {
  return busMessage("frame", { frame: frame("text", { text }) }, { source, target });
}

/** A message of this number that is about so many bytes long. */
export function numberedMessage(number: number, length = 0): BusMessage {
  return textMessage(`${number} `.padEnd(length, "x"));
}

/** The text of such a message. */
function textOf({ body }: BusMessage): string {
  assert(body.case === "frame" && body.value.frame?.kind.case === "text", `a message of another case: ${body.case}`);
  return body.value.frame.kind.value.text;
}

/** The number of such a message. */
export function numberIn(text: string): number {
  return Number.parseInt(text, 10);
}

/** Sends large messages, numbered from 0, until the link wants its sender to wait. Returns how many. */
export function fill(link: Link): number {
  let sent = 0;
  while (link.drained() === undefined) {
    assert(sent < 4_096, "4 GiB were sent to a peer that doesn't read, and nobody is to wait");
    link.send(numberedMessage(sent, 1_000_000));
    sent += 1;
  }
  return sent;
}

/**
 * Sends large messages to a peer that doesn't read, numbered from 0, until the link takes no more although the operating
 * systems have taken what they can. Returns how many.
 */
export async function overfill(link: Link, workbench: LinkWorkbench): Promise<number> {
  let sent = 0;
  for (let before = -1; sent > before; await workbench.roundTrip()) {
    before = sent;
    sent += sendUntilRefused(link, sent);
  }
  return sent;
}

function sendUntilRefused(link: Link, first: number): number {
  for (let sent = 0; sent < 256; sent += 1) {
    try {
      link.send(numberedMessage(first + sent, 1_000_000));
    } catch (error) {
      assert(error instanceof StatusError && error.code === Code.RESOURCE_EXHAUSTED, `refused with ${error}`);
      return sent;
    }
  }
  throw new Error("256 MB were sent to a peer that doesn't read, and nothing is refused");
}
