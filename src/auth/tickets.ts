import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { checkMilliseconds } from "../base/check-milliseconds.js";
import { type Clock, systemClock } from "../base/clock.js";
import { isSameBytes } from "../base/same-bytes.js";
import { Code, invalidArgument, StatusError } from "../base/status.js";
import type { Principal } from "../transport/transport.js";
import type { Authenticate, AuthenticationRequest, Credential } from "./authenticate.js";
import { unauthenticated } from "./unauthenticated.js";

/** What can be said about tickets. */
export interface TicketOptions {
  /** How long a ticket may be used after it was issued, in milliseconds. Default: 30 000. */
  readonly ttlMs?: number;
  /** How many may be out at a time, neither used nor expired. Default: 10 000. */
  readonly maxTickets?: number;
  /** Where time comes from. Default: the platform. */
  readonly clock?: Clock;
}

/** Issues tickets, and lets those in that have one. */
export interface Tickets {
  /**
   * Makes a ticket, which lets its holder in as `principal`, once. Throws RESOURCE_EXHAUSTED when `maxTickets` are out
   * already: those that were promised are kept.
   */
  issue(principal: Principal): string;
  /** The hook for the server that takes them. */
  readonly authenticate: Authenticate;
}

/** A ticket that is out. */
interface Issued {
  readonly secret: Uint8Array;
  readonly principal: Principal;
  readonly expiresAt: number;
}

const ticketType = "ticket";
const idBytes = 16;
const secretBytes = 32;
const syntax = /^[\w-]{64}$/;

/**
 * Makes tickets for one server process, which keeps them in memory. A page gets one from the application, over a request that
 * is authenticated as pages are, and connects with it: as `?ticket=…` in the URL, or on a resumable link as the credential
 * that `ticketCredential()` makes. There it must be the latter, from a function that gets a new ticket each time: the URL
 * of a connection that is made again has the old ticket, which is used up.
 *
 * A URL may end up in the log of a proxy on the way; a ticket that was used by then opens nothing. Throws INVALID_ARGUMENT for
 * a bad option.
 */
export function tickets(options: TicketOptions = {}): Tickets {
  const { ttlMs = 30_000, maxTickets = 10_000, clock = systemClock } = options;
  checkMilliseconds("ttlMs", ttlMs);
  if (!Number.isSafeInteger(maxTickets) || maxTickets < 1) {
    throw invalidArgument("maxTickets", maxTickets, "must be a positive integer");
  }
  /** By their ids, the oldest first, which is also the first to expire. */
  const issued = new Map<string, Issued>();

  /** Forgets those that have expired, and stops at the first that hasn't. */
  function sweep(): void {
    for (const [id, { expiresAt }] of issued) {
      if (expiresAt > clock.now()) {
        return;
      }
      issued.delete(id);
    }
  }

  return {
    issue(principal) {
      if (typeof principal?.name !== "string") {
        throw invalidArgument("principal", principal, "must be an object with a name");
      }
      sweep();
      if (issued.size >= maxTickets) {
        throw new StatusError(
          Code.RESOURCE_EXHAUSTED,
          `${maxTickets} tickets are out and not used yet; try again when some have expired, or raise maxTickets`,
        );
      }
      const bytes = crypto.getRandomValues(new Uint8Array(idBytes + secretBytes));
      const secret = bytes.subarray(idBytes);
      issued.set(toId(bytes), { secret, principal, expiresAt: clock.now() + ttlMs });
      return base64Encode(bytes, "url");
    },

    async authenticate(request) {
      const text = readTicket(request);
      if (text === undefined || !syntax.test(text)) {
        throw unauthenticated();
      }
      const bytes = base64Decode(text);
      // The id is looked up, whose time may tell something of it; what counts is the secret, which is compared.
      const id = toId(bytes);
      const ticket = issued.get(id);
      if (ticket === undefined || !isSameBytes(ticket.secret, bytes.subarray(idBytes))) {
        throw unauthenticated();
      }
      issued.delete(id);
      if (ticket.expiresAt <= clock.now()) {
        throw unauthenticated();
      }
      return ticket.principal;
    },
  };
}

/** Makes the credential of a ticket, for the option `credential` of a client's resumable link. */
export function ticketCredential(ticket: string): Credential {
  return { type: ticketType, value: new TextEncoder().encode(ticket) };
}

/** The ticket of a request. What came in a message counts before the URL, as with `bearer()`; of two in a URL none does. */
function readTicket({ credential, peer }: AuthenticationRequest): string | undefined {
  if (credential?.type === ticketType) {
    return new TextDecoder().decode(credential.value);
  }
  const [, query = ""] = /\?([^#]*)/.exec(peer.url ?? "") ?? [];
  const [ticket, ...others] = new URLSearchParams(query).getAll("ticket");
  return others.length === 0 ? ticket : undefined;
}

function toId(bytes: Uint8Array): string {
  return base64Encode(bytes.subarray(0, idBytes), "url");
}
