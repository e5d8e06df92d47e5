import type { Credential } from "../../auth/authenticate.js";
import { atTime } from "../../base/at-time.js";
import type { Clock } from "../../base/clock.js";
import { Code, type Status, StatusError, toStatusError } from "../../base/status.js";
import type { Channel } from "./channel.js";
import type { Renewal } from "./resumable-link.js";
import { toNumber } from "./terms.js";

/** What a `ClientRenewal` is told, and whom it tells. */
export interface ClientRenewalOptions {
  readonly clock: Clock;
  /** Gives what proves who this client is. */
  readonly credential?: (() => Credential | undefined | Promise<Credential | undefined>) | undefined;
  /** There is no credential to renew the session with. It is tried again, for as long as the session lasts. */
  renewalFailed?(why: Status): void;
}

/** How long before the end of what was proved it is proved anew, in milliseconds: half of the time, but no earlier than this. */
const leadMs = 60_000;

/** The least time between two attempts, in milliseconds. */
const leastMs = 1_000;

/** Proves to the server anew who this client is, before what it has proved expires. */
export class ClientRenewal {
  readonly #options: ClientRenewalOptions;
  #channel: Channel | undefined;
  #expiresAt = 0;
  #isAsking = false;
  #prevent = () => {};

  constructor(options: ClientRenewalOptions) {
    this.#options = options;
  }

  /** The server has said, over this connection, in how many milliseconds the session ends; 0 for never. */
  start(channel: Channel, expiresAfterMs: number): void {
    this.stop();
    if (expiresAfterMs > 0) {
      this.#channel = channel;
      this.#expiresAt = this.#options.clock.now() + expiresAfterMs;
      this.#schedule();
    }
  }

  /** Takes in the answer of the server. Throws a status for one to nothing. */
  received(kind: Renewal): void {
    const channel = this.#channel;
    if (kind.case === "renew" || !this.#isAsking || channel === undefined) {
      throw new StatusError(Code.FAILED_PRECONDITION, `the server sent ${kind.case} unasked`);
    }
    this.start(channel, toNumber(kind.value.expiresAfterMs));
  }

  /** There is no connection, or no session, any more. */
  stop(): void {
    this.#prevent();
    this.#channel = undefined;
    this.#isAsking = false;
  }

  #schedule(): void {
    const { clock } = this.#options;
    const now = clock.now();
    const left = this.#expiresAt - now;
    this.#prevent = atTime(clock, now + Math.max(left - leadMs, left / 2, leastMs), () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { credential, renewalFailed } = this.#options;
    const channel = this.#channel;
    let given: Credential | undefined;
    try {
      given = await credential?.();
    } catch (error) {
      if (channel === this.#channel) {
        this.#schedule();
        renewalFailed?.(toStatusError(error));
      }
      return;
    }
    // While the application saw to it the connection may have been lost, and another have shown a credential of its own.
    if (channel !== undefined && channel === this.#channel) {
      this.#isAsking = true;
      channel.sendControl({ case: "renew", value: { credential: given } });
    }
  }
}
