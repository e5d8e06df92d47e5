import { expect } from "chai";
import { after, before, it, type Test } from "mocha";
import type { DialectOptions } from "../../../src/index.js";
import { CrossbusProcess } from "./crossbus-process.js";
import { type Direction, LiveBridge, type LiveBridgeOptions } from "./live-bridge.js";
import type { PeerHost } from "./peer-host.js";
import type { PythonPeer } from "./python-peer.js";
import type { Release } from "./releases.js";

/** What the cases of one combination of release, codec and direction are tested with. */
export interface Live {
  readonly release: Release;
  readonly codec: "json" | "protobuf";
  readonly direction: Direction;
  /** Which dialect the bridge speaks. */
  readonly dialect: DialectOptions;
  /** The process that all bridges have in common. */
  readonly peer: PythonPeer;
  /** A process of Crossbus's own, which has nothing to do yet. */
  readonly crossbus: CrossbusProcess;
  /** Kills the Python process. */
  killPeer(): Promise<void>;
  /** Puts another process in its place. `prepare` is called before anybody can connect to it. */
  revivePeer(prepare: (peer: PythonPeer) => Promise<void>): Promise<void>;
  /** Defines a test. */
  it(title: string, body: () => Promise<void>): void;
  /** Opens a bridge, which is closed after the test. */
  open(options?: Partial<LiveBridgeOptions>): Promise<LiveBridge>;
}

/** What Python logs as an error although all is well. */
const noise: readonly RegExp[] = [
  // The server's proxy closes its WebSocket once more when its runner ends.
  /Cannot call "send" once a close message has been sent/,
];

/**
 * Makes what a suite opens its bridges with. At the end of each test they are closed; neither side may have logged an
 * error, and nothing but binary messages may have been sent to Python, whose server can't take text.
 */
export function useBridges(
  live: Pick<Live, "release" | "codec" | "direction" | "dialect">,
  host: PeerHost,
  tally: (test: Test) => void,
): Live {
  let bridges: LiveBridge[] = [];

  async function close(): Promise<readonly (() => void)[]> {
    const opened = bridges;
    bridges = [];
    const checks: (() => void)[] = [];
    for (const bridge of opened) {
      const received = await bridge.close();
      const problems = bridge.python.log.filter((line) => /^(ERROR|CRITICAL)/.test(line));
      const errors = problems.filter((line) => ![...noise, ...bridge.expectedErrors].some((known) => known.test(line)));
      checks.push(
        () => expect(received.text, "text messages that Python got").to.equal(0),
        () => expect(bridge.logger.takeErrors(), "errors in TypeScript").to.deep.equal([]),
        () => expect(errors, "errors in Python").to.deep.equal([]),
      );
    }
    return checks;
  }

  let crossbus: CrossbusProcess | undefined;
  // What takes its time to start does so while other tests run.
  before(() => {
    host.prepareSpare();
    crossbus = new CrossbusProcess();
  });
  after(() => crossbus?.kill());

  return {
    ...live,
    get crossbus() {
      return crossbus as CrossbusProcess;
    },
    get peer() {
      return host.peer;
    },
    killPeer: () => host.kill(),
    revivePeer: (prepare) => host.revive(prepare),
    it(title, body) {
      // The checks are part of the test: a hook that fails would keep the other tests from running.
      const test = it(title, async () => {
        try {
          await body();
        } catch (error) {
          const log = bridges.flatMap(({ python }) => python.log);
          await close();
          throw log.length === 0 ? error : new Error(`Python logged:\n${log.join("\n")}`, { cause: error });
        }
        for (const check of await close()) {
          check();
        }
      });
      tally(test);
    },
    open: async (options = {}) => {
      const { codec, direction, dialect } = live;
      const common = { peer: host.peer, port: host.port, codec, direction, dialect };
      const bridge = await LiveBridge.open({ ...common, ...options });

      bridges.push(bridge);
      return bridge;
    },
  };
}
