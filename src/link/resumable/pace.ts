import { maxSocketBytes } from "./limits.js";

/** So many bytes may be on their way at first, and so many always may. */
const firstLimit = maxSocketBytes;
const leastLimit = maxSocketBytes / 2;

/** A mark is set after so many bytes at least. */
const leastMarkBytes = 8_192;

/** What may be on its way beside what two round trips take, in milliseconds: timers and busy ends need some leeway. */
const leewayMs = 20;

/**
 * How long the time of a round trip is believed while data is held back, in milliseconds. A phone that moves is soon further
 * away, and what was enough for a short way would not fill a long one.
 */
const believedMs = 10_000;

/** A ping that went with the data. */
interface Mark {
  readonly token: bigint;
  readonly at: number;
  /** All bytes that were sent before it, and those of them that were known to have arrived. */
  readonly sent: number;
  readonly arrived: number;
  /** How often data had been held back until then. */
  readonly held: number;
}

/**
 * How much may be on its way over a connection: enough that the network is never idle, and not much more. What is more would
 * wait in the buffers of operating systems and routers, where nothing that is urgent gets past it.
 *
 * Pings go with the data. When one is answered, all that was sent before it has arrived, which tells how fast that goes; and
 * the fastest answer tells how long a round trip takes where nothing waits. That is measured anew from time to time: data
 * is held back until all has arrived, and for one ping more.
 */
export class Pace {
  #sent = 0;
  #arrived = 0;
  #limit = firstLimit;
  /** In bytes a millisecond. */
  #rate = 0;
  #leastMs = Number.POSITIVE_INFINITY;
  #leastAt = 0;
  /** While a round trip is measured anew: what has to arrive before, and then the ping that is sent without any data. */
  #clears: number | undefined;
  #asks: bigint | undefined;
  #marks: Mark[] = [];
  #marked = 0;
  #held = 0;
  #lastToken = 0n;

  /** Whether more data has to wait until some of it has arrived. */
  isHeld(): boolean {
    const isHeld = this.#clears !== undefined || this.#isFull;
    this.#held += isHeld ? 1 : 0;
    return isHeld;
  }

  /** Whether a mark has to be set although little was sent since the last one: else data might be held, and nothing end it. */
  get isMarkDue(): boolean {
    if (this.#clears !== undefined) {
      return this.#asks === undefined && (this.#marked < this.#clears || this.#hasCleared);
    }
    // What was sent after the last mark may be more than has room, once that is answered and has made it less.
    return this.#marks.length === 0 && this.#isFull;
  }

  /** Whether a ping is on its way. */
  get isAsking(): boolean {
    return this.#marks.length > 0;
  }

  /** Takes in that bytes were sent. Returns whether it is time for a mark, of which one at least is on its way when data is held. */
  sent(bytes: number): boolean {
    this.#sent += bytes;
    return this.#sent - this.#marked >= Math.max(leastMarkBytes, this.#limit / 4);
  }

  /** Sets a mark. Returns the token of the ping that has to be sent for it. */
  mark(now: number): bigint {
    const token = ++this.#lastToken;
    this.#marks.push({ token, at: now, sent: this.#sent, arrived: this.#arrived, held: this.#held });
    this.#marked = this.#sent;
    if (this.#hasCleared) {
      this.#asks ??= token;
    }
    return token;
  }

  /** Takes in that a ping was answered. Returns how long that took, in milliseconds; undefined for one that wasn't sent. */
  answered(token: bigint, now: number): number | undefined {
    const mark = this.#marks.find((each) => each.token === token);
    if (mark === undefined) {
      return undefined;
    }
    this.#marks = this.#marks.filter((each) => each.token > token);
    const ms = Math.max(0, now - mark.at);
    const wasHeld = this.#held > mark.held;
    this.#arrived = mark.sent;
    this.#timed(token, ms, now, wasHeld);
    const rate = (mark.sent - mark.arrived) / Math.max(1, ms);
    if (rate > this.#rate) {
      this.#rate = rate;
    } else if (wasHeld && rate > 0) {
      // Less than before although there was more to send: the network has become slower. Not all at once, for a hiccup's sake.
      this.#rate = (this.#rate + rate) / 2;
    }
    this.#limit = Math.max(leastLimit, this.#rate * (2 * this.#leastMs + leewayMs));
    return ms;
  }

  /** Whether as much is on its way as may be, as far as is known. */
  get #isFull(): boolean {
    return this.#sent - this.#arrived >= this.#limit;
  }

  get #hasCleared(): boolean {
    return this.#clears !== undefined && this.#arrived >= this.#clears;
  }

  /** Takes in how long a round trip took, of which the shortest counts, until it is measured anew. */
  #timed(token: bigint, ms: number, now: number, wasHeld: boolean): void {
    const isAlone = this.#asks !== undefined && token >= this.#asks;
    if (isAlone || ms <= this.#leastMs) {
      this.#leastMs = ms;
      this.#leastAt = now;
    }
    if (isAlone) {
      this.#clears = undefined;
      this.#asks = undefined;
    } else if (this.#clears === undefined && wasHeld && now - this.#leastAt >= believedMs) {
      this.#clears = this.#sent;
    }
  }
}
