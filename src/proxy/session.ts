import { asyncDispose } from "../base/dispose.js";
import { Code, type Status, status } from "../base/status.js";
import type { Link } from "../link/link.js";
import type { Peer } from "../transport/transport.js";

/**
 * One peer, for as long as it is there: a client, as a server's handler gets it, or a server, as `connect()` gives it.
 * A `ProxyServerAgent` bridges a client to a bus, a relay joins a client and a server.
 */
export class Session implements AsyncDisposable {
  /** The link to the peer, for the proxy. */
  readonly link: Link;
  #status: Status | undefined;

  constructor(link: Link) {
    this.link = link;
    void link.closed.then((why) => {
      this.#status = why;
    });
  }

  /** What is known of the peer. */
  get peer(): Peer {
    return this.link.peer;
  }

  /** Resolves with the status at the end of the session. Never rejects. */
  get closed(): Promise<Status> {
    return this.link.closed;
  }

  /** The status at the end of the session; undefined while it lasts. */
  get status(): Status | undefined {
    return this.#status;
  }

  /** Ends the session, with OK unless told otherwise. Resolves like `closed`. */
  close(why: Status = status(Code.OK)): Promise<Status> {
    return this.link.close(why);
  }

  async [asyncDispose](): Promise<void> {
    await this.close();
  }
}
