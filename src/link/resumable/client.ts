import type { Resume, Welcome } from "../../../gen/crossbus/v1/link_pb.js";
import { backoff, type Delays } from "../../base/backoff.js";
import { longestMs } from "../../base/check-milliseconds.js";
import { Code, isRetryable, retryAfterMs, type Status, StatusError, status, toStatusError } from "../../base/status.js";
import { waitToRetry } from "../../base/wait.js";
import { onWake } from "../../base/wake.js";
import type { Transport } from "../../transport/transport.js";
import { askCredential } from "./ask-credential.js";
import type { Channel } from "./channel.js";
import { shakeHands } from "./client-handshake.js";
import { ClientRenewal, type ClientRenewalOptions } from "./client-renewal.js";
import { linkProtocol, linkVersion } from "./limits.js";
import type { CheckedResumableOptions } from "./options.js";
import { reasonOf, resetStatus } from "./reset.js";
import { ResumableLink } from "./resumable-link.js";
import { makeEpoch } from "./secret.js";
import { readCursors, toNumber, writeCursors } from "./terms.js";

/** What a client's link is made of. */
export interface ResumableClientOptions extends CheckedResumableOptions, ClientRenewalOptions {
  readonly transport: Transport;
  readonly maxMessageBytes: number;
  /** How many attempts in a row may come to nothing before the link gives up, or false to make none. */
  readonly maxAttempts: number | false;
}

/** How long to wait between attempts to get a connection back, in milliseconds: whoever talks is waiting. */
const resumeDelays: Delays = { initialDelayMs: 50, maxDelayMs: 5_000 };

/**
 * Connects to a server, and resolves with a link that sees to its connections itself from then on, until a session can't
 * be resumed. Rejects with the status of the first connection, or of its handshake, that comes to nothing.
 */
export async function openResumableLink(options: ResumableClientOptions, signal: AbortSignal): Promise<ResumableLink> {
  const client = new Client(options);
  try {
    await client.connect(signal);
  } catch (error) {
    // Nobody gets the link: it lets go of what it listens to.
    client.link.end(toStatusError(error));
    throw error;
  }
  if (client.link.terms === undefined) {
    // The server claims to have received what was never sent: the link has ended without having had a connection.
    throw StatusError.of(await client.link.closed);
  }
  return client.link;
}

/** A client's session, and how it gets its connection back. */
class Client {
  readonly link: ResumableLink;
  readonly #options: ResumableClientOptions;
  readonly #epoch = makeEpoch();
  readonly #abort = new AbortController();
  readonly #renewal: ClientRenewal;
  #session: Pick<Resume, "sessionId" | "secret" | "serverEpoch"> | undefined;
  /** The attempts to resume the session. */
  #resumes = 0;
  /** The attempts since the link has last got anywhere, and how far it was then. */
  #attempts = 0;
  #progress = 0;

  constructor(options: ResumableClientOptions) {
    this.#options = options;
    this.#renewal = new ClientRenewal(options);
    this.link = new ResumableLink({
      ...options,
      side: "client",
      suspended: (why, afterMs) => {
        this.#renewal.stop();
        void this.#resume(why, afterMs);
      },
      renewal: (kind) => this.#renewal.received(kind),
    });
    const stopListening = onWake(() => this.link.check());
    void this.link.closed.then(() => {
      stopListening();
      this.#renewal.stop();
      this.#abort.abort();
    });
  }

  /** Makes a connection, and shakes hands over it. */
  async connect(signal: AbortSignal): Promise<void> {
    const { transport, clock, maxMessageBytes } = this.#options;
    const credential = await askCredential(this.#options, signal);
    const connection = await transport.connect({ signal, protocols: [linkProtocol] });
    const session = this.#session;
    const hello = {
      minVersion: linkVersion,
      maxVersion: linkVersion,
      epoch: this.#epoch,
      maxMessageBytes,
      ...writeCursors(this.link.cursors()),
      credential,
      resume: session && { ...session, attempt: ++this.#resumes },
    };
    await shakeHands(connection, hello, clock, signal, (channel, welcome) => this.#welcomed(channel, welcome));
  }

  /** Takes the connection. Throws a status where the server can't mean what its Welcome says. */
  #welcomed(channel: Channel, welcome: Welcome): void {
    const { version, resumed, heartbeatMs, graceMs, maxMessageBytes, sessionId, secret, epoch } = welcome;
    const isResume = this.#session !== undefined;
    if (version !== linkVersion || resumed !== isResume || heartbeatMs < 1 || maxMessageBytes < 1) {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `the server's Welcome doesn't fit: version ${version}, resumed ${resumed}`,
      );
    }
    const cursors = readCursors(welcome);
    const expiresAfterMs = toNumber(welcome.expiresAfterMs);
    this.#session = { sessionId, secret, serverEpoch: epoch };
    if (this.link.isClosed) {
      channel.close(status(Code.CANCELLED, "the link was closed"));
    } else if (this.link.rewind(cursors)) {
      this.#renewal.start(channel, expiresAfterMs);
      // A server may say more than any timer waits for.
      this.link.attach(channel, channel.peer, {
        heartbeatMs: Math.min(heartbeatMs, longestMs),
        graceMs: Math.min(graceMs, longestMs),
        maxMessageBytes,
      });
    } else {
      const why = resetStatus("gap", "the server's cursors don't fit to what was sent");
      channel.close(why);
      this.link.end(why);
    }
  }

  /** Gets a connection back, or ends the link. */
  async #resume(why: Status, afterMs: number): Promise<void> {
    const { clock, maxAttempts } = this.#options;
    const { signal } = this.#abort;
    const graceMs = this.link.terms?.graceMs ?? 0;
    const deadline = clock.now() + graceMs;
    const overdue = new AbortController();
    const giveUp = () => overdue.abort();
    signal.addEventListener("abort", giveUp);
    // An attempt that hangs must not outlast the session.
    const prevent = clock.after(graceMs, giveUp);
    let last = why;
    let earliestMs = afterMs;
    if (this.link.progress > this.#progress) {
      this.#progress = this.link.progress;
      this.#attempts = 0;
    }
    while (!this.link.isClosed) {
      const attempt = this.#attempts++;
      if (maxAttempts === false || attempt >= maxAttempts) {
        this.link.end(resetStatus("gaveUp", `the connection was lost, and not made again: ${last.message}`));
        break;
      }
      await waitToRetry(clock, backoff(resumeDelays, attempt, clock), earliestMs, overdue.signal);
      if (overdue.signal.aborted || clock.now() >= deadline) {
        this.link.end(resetStatus("expired", `the connection was lost for ${graceMs} ms: ${last.message}`));
        break;
      }
      try {
        await this.connect(overdue.signal);
        // Whatever has become of that connection by now: when it was lost, this was called anew.
        break;
      } catch (error) {
        last = toStatusError(error);
        earliestMs = retryAfterMs(last);
        if (reasonOf(last) !== 0 || !(isRetryable(last) || last.code === Code.CANCELLED)) {
          this.link.end(last);
        }
      }
    }
    prevent();
    signal.removeEventListener("abort", giveUp);
  }
}
