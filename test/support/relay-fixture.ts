import type { Dialect } from "../../src/codec/dialect.js";
import { TASKS } from "../../src/message/forward.js";
import { connect } from "../../src/proxy/connect.js";
import type { BridgeClientOptions } from "../../src/proxy/proxy-client-agent.js";
import { type Relay, type RelayDenial, relay } from "../../src/proxy/relay.js";
import type { RelayOptions } from "../../src/proxy/relay-ways.js";
import type { BridgeFixture, Client, Served } from "./bridge-fixture.js";
import { until } from "./idle.js";

/** What a bridge through a relay is told. */
export interface RelayFixtureOptions extends Partial<RelayOptions> {
  readonly dialect?: Dialect;
}

/** A client with the agent "acme", a relay, and servers with the agent "assistant", each on a bus of its own. */
export class RelayFixture {
  readonly relays: Relay[] = [];
  readonly denied: RelayDenial[] = [];
  readonly front: BridgeFixture;
  readonly back: BridgeFixture;
  /** What both ends let across. The relay does unless told otherwise. */
  readonly forwardMessages = ["frame", ...TASKS] as const;

  constructor(front: BridgeFixture, back: BridgeFixture) {
    this.front = front;
    this.back = back;
  }

  /** Serves at the back, and at the front a relay to there. */
  async serve({ dialect = "protobuf", ...options }: RelayFixtureOptions = {}): Promise<void> {
    const { forwardMessages } = this;
    await this.back.serveAssistants({ forwardMessages }, { dialect });
    await this.front.serve(
      async (session) => {
        const { clock, logger, transport } = this.back;
        await using server = await connect(transport, { dialect, clock });
        const names = { agentName: "assistant", remoteAgentName: "acme" };
        const joined = relay(session, server, { ...names, forwardMessages, logger, ...options });
        joined.on("denied", (denial) => this.denied.push(denial));
        this.relays.push(joined);
        await joined.closed;
      },
      { dialect },
    );
  }

  /** Starts a client, and waits until both agents know each other. */
  async connect(options: Partial<BridgeClientOptions> = {}): Promise<readonly [Client, Served]> {
    const { forwardMessages } = this;
    const before = this.back.served.length;
    const client = await this.front.client({ forwardMessages, ...options });
    await until(() => client.acme.calls.includes("agentReady assistant"));
    return [client, this.back.served[before] as Served];
  }
}
