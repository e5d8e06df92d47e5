import { expect } from "chai";
import { Code, StatusError } from "../../../src/base/status.js";
import { readControlFrame } from "../../../src/link/resumable/frame.js";
import { linkProtocol } from "../../../src/link/resumable/limits.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import { unlessInvalid } from "../../support/judge-protobuf.js";
import { dataMessage, LinkPair, systemMessage } from "../../support/link-pair.js";
import { RawPeer } from "../../support/raw-peer.js";
import type { FuzzTarget } from "../target.js";
import { type Courier, courier } from "./courier.js";
import { arbitraryLinkScript, linkSeeds } from "./link-inputs.js";
import { mutateScript, readScript, type Step } from "./link-script.js";
import { oddEnd } from "./odd-end.js";
import { wordsOf } from "./outcome.js";
import { protobufPieces } from "./protobuf.js";

/** A client that is the input's, of a server of resumable links that takes amy and bob. */
class HostileClients {
  readonly clock = new VirtualClock();
  readonly #memory = new MemoryTransport({ clock: this.clock });
  readonly #peers: { readonly raw: RawPeer; readonly courier: Courier }[] = [];
  #pair!: LinkPair;
  /** How many sessions the input may have begun: as many as it has shown a good credential. */
  #mayBegin = 0;
  /** In whose name each connection has said Hello. */
  readonly #names = new Map<RawPeer, string>();
  #attempt = 0;
  /** Whether an end that says UNKNOWN or INTERNAL may be the peer's own. */
  #mayEndOddly = false;
  /** The connections whose Hello was made to resume a session, rightly. */
  readonly #mayResume = new Set<RawPeer>();

  async run(steps: readonly Step[]): Promise<string> {
    const { clock } = this;
    this.#pair = await LinkPair.listen({
      clock,
      client: this.#memory,
      server: this.#memory,
      graceMs: 2_000,
      authenticate({ credential }) {
        const name = new TextDecoder().decode(credential?.value);
        if (credential?.type !== "bearer" || (name !== "amy" && name !== "bob")) {
          throw new StatusError(Code.UNAUTHENTICATED, "no");
        }
        return { name };
      },
    });
    await this.#connect();
    for (const step of steps) {
      await this.#step(step);
      await clock.advanceAsync(0);
      this.#check();
    }
    const states = this.#pair.served.map(({ link }) => link.stats().state).join(" ");
    const words = this.#peers.map(({ raw }) => endOf(raw)).join(", ");
    await this.#leave();
    return `${states}: ${words}`.slice(0, 100);
  }

  get #last() {
    return this.#peers.at(-1) as { readonly raw: RawPeer; readonly courier: Courier };
  }

  async #connect(): Promise<void> {
    const raw = new RawPeer(await this.#memory.connect({ protocols: [linkProtocol] }));
    this.#peers.push({ raw, courier: courier(raw) });
  }

  async #step(step: Step): Promise<void> {
    const { raw, courier } = this.#last;
    const end = this.#pair.served.at(-1);
    switch (step.do) {
      case "frame":
        this.#note(raw, step.bytes);
        courier.send(step.bytes);
        break;
      case "control": {
        const frame = Uint8Array.from([0, ...step.bytes]);
        this.#note(raw, frame);
        courier.send(frame);
        break;
      }
      case "message":
        courier.message(step.bytes);
        break;
      case "greet":
        this.#hello(raw, courier, step.number);
        break;
      case "ack":
        courier.ack(step.number);
        break;
      case "wait":
        await this.clock.advanceAsync(step.number);
        break;
      case "drop":
        void raw.connection.close({ code: Code.UNAVAILABLE, message: "", details: [] });
        await this.#connect();
        break;
      case "close":
        this.#mayEndOddly = true;
        void raw.connection.close({ code: step.number % 18, message: "bye", details: [] });
        break;
      case "connect":
        if (this.#peers.length < 8) {
          await this.#connect();
        }
        break;
      case "say":
        try {
          end?.link.send((step.number % 2 === 0 ? dataMessage : systemMessage)("x".repeat(step.number)));
        } catch (error) {
          expect(error).to.be.instanceOf(StatusError);
        }
        break;
      case "congest":
        step.number % 2 === 0 ? end?.link.pause() : end?.link.resume();
        break;
      case "leave":
        void end?.link.close({ code: step.number % 17, message: "", details: [] });
        this.#mayEndOddly = true;
        break;
    }
  }

  /** Says Hello: rightly, or wrongly in one of several ways, of which some have more to choose from. */
  #hello(raw: RawPeer, courier: Courier, number: number): void {
    const way = number % 12;
    const choice = Math.floor(number / 12);
    const before = this.#peers.filter((peer) => peer.raw.welcome !== undefined).at(-1)?.raw;
    const known = before?.welcome;
    const owner = before === undefined ? undefined : this.#names.get(before);
    const resumes = way >= 4 && known !== undefined;
    const isStolen = resumes && way === 7 && choice % 3 === 1;
    const isLate = resumes && way === 7 && choice % 3 === 2;
    const who = way === 1 ? "eve" : way === 2 || (isStolen && owner === "amy") ? "bob" : "amy";
    this.#name(raw, who);
    const { secret = new Uint8Array(32), sessionId = new Uint8Array(16), epoch = 0n } = known ?? {};
    if (who !== "eve") {
      this.#mayBegin += 1;
    }
    if (resumes && way >= 8) {
      this.#mayResume.add(raw);
    }
    // Over whichever connection; and no less may be sent than was allowed before.
    const lane = (isSystem: boolean) => {
      const received = Math.max(...this.#peers.map((peer) => peer.courier.received(isSystem)));
      const cursor = BigInt(way === 11 && !isSystem ? number : received);
      return { received: cursor, acknowledged: cursor, maxSequence: cursor + 2_000n, maxBytes: 2_000_000n };
    };
    const hello = {
      ...(way === 3 ? {} : { credential: { type: "bearer", value: new TextEncoder().encode(who) } }),
      ...(resumes
        ? {
            system: lane(true),
            data: lane(false),
            resume: {
              sessionId: way === 4 ? sessionId.slice(1) : sessionId,
              secret: way === 5 ? altered(secret, choice) : way === 6 ? secret.slice(0, choice % 32) : secret,
              serverEpoch: way === 7 && !isStolen && !isLate ? epoch + 1n : epoch,
              // One that was made before, or none.
              attempt: isLate ? 0 : ++this.#attempt,
            },
          }
        : {}),
    };
    courier.hello(hello);
  }

  /** A second Hello changes nothing, whatever it says. */
  #name(raw: RawPeer, name: string): void {
    if (!this.#names.has(raw)) {
      this.#names.set(raw, name);
    }
  }

  /** Takes note of what a frame made of the input's bytes may bring about. */
  #note(raw: RawPeer, frame: Uint8Array): void {
    const kind = frame[0] === 0 ? unlessInvalid(() => readControlFrame(frame)) : undefined;
    if (kind?.case === "goaway") {
      this.#mayEndOddly = true;
    }
    if (kind?.case === "hello" && kind.value.credential !== undefined) {
      const name = new TextDecoder().decode(kind.value.credential.value);
      this.#mayBegin += name === "amy" || name === "bob" ? 1 : 0;
      this.#name(raw, name);
    }
  }

  #check(): void {
    expect(this.#pair.served.length, "a session began for somebody unknown").to.be.at.most(this.#mayBegin);
    for (const { raw } of this.#peers) {
      if (raw.welcome?.resumed === true) {
        expect(this.#mayResume.has(raw), "a session was resumed by somebody who may not").to.equal(true);
      }
      if (!this.#mayEndOddly) {
        oddEnd(raw.closedWith);
        oddEnd(raw.goaway);
      }
    }
    for (const { link, ended } of this.#pair.served) {
      const { waiting } = link.stats();
      expect(waiting, "more waits than the windows allow").to.be.at.most(2_048 + 256);
      if (!this.#mayEndOddly) {
        oddEnd(ended);
      }
    }
  }

  /** Ends everything, and expects nothing to be left. */
  async #leave(): Promise<void> {
    for (const { raw } of this.#peers) {
      void raw.connection.close({ code: Code.UNAVAILABLE, message: "", details: [] });
    }
    await this.#pair.stop();
    await this.clock.advanceAsync(60_000);
    this.#check();
    for (const { link } of this.#pair.served) {
      expect(link.isClosed, "a session outlived its grace period").to.equal(true);
    }
    expect(this.clock.pending, "timers are left").to.equal(0);
  }
}

/** A secret that isn't right: in all bytes, in any one bit, of other bytes altogether, or with something behind it. */
function altered(secret: Uint8Array, choice: number): Uint8Array {
  switch (choice % 4) {
    case 0:
      return secret.map((byte) => byte ^ 1);
    case 1: {
      const bit = Math.floor(choice / 4) % (secret.length * 8);
      return secret.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    }
    case 2:
      return new Uint8Array(secret.length);
    default:
      return Uint8Array.from([...secret, 0]);
  }
}

function endOf(raw: RawPeer): string {
  const { closedWith, goaway } = raw;
  const closed = closedWith === undefined ? "open" : `${Code[closedWith.code]} ${wordsOf(closedWith.message)}`;
  return `${raw.welcome === undefined ? "" : "welcome "}${closed}${goaway === undefined ? "" : ` ${goaway.reason}`}`;
}

/** Whatever a client sends to a server of resumable links. */
export const linkServerTarget: FuzzTarget = {
  name: "link-server",
  about: "frames, before and after Hello, into a server of resumable links, over the memory transport",
  seeds: () => linkSeeds,
  arbitrary: arbitraryLinkScript,
  dictionary: protobufPieces,
  mutate: mutateScript,
  run: (input) => new HostileClients().run(readScript(input)),
};
