import type { Code } from "../base/status.js";

/** Seen from the end that is wrapped: what it sends goes out, what it receives comes in. */
export type FaultDirection = "out" | "in" | "both";

/**
 * Breaks the connection, as a TCP reset does. Of what is on its way the seed decides how much still arrives, oldest
 * first; no message arrives in part. The rest is lost. What had not been handed over is told as undelivered, and, as
 * with a real network, perhaps some of what had been: of that nobody can tell whether it arrived.
 */
export interface CutFault {
  readonly type: "cut";
  /**
   * Which ends notice. Default: `both`, at once. With `near` the end that is wrapped does and the other one goes on
   * with a connection that is silent, as a server does whose client has lost its network; with `far` it is the other
   * way round.
   */
  readonly ends?: "both" | "near" | "far";
}

/**
 * Breaks the connection while a message is being written: the one that the step counted to, else the next that is sent.
 * What was sent before has arrived or, where it was on its way still, may be lost as with a cut. The message itself
 * never arrives, neither whole nor as a shorter one.
 */
export interface TruncateFault {
  readonly type: "truncate";
}

/**
 * Has a direction, or both, go silent while nothing closes: a cable that was pulled. What is sent waits, as TCP would
 * send it again, and arrives when the silence ends. Closing waits like that too: this end gives up after 3 s, and the
 * other one hears nothing of it.
 */
export interface HalfOpenFault {
  readonly type: "halfOpen";
  /** Default: `both`. */
  readonly direction?: FaultDirection;
  /** How long, in milliseconds. Default: for as long as the connection lives, or until `heal()`. */
  readonly forMs?: number;
}

/** Has each message take longer. Their order stays. */
export interface DelayFault {
  readonly type: "delay";
  /** Default: `both`, so that a round trip takes twice as long. */
  readonly direction?: FaultDirection;
  /** How much longer, in milliseconds. */
  readonly ms: number;
  /** Up to how much longer than that, in milliseconds, as the seed decides for each message. Default: 0. */
  readonly jitterMs?: number;
  /** For how long, in milliseconds, messages are delayed. Default: like `HalfOpenFault.forMs`. */
  readonly forMs?: number;
}

/**
 * Lets only so many bytes pass in a second. Outwards, the sender sees what waits in `bufferedAmount`. Inwards, it looks
 * to the other end as if this one read slowly, and it is that one's `bufferedAmount` that grows.
 */
export interface ThrottleFault {
  readonly type: "throttle";
  /** Default: `both`. */
  readonly direction?: FaultDirection;
  readonly bytesPerSecond: number;
  /** For how long, in milliseconds. Default: like `HalfOpenFault.forMs`. */
  readonly forMs?: number;
}

/**
 * Opens a second connection from the same peer while the first lives, as proxies do that try again, and clients that
 * gave the first one up: with the same request, and with all that is sent from then on sent over it besides. With a step
 * that counts nothing that is all of it, the handshake of a link too. What comes back on it is dropped. It ends
 * with the first, and then as that does.
 */
export interface DuplicateFault {
  readonly type: "duplicate";
}

/** Refuses an attempt to connect. */
export interface RefuseFault {
  readonly type: "refuse";
  /** The code that the attempt rejects with, or a connection that is accepted is closed with. Default: UNAVAILABLE. */
  readonly code?: Code;
}

/**
 * What can go wrong with a connection. A fault takes the place of an earlier one of its type in the same direction:
 * the later delay holds, say.
 */
export type Fault =
  | CutFault
  | TruncateFault
  | HalfOpenFault
  | DelayFault
  | ThrottleFault
  | DuplicateFault
  | RefuseFault;

/**
 * A fault and when it happens: once to each connection that it is for. It waits for `afterSent` and `afterReceived`,
 * then `afterMs` more. It is plain data, so that property tests can make, shrink and print it.
 */
export type FaultStep = Fault & {
  /**
   * Which connection, counted from 0 in the order of the attempts to make them. Default: every one. A refusal without it
   * refuses all attempts.
   */
  readonly connection?: number;
  /** Milliseconds to wait; for a refusal how long the attempt takes. Default: 0. */
  readonly afterMs?: number;
  /** The message that is sent, counted from 1, with which it happens: that one is the first affected. Not for refusals. */
  readonly afterSent?: number;
  /** The same for the messages that arrive. */
  readonly afterReceived?: number;
};

/** What was done to a connection, and what the seed decided. Plain data too: two runs can be compared. */
export interface FaultEvent {
  /** Milliseconds since the transport was wrapped. */
  readonly atMs: number;
  /** Which connection, counted as in `FaultStep`. */
  readonly connection: number;
  /** What happened: the type of a fault, or one of what comes before and after. */
  readonly type: Fault["type"] | "connected" | "ended" | "healed" | "over" | "duplicated" | "notDuplicated";
  /** Of which fault this is the end, for `over`. */
  readonly fault?: Fault["type"];
  /** Of a fault that has a direction. */
  readonly direction?: FaultDirection;
  /** Of a cut. */
  readonly ends?: "both" | "near" | "far";
  /** Of a cut or a truncated write: how many of the messages on their way out still arrived, how many didn't. */
  readonly outArrived?: number;
  readonly outLost?: number;
  /** How many messages were told as undelivered; for `ended`, those too that a cut before has counted. */
  readonly told?: number;
  /** Of `ended`: with what, for people. */
  readonly status?: string;
  /** How many of the messages on their way in arrived, and how many didn't. */
  readonly inArrived?: number;
  readonly inLost?: number;
  /** Of a truncated write: how many bytes were written of how many. */
  readonly writtenBytes?: number;
  readonly ofBytes?: number;
}
