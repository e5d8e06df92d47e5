import { expect } from "chai";
import { describe, it } from "mocha";
import { Code, type Status, StatusError, status } from "../../src/base/status.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import type { Link } from "../../src/link/link.js";
import { PlainLink } from "../../src/link/plain-link.js";
import { Connector, type ConnectorOptions, checkReconnect } from "../../src/proxy/connector.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { expectThrown } from "../support/expect-status.js";
import { idle } from "../support/idle.js";
import { ScriptedConnection } from "../support/scripted-connection.js";

const unavailable = new StatusError(Code.UNAVAILABLE, "nobody there");
const denied = new StatusError(Code.PERMISSION_DENIED, "not you");

/** A connector whose attempts come to what a test says: a status each, or a connection. */
async function rig(
  outcomes: (StatusError | ScriptedConnection)[],
  options: Partial<ConnectorOptions> = {},
  clock = new VirtualClock(),
) {
  const told: (readonly [string, unknown?, unknown?])[] = [];
  const attempts: number[] = [];
  const connector = new Connector({
    async open() {
      attempts.push(clock.now());
      const outcome = outcomes.shift() ?? unavailable;
      if (outcome instanceof StatusError) {
        throw outcome;
      }
      return new PlainLink(outcome, protobufCodec, { announces: true, clock });
    },
    reconnect: checkReconnect(),
    clock,
    connected: () => told.push(["connected"]),
    disconnected: (why) => told.push(["disconnected", why.code]),
    connectFailed: (why) => told.push(["connectFailed", why.code]),
    ended: (why, wasConnected) => told.push(["ended", why.code, wasConnected]),
    ...options,
  });
  await idle();
  return { clock, told, attempts, connector };
}

async function advance(clock: VirtualClock, ms: number): Promise<void> {
  clock.advance(ms);
  await idle();
}

describe("a connector", () => {
  it("waits for 500 ms at first, then twice as long each time, at most 30 s, and less by up to a half", async () => {
    const random = Math.random;
    try {
      for (const [value, expected] of [
        [0, [0, 250, 750, 1_750, 3_750, 7_750, 15_750, 30_750, 45_750]],
        [0.999_999, [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500, 61_500, 91_500]],
      ] as const) {
        Math.random = () => value;
        const clock = new VirtualClock();
        // As the clock of the platform: it doesn't say.
        const unsaid = {
          now: () => clock.now(),
          after: (ms: number, callback: () => void) => clock.after(ms, callback),
        };
        const { attempts, connector } = await rig([], { clock: unsaid }, clock);
        for (let i = 0; i < 91_600 / 50; i++) {
          await advance(clock, 50);
        }
        connector.stop();
        await idle();
        expect(attempts.slice(0, expected.length).map((at) => Math.round(at / 50) * 50)).to.deep.equal([...expected]);
        expect(clock.pending).to.equal(0);
      }
    } finally {
      Math.random = random;
    }
  });

  it("waits for as long as the clock says, where it does", async () => {
    for (const [value, second] of [
      [0, 250],
      [0.5, 375],
      [1, 500],
    ] as const) {
      const clock = Object.assign(new VirtualClock(), { spread: () => value });
      const { attempts, connector } = await rig([], {}, clock);
      await advance(clock, second - 1);
      expect(attempts).to.deep.equal([0]);
      await advance(clock, 1);
      expect(attempts).to.deep.equal([0, second]);
      connector.stop();
    }
  });

  it("ends with an error of whoever takes its link, which ends no process", async () => {
    const { told } = await rig([new ScriptedConnection()], {
      connected: () => {
        throw new StatusError(Code.FAILED_PRECONDITION, "the connection is in use");
      },
    });
    expect(told).to.deep.equal([["ended", Code.FAILED_PRECONDITION, false]]);
  });

  it("goes by the delays that it is given", async () => {
    const { clock, attempts, connector } = await rig([], {
      reconnect: checkReconnect({ initialDelayMs: 10, maxDelayMs: 20 }),
    });
    for (let i = 0; i < 20; i++) {
      await advance(clock, 20);
    }
    connector.stop();
    expect(attempts).to.have.length(21);
  });

  it("starts over with the short delay after a link that lived for 5 s, and not after a shorter one", async () => {
    for (const [lived, delay] of [
      [4_999, 4_000],
      [5_000, 500],
    ] as const) {
      const connection = new ScriptedConnection();
      const { clock, told, attempts, connector } = await rig([unavailable, unavailable, unavailable, connection]);
      for (const wait of [500, 1_000, 2_000]) {
        await advance(clock, wait);
      }
      expect(told.at(-1)).to.deep.equal(["connected"]);
      const connectedAt = attempts.at(-1) as number;
      await advance(clock, lived - (clock.now() - connectedAt));
      connection.end(unavailable);
      await idle();
      expect(told.at(-1)).to.deep.equal(["disconnected", Code.UNAVAILABLE]);
      await advance(clock, delay / 2 - 1);
      expect(attempts, `${lived} ms`).to.have.length(4);
      await advance(clock, delay / 2 + 1);
      expect(attempts.length, `${lived} ms`).to.be.greaterThan(4);
      connector.stop();
    }
  });

  it("gives up at a status that trying again can't change", async () => {
    const { clock, told, attempts } = await rig([unavailable, denied]);
    await advance(clock, 500);
    expect(told).to.deep.equal([
      ["connectFailed", Code.UNAVAILABLE],
      ["ended", Code.PERMISSION_DENIED, false],
    ]);
    await advance(clock, 100_000);
    expect(attempts).to.have.length(2);
    expect(clock.pending).to.equal(0);
  });

  it("comes to its end when the peer ends the link", async () => {
    const connection = new ScriptedConnection();
    const { clock, told } = await rig([connection]);
    connection.end(status(Code.OK));
    await idle();
    expect(told).to.deep.equal([["connected"], ["ended", Code.OK, true]]);
    expect(clock.pending).to.equal(0);
  });

  it("does as a retryInfo says", async () => {
    const never: Status = status(Code.UNAVAILABLE, "", [{ type: "retryInfo", retryable: false }]);
    const { told } = await rig([StatusError.of(never)]);
    expect(told).to.deep.equal([["ended", Code.UNAVAILABLE, false]]);
  });

  it("takes an error that is no status for one that trying again can't change", async () => {
    const { told } = await rig([], { open: () => Promise.reject(new TypeError("a bug")) });
    expect(told).to.deep.equal([["ended", Code.UNKNOWN, false]]);
  });

  it("makes one attempt when it is not to reconnect", async () => {
    const { told, clock } = await rig([unavailable], { reconnect: false });
    expect(told).to.deep.equal([["ended", Code.UNAVAILABLE, false]]);
    expect(clock.pending).to.equal(0);
  });

  it("makes no other link when it is not to reconnect and the link is lost", async () => {
    const connection = new ScriptedConnection();
    const { told, clock } = await rig([connection], { reconnect: false });
    connection.end(unavailable);
    await idle();
    expect(told).to.deep.equal([["connected"], ["ended", Code.UNAVAILABLE, true]]);
    expect(clock.pending).to.equal(0);
  });

  it("leaves no timer and tells nothing once it is stopped while it waits", async () => {
    const { told, clock, connector } = await rig([]);
    expect(clock.pending).to.equal(1);
    told.length = 0;
    connector.stop();
    await idle();
    expect(clock.pending).to.equal(0);
    await advance(clock, 100_000);
    expect(told).to.deep.equal([]);
  });

  it("doesn't wait when it is stopped by whom it tells", async () => {
    const stopper: { stop?: () => void } = {};
    const made = rig([], { connectFailed: () => stopper.stop?.() });
    const { clock, connector } = await made;
    connector.stop();
    await idle();
    expect(clock.pending).to.equal(0);
    // From within: by then the first attempt must not have failed yet.
    const connection = new ScriptedConnection();
    const second = await rig([connection], { disconnected: () => stopper.stop?.() });
    stopper.stop = () => second.connector.stop();
    connection.end(unavailable);
    await idle();
    expect(second.clock.pending).to.equal(0);
  });

  it("gives an attempt up when it is stopped, and closes a link that comes all the same", async () => {
    const connection = new ScriptedConnection();
    let signal: AbortSignal | undefined;
    let finish: (link: Link) => void = () => {};
    const { told, connector, clock } = await rig([], {
      open(given) {
        signal = given;
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
    });
    connector.stop();
    expect(signal?.aborted).to.equal(true);
    finish(new PlainLink(connection, protobufCodec, { announces: true, clock }));
    await idle();
    expect(connection.closedWith?.code).to.equal(Code.OK);
    expect(told).to.deep.equal([]);
  });

  for (const [options, field] of [
    [{ initialDelayMs: -1 }, "reconnect.initialDelayMs"],
    [{ initialDelayMs: Number.NaN }, "reconnect.initialDelayMs"],
    [{ maxDelayMs: Number.POSITIVE_INFINITY }, "reconnect.maxDelayMs"],
    // More than timers can do: they would fire at once.
    [{ maxDelayMs: 2 ** 31 }, "reconnect.maxDelayMs"],
    [{ maxDelayMs: "1000" }, "reconnect.maxDelayMs"],
    [null, "reconnect"],
    [true, "reconnect"],
    [500, "reconnect"],
  ] as const) {
    it(`refuses ${JSON.stringify(options)} for reconnect`, () => {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => checkReconnect(options as never));
      expect(error.details).to.deep.equal([{ type: "badRequest", field }]);
    });
  }
});
