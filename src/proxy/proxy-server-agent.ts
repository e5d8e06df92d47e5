import { Code, invalidArgument, type Status, status } from "../base/status.js";
import type { ForwardEntry } from "../message/forward.js";
import { ProxyAgent } from "./proxy-agent.js";
import { Session } from "./session.js";

/** What a server proxy is told. */
export interface ProxyServerAgentOptions {
  /** The peer, as a listener handed it to its handler. */
  readonly session: Session;
  /** The agent on this bus that may exchange messages with the remote agent. */
  readonly agentName: string;
  /** The agent at the other end. No agent on this bus may have that name. */
  readonly remoteAgentName: string;
  /** What may cross, either way. Everything else is denied. Default: nothing but what `forwardActivation` says. */
  readonly forwardMessages?: readonly ForwardEntry[];
  /** Whether the remote agent may activate and deactivate the agent on this bus. Default: true. */
  readonly forwardActivation?: boolean;
}

/** The events that server proxies have beside those of all proxies. */
export type ProxyServerEvents = {
  /** The proxy has started, and the client is there. */
  clientConnected: [session: Session];
  /**
   * The client is gone, for whatever reason, and its session is over. Told once, also when it was gone before the proxy
   * started. On a resumable link `suspended` and `resumed` tell of connections that are lost in between.
   */
  clientDisconnected: [status: Status];
};

/** The server's end of a bridge: one peer's, for as long as its session lasts. */
export class ProxyServerAgent extends ProxyAgent<ProxyServerEvents> {
  readonly #session: Session;
  #isWatching = false;

  /** Throws INVALID_ARGUMENT that names the option and its value. */
  constructor(name: string, options: ProxyServerAgentOptions) {
    const { session, agentName: localAgentName, remoteAgentName, forwardMessages, forwardActivation } = options;
    if (!(session instanceof Session)) {
      throw invalidArgument("session", session, "must be a session that a listener handed out");
    }
    super(name, { side: "server", localAgentName, remoteAgentName, forwardMessages, forwardActivation });
    this.#session = session;
  }

  protected override onReady(): void {
    const session = this.#session;
    if (session.status === undefined) {
      this.useLink(session.link);
      this.emit("clientConnected", session);
    }
    this.#watchSession();
  }

  protected override async onDeactivated(): Promise<void> {
    await this.dropLink(status(Code.OK, "the proxy was deactivated"));
  }

  protected override async onFinished(): Promise<void> {
    // A proxy that was never started tells of the end too.
    this.#watchSession();
    await this.dropLink(status(Code.OK));
    await this.#session.close();
  }

  #watchSession(): void {
    if (!this.#isWatching) {
      this.#isWatching = true;
      void this.#session.closed.then((why) => this.emit("clientDisconnected", why));
    }
  }
}
