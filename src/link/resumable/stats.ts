/** What a resumable link has done since it was made, and how it is. */
export interface LinkStats {
  /** Whether there is a connection at the moment. */
  readonly state: "open" | "suspended" | "closing" | "closed";
  /** Messages, and their bytes, that were sent for the first time or kept to be sent. */
  readonly messagesOut: number;
  readonly bytesOut: number;
  /** Messages, and their bytes, that the consumer got. */
  readonly messagesIn: number;
  readonly bytesIn: number;
  /** Frames that came a second time and were dropped. */
  readonly duplicates: number;
  /** Messages that expired before they were sent, here and at the peer. */
  readonly expiredOut: number;
  readonly expiredIn: number;
  /** How often the link has gone on over another connection. */
  readonly resumes: number;
  /** How long it was without a connection the last time, in milliseconds; 0 if it never was. */
  readonly lastOutageMs: number;
  /** Messages, and their bytes, that the peer hasn't acknowledged. */
  readonly unacknowledged: number;
  readonly unacknowledgedBytes: number;
  /** Messages that have not been handed to the connection. */
  readonly unsent: number;
  /** Messages that have arrived and wait for the consumer. */
  readonly waiting: number;
  /** About how long a frame takes to the peer and back, in milliseconds; undefined until it was measured. */
  readonly roundTripMs: number | undefined;
}

/** The counters of a link. */
export class LinkCounters {
  messagesOut = 0;
  bytesOut = 0;
  messagesIn = 0;
  bytesIn = 0;
  expiredOut = 0;
  expiredIn = 0;
  resumes = 0;
  lastOutageMs = 0;
  roundTripMs: number | undefined;

  /** Takes in a measurement of the round trip, of which later ones count an eighth each. */
  measured(ms: number): void {
    this.roundTripMs = this.roundTripMs === undefined ? ms : this.roundTripMs + (ms - this.roundTripMs) / 8;
  }
}
