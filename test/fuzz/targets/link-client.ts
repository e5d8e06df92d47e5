import { expect } from "chai";
import { Code, type Status, StatusError, toStatusError } from "../../../src/base/status.js";
import { readControlFrame } from "../../../src/link/resumable/frame.js";
import { linkProtocol } from "../../../src/link/resumable/limits.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import { unlessInvalid } from "../../support/judge-protobuf.js";
import { dataMessage, type End, LinkPair, systemMessage } from "../../support/link-pair.js";
import { RawPeer } from "../../support/raw-peer.js";
import type { FuzzTarget } from "../target.js";
import { type Courier, courier } from "./courier.js";
import { arbitraryLinkScript, linkSeeds } from "./link-inputs.js";
import { mutateScript, readScript, type Step } from "./link-script.js";
import { oddEnd } from "./odd-end.js";
import { wordsOf } from "./outcome.js";
import { protobufPieces } from "./protobuf.js";

/** A server that is the input's, of a client that means no harm. */
class HostileServer {
  readonly clock = new VirtualClock();
  readonly #memory = new MemoryTransport({ clock: this.clock });
  readonly #peers: { readonly raw: RawPeer; readonly courier: Courier }[] = [];
  #end: End | undefined;
  #failure: Status | undefined;
  #mayEndOddly = false;

  async run(steps: readonly Step[]): Promise<string> {
    const { clock } = this;
    const listener = await this.#memory.listen(
      (connection) => {
        const raw = new RawPeer(connection);
        this.#peers.push({ raw, courier: courier(raw) });
      },
      { protocols: [linkProtocol] },
    );
    const pair = await LinkPair.listen({
      clock,
      client: this.#memory,
      server: new MemoryTransport({ clock }),
      clientOptions: { maxAttempts: 4 },
    });
    const abort = new AbortController();
    const connecting = pair.connect(abort.signal).then(
      (end) => {
        this.#end = end;
      },
      (error: unknown) => {
        this.#failure = toStatusError(error);
        expect(error, "what connecting rejects with").to.be.instanceOf(StatusError);
      },
    );
    await clock.advanceAsync(0);
    for (const step of steps) {
      await this.#step(step);
      await clock.advanceAsync(0);
      this.#check();
    }
    const words = this.#words();
    await listener.close();
    await pair.stop();
    abort.abort();
    for (const { raw } of this.#peers) {
      void raw.connection.close({ code: Code.UNAVAILABLE, message: "", details: [] });
    }
    await clock.advanceAsync(0);
    await connecting;
    const closed = this.#end?.link.close({ code: Code.OK, message: "", details: [] });
    await clock.advanceAsync(60_000);
    await closed;
    this.#check();
    expect(clock.pending, "timers are left").to.equal(0);
    return words;
  }

  #words(): string {
    const end = this.#end;
    const state = end === undefined ? "no link" : end.link.stats().state;
    const why = end?.ended ?? this.#failure;
    const said = why === undefined ? "" : `${Code[why.code]} ${wordsOf(why.message)}`;
    return `${state} ${said} ${this.#peers.length} ${end?.invalids.length === 0 ? "" : "invalid"}`;
  }

  async #step(step: Step): Promise<void> {
    const last = this.#peers.at(-1);
    const link = this.#end?.link;
    switch (step.do) {
      case "frame":
        last?.courier.send(this.#noted(step.bytes));
        break;
      case "control":
        last?.courier.send(this.#noted(Uint8Array.from([0, ...step.bytes])));
        break;
      case "message":
        last?.courier.message(step.bytes);
        break;
      case "greet":
        this.#welcome(step.number);
        break;
      case "ack":
        last?.courier.ack(step.number);
        break;
      case "wait":
        await this.clock.advanceAsync(step.number);
        break;
      case "drop":
        void last?.raw.connection.close({ code: Code.UNAVAILABLE, message: "", details: [] });
        await this.clock.advanceAsync(step.number);
        break;
      case "close":
      case "connect":
        this.#mayEndOddly = true;
        void last?.raw.connection.close({ code: step.number % 18, message: "bye", details: [] });
        break;
      case "say":
        try {
          link?.send((step.number % 2 === 0 ? dataMessage : systemMessage)("x".repeat(step.number)));
        } catch (error) {
          expect(error).to.be.instanceOf(StatusError);
        }
        break;
      case "congest":
        step.number % 2 === 0 ? link?.pause() : link?.resume();
        break;
      case "leave":
        this.#mayEndOddly = true;
        void link?.close({ code: step.number % 17, message: "", details: [] });
        break;
    }
  }

  /** Takes note of a goodbye, which may say anything. */
  #noted(frame: Uint8Array): Uint8Array {
    const kind = frame[0] === 0 ? unlessInvalid(() => readControlFrame(frame)) : undefined;
    this.#mayEndOddly ||= kind?.case === "goaway";
    return frame;
  }

  /** Says Welcome: rightly, or wrongly in one of several ways. */
  #welcome(number: number): void {
    const last = this.#peers.at(-1);
    if (last === undefined) {
      return;
    }
    const hello = last.raw.controls.find((kind) => kind.case === "hello")?.value;
    const way = number % 10;
    const received = hello?.data?.received ?? 0n;
    const lane = { received: way === 9 ? BigInt(number) : 0n, maxSequence: 1_000n, maxBytes: 1_000_000n };
    last.courier.control({
      case: "welcome",
      value: {
        version: way === 1 ? number : 1,
        epoch: 9n,
        sessionId: new Uint8Array(16),
        secret: new Uint8Array(way === 2 ? number : 32),
        heartbeatMs: way === 3 ? number * 65_537 : 5_000,
        graceMs: way === 4 ? number * 65_537 : 3_000,
        maxMessageBytes: way === 5 ? number * 65_537 : 1_000_000,
        resumed: way === 6 ? hello?.resume === undefined : hello?.resume !== undefined,
        system: way === 7 ? { received } : lane,
        data: way === 8 ? { received, acknowledged: received } : lane,
      },
    });
  }

  #check(): void {
    if (!this.#mayEndOddly) {
      oddEnd(this.#end?.ended);
      oddEnd(this.#failure);
    }
    for (const { raw } of this.#peers) {
      if (!this.#mayEndOddly) {
        oddEnd(raw.closedWith);
        oddEnd(raw.goaway);
      }
    }
  }
}

/** Whatever a server sends to a client of a resumable link. */
export const linkClientTarget: FuzzTarget = {
  name: "link-client",
  about: "frames, before and after Welcome, into a client of a resumable link, over the memory transport",
  seeds: () => linkSeeds,
  arbitrary: arbitraryLinkScript,
  dictionary: protobufPieces,
  mutate: mutateScript,
  run: (input) => new HostileServer().run(readScript(input)),
};
