/** Has messages sent over a resumable link in memory to a peer that acknowledges them late, and takes the time. */
import { setImmediate } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { ControlFrameSchema } from "../../gen/crossbus/v1/link_pb.js";
import { type Connection, systemClock } from "../../src/index.js";
import { openResumableLink } from "../../src/link/resumable/client.js";
import { ackFrame, controlFrame, FrameType, readControlFrame, readDataFrame } from "../../src/link/resumable/frame.js";
import { linkProtocol } from "../../src/link/resumable/limits.js";
import { checkResumable } from "../../src/link/resumable/options.js";
import type { ResumableLink } from "../../src/link/resumable/resumable-link.js";
import { MemoryTransport } from "../../src/memory.js";
import { now } from "../harness/clock.js";
import { audioMessage } from "./sample-message.js";

/** How many are sent in a turn, and acknowledged at once. */
const burst = 100;

/** More than is ever sent: the peer's credit doesn't count here. */
const plenty = 2 ** 50;

/** A server that knows no more than is needed here. */
class LatePeer {
  received = 0;
  /** How many messages it always leaves without an ack. */
  lag = 0;
  #acknowledged = 0;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.receive({ message: (bytes) => this.#came(bytes) });
  }

  acknowledge(): void {
    this.#acknowledged = Math.max(this.#acknowledged, this.received - this.lag);
    const credit = { maxSequence: plenty, maxBytes: plenty };
    const data = { acknowledged: this.#acknowledged, ...credit };
    this.#connection.send(ackFrame({ system: { acknowledged: 0, ...credit }, data }));
  }

  #came(bytes: Uint8Array): void {
    const type = bytes[0] ?? FrameType.control;
    if (type >= FrameType.data) {
      this.received = readDataFrame(bytes).sequence;
      if (this.received % burst === 0) {
        this.acknowledge();
      }
    } else if (type === FrameType.control) {
      this.#control(bytes);
    }
  }

  #control(bytes: Uint8Array): void {
    const kind = readControlFrame(bytes);
    if (kind.case === "ping") {
      // The sender goes on as far as pings have been answered.
      const value = { token: kind.value.token };
      this.#connection.send(controlFrame(create(ControlFrameSchema, { kind: { case: "pong", value } })));
    } else if (kind.case === "hello") {
      const secret = new Uint8Array(32);
      const limits = { heartbeatMs: 60_000, graceMs: 60_000, maxMessageBytes: 1_048_576 };
      const value = { version: 1, epoch: 1n, sessionId: new Uint8Array(16), secret, ...limits };
      this.#connection.send(controlFrame(create(ControlFrameSchema, { kind: { case: "welcome", value } })));
      this.acknowledge();
    }
  }
}

interface LinkEnd {
  /** Sends so many messages, so many of which are never acknowledged. Returns how long that took, until all are there. */
  send(count: number, lag: number): Promise<number>;
}

export async function open(): Promise<LinkEnd> {
  const transport = new MemoryTransport();
  let peer: LatePeer | undefined;
  await transport.listen(
    (connection) => {
      peer = new LatePeer(connection);
    },
    { protocols: [linkProtocol] },
  );
  const link = await openResumableLink(
    {
      ...checkResumable({ buffer: { maxBytes: plenty, maxMessages: plenty }, timeToLive: () => undefined }),
      transport,
      clock: systemClock,
      maxMessageBytes: 1_048_576,
      maxAttempts: false,
    },
    new AbortController().signal,
  );
  if (peer === undefined) {
    throw new Error("the link was opened without a peer");
  }
  return new End(link, peer);
}

class End implements LinkEnd {
  readonly #link: ResumableLink;
  readonly #peer: LatePeer;
  #sent = 0;

  constructor(link: ResumableLink, peer: LatePeer) {
    this.#link = link;
    this.#peer = peer;
  }

  async send(count: number, lag: number): Promise<number> {
    this.#peer.lag = lag;
    await this.#sendAll(Math.max(0, lag - this.#link.stats().unacknowledged));
    this.#peer.acknowledge();
    const began = now();
    await this.#sendAll(count);
    return now() - began;
  }

  async #sendAll(count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += burst) {
      for (let i = 0; i < Math.min(burst, count - sent); i++) {
        this.#link.send(audioMessage());
        this.#sent++;
      }
      await setImmediate();
    }
    while (this.#peer.received < this.#sent) {
      await setImmediate();
    }
  }
}
