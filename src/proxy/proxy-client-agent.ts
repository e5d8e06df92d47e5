import { checkCredential, type GivenCredential } from "../auth/authenticate.js";
import { Code, formatStatus, type Status, StatusError, status } from "../base/status.js";
import type { DialectOptions } from "../codec/dialect.js";
import { checkMaxMessageBytes } from "../link/check-max-message-bytes.js";
import type { Link } from "../link/link.js";
import type { CheckedResumableOptions, ResumableOptions } from "../link/resumable/options.js";
import type { ForwardEntry } from "../message/forward.js";
import type { Transport } from "../transport/transport.js";
import { checkTransport, openLink } from "./connect.js";
import { Connector, checkReconnect, type ReconnectOptions } from "./connector.js";
import { checkLinkOptions } from "./link-options.js";
import { ProxyAgent } from "./proxy-agent.js";

/** What a client proxy is told, whatever its transport. */
export interface BridgeClientOptions extends DialectOptions, ResumableOptions {
  /** The agent on this bus that may exchange messages with the remote agent. */
  readonly localAgentName: string;
  /** The agent at the other end. No agent on this bus may have that name. */
  readonly remoteAgentName: string;
  /** What may cross, either way. Everything else is denied. Default: nothing but what `forwardActivation` says. */
  readonly forwardMessages?: readonly ForwardEntry[];
  /**
   * Whether the local agent may activate and deactivate the remote one, which is how a conversation begins.
   * Default: true.
   */
  readonly forwardActivation?: boolean;
  /**
   * How long to wait between attempts to connect, or false to give up when the first one fails or the connection
   * is lost. Default: 500 ms at first, twice as long each time, at most 30 s.
   */
  readonly reconnect?: ReconnectOptions | false;
  /**
   * What proves to the server who this client is, or a function that gives it: for each connection, and in time before what
   * the server has been given expires. Without another one the session then ends with UNAUTHENTICATED, and the proxy has
   * failed. One that gives nothing within 10 s fails the attempt to connect. For a resumable link; on a plain one headers do
   * that. Default: nothing.
   */
  readonly credential?: GivenCredential;
  /** The largest message to send, in bytes; a larger one is undelivered. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
}

/** What a client proxy over any transport is told. */
export interface ProxyClientAgentOptions extends BridgeClientOptions {
  /** What makes the connections. */
  readonly transport: Transport;
}

/** The events that client proxies have beside those of all proxies. */
export type ProxyClientEvents = {
  /** There is a connection. */
  connected: [];
  /** The connection is gone. After OK, which means that one of the sides has ended it, no other is made. */
  disconnected: [status: Status];
  /** An attempt to connect has failed, and another will be made. */
  connectFailed: [status: Status];
  /** There will be no further attempt. The proxy is inactive; activating it starts over. */
  failed: [status: Status];
};

/**
 * The client's end of a bridge. It starts inactive; activating it connects, and deactivating it closes the
 * connection. However often it is activated it has one connection, which it makes anew when it is lost.
 */
export class ProxyClientAgent extends ProxyAgent<ProxyClientEvents> {
  readonly #options: ProxyClientAgentOptions;
  readonly #reconnect: Required<ReconnectOptions> | false;
  readonly #resumable: CheckedResumableOptions | undefined;
  #connector: Connector | undefined;

  /** Throws INVALID_ARGUMENT that names the option and its value. */
  constructor(name: string, options: ProxyClientAgentOptions) {
    checkTransport(options.transport);
    super(name, { ...options, side: "client" });
    this.#reconnect = checkReconnect(options.reconnect);
    checkMaxMessageBytes(options.maxMessageBytes);
    this.#resumable = checkLinkOptions(options);
    if (typeof options.credential !== "function") {
      checkCredential(options.credential);
    }
    this.#options = options;
  }

  protected override onActivated(): void {
    if (this.#connector !== undefined) {
      return;
    }
    this.#connector = new Connector({
      open: (signal) => this.#open(signal),
      reconnect: this.#reconnect,
      clock: this.context.clock,
      connected: (link) => {
        this.useLink(link);
        this.context.logger.info("connected", { proxy: this.name, peer: link.peer.address });
        this.emit("connected");
      },
      disconnected: (why) => {
        this.context.logger.warn("disconnected, and connects again", { proxy: this.name, status: formatStatus(why) });
        this.emit("disconnected", why);
      },
      connectFailed: (why) => {
        this.context.logger.warn("connecting failed, and is tried again", {
          proxy: this.name,
          status: formatStatus(why),
        });
        this.emit("connectFailed", why);
      },
      ended: (why, wasConnected) => this.#ended(why, wasConnected),
    });
  }

  protected override onDeactivated(): Promise<void> {
    return this.#stop("the proxy was deactivated");
  }

  protected override onFinished(): Promise<void> {
    return this.#stop("");
  }

  async #open(signal: AbortSignal): Promise<Link> {
    const maxAttempts = this.#reconnect === false ? (false as const) : this.#reconnect.maxAttempts;
    const { clock, logger } = this.context;
    const options = { ...this.#options, clock, logger, signal };
    return openLink(options.transport, options, this.#resumable, maxAttempts);
  }

  #ended(why: Status, wasConnected: boolean): void {
    this.#connector = undefined;
    // First of all, so that who activates the proxy again when told comes after it.
    this.#deactivate();
    if (wasConnected) {
      this.emit("disconnected", why);
    }
    if (why.code !== Code.OK) {
      this.emit("failed", why);
      this.reportError(StatusError.of(why));
    }
  }

  #deactivate(): void {
    try {
      this.deactivateSelf();
    } catch (error) {
      // The proxy is inactive all the same; only its hook isn't called, which would find nothing to stop.
      this.context.logger.debug("a proxy could not be told that it is inactive", { proxy: this.name, error });
    }
  }

  async #stop(reason: string): Promise<void> {
    this.#connector?.stop();
    this.#connector = undefined;
    const why = status(Code.OK, reason);
    if (await this.dropLink(why)) {
      this.emit("disconnected", why);
    }
  }
}
