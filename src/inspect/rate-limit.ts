/** Lets so many a second through. What wasn't used up is kept for a second, so that bursts of that size pass whole. */
export class RateLimit {
  readonly #perSecond: number;
  #left: number;
  #at: number | undefined;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
  }

  /** Whether one more may pass at a time in milliseconds. A clock that goes back gives nothing and takes nothing. */
  take(now: number): boolean {
    const passed = Math.max(0, now - (this.#at ?? now));
    this.#at = now;
    this.#left = Math.min(this.#perSecond, this.#left + (passed * this.#perSecond) / 1_000);
    if (this.#left < 1) {
      return false;
    }
    this.#left--;
    return true;
  }
}
