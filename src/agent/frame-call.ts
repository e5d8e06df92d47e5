/** What `onFrame` gets beside the frame. */
export interface FrameContext {
  /**
   * Aborts when the frame no longer matters: an interruption came in, the agent handed off to another one, or it
   * was cancelled. Pass it on to whatever takes time. Being ended, or deactivated by others, waits until the frame
   * has been handled.
   */
  readonly signal: AbortSignal;
}

/** One running call of `onFrame`. Its signal is made when it is first asked for: most calls never do. */
export class FrameCall implements FrameContext {
  #controller: AbortController | undefined;
  #aborted = false;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) {
        this.#controller.abort();
      }
    }
    return this.#controller.signal;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }
}
