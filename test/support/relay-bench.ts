import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { Status } from "../../src/base/status.js";
import type { Codec, Peeked } from "../../src/codec/codec.js";
import type { Dialect } from "../../src/codec/dialect.js";
import { loadCodec } from "../../src/codec/load-codec.js";
import { PlainLink } from "../../src/link/plain-link.js";
import { type Relay, type RelayDenial, relay } from "../../src/proxy/relay.js";
import type { RelayDirection, RelayOptions } from "../../src/proxy/relay-ways.js";
import { Session } from "../../src/proxy/session.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { RecordingLogger } from "./recording-logger.js";
import { ScriptedConnection } from "./scripted-connection.js";

/** What a bench is told. */
export interface RelayBenchOptions extends Partial<RelayOptions> {
  readonly dialect?: Dialect;
  /** The largest message that the back takes. */
  readonly maxMessageBytes?: number;
}

/**
 * A relay between the client's agent "main" and the server's agent "helper", each behind a scripted connection: both
 * can send whatever they like, and what they get can be seen.
 */
export class RelayBench {
  readonly front = new ScriptedConnection();
  readonly back = new ScriptedConnection();
  readonly clock = new VirtualClock();
  readonly logger = new RecordingLogger();
  /** Of one peer of the dialect; it encodes what a test has sent. */
  readonly codec: Codec;
  readonly relay: Relay;
  readonly crossed: (readonly [Peeked, RelayDirection, number])[] = [];
  readonly denied: RelayDenial[] = [];
  readonly invalid: (readonly [string, RelayDirection, number])[] = [];
  readonly undelivered: (readonly [BusMessage, RelayDirection, Status])[] = [];

  private constructor(createCodec: () => Codec, { dialect: _, maxMessageBytes, ...options }: RelayBenchOptions) {
    const { front, back, clock, logger } = this;
    this.codec = createCodec();
    this.relay = relay(
      new Session(new PlainLink(front, createCodec(), { announces: false, clock })),
      new Session(new PlainLink(back, createCodec(), { announces: true, clock, maxMessageBytes })),
      { agentName: "helper", remoteAgentName: "main", logger, ...options },
    );
    this.relay.on("crossed", (...args) => this.crossed.push(args));
    this.relay.on("denied", (denial) => this.denied.push(denial));
    this.relay.on("invalid", (...args) => this.invalid.push(args));
    this.relay.on("undelivered", (...args) => this.undelivered.push(args));
  }

  static async start(options: RelayBenchOptions = {}): Promise<RelayBench> {
    return new RelayBench(await loadCodec(options), options);
  }

  /** Where a message that goes this way comes from, and where it gets to. */
  ends(direction: RelayDirection): { readonly from: ScriptedConnection; readonly to: ScriptedConnection } {
    return direction === "toBack" ? { from: this.front, to: this.back } : { from: this.back, to: this.front };
  }

  /** Has a message arrive for the other side. Returns its bytes. */
  deliver(direction: RelayDirection, message: BusMessage): Uint8Array {
    const bytes = this.codec.encode(message);
    this.ends(direction).from.deliver(bytes);
    return bytes;
  }

  /** What has been sent this way, decoded. */
  sent(direction: RelayDirection): readonly BusMessage[] {
    return this.ends(direction).to.sent.map((bytes) => this.codec.decode(bytes) as BusMessage);
  }
}
