/** When the model runs that was asked for: not while somebody speaks, and once for all who asked meanwhile. */
export class RunGate {
  readonly #run: () => void;
  #userSpeaks = false;
  #botSpeaks = false;
  #owed = false;
  #afterSpeech = false;

  constructor(run: () => void) {
    this.#run = run;
  }

  /**
   * Something was added to the conversation, and the model is to run if `asked`. While the user speaks it isn't: what
   * they say will run it, and if they say nothing, the next thing that is added will.
   */
  added(asked: boolean): void {
    this.#owed ||= asked;
    if (this.#owed) {
      this.settled(true);
    }
  }

  /** As `added`, but what isn't run now is forgotten where the user speaks. */
  settled(asked: boolean): void {
    if (!asked || this.#userSpeaks) {
      return;
    }
    if (this.#botSpeaks) {
      this.#afterSpeech = true;
    } else {
      this.#run();
    }
  }

  /** The user begins or stops to speak. */
  userSpeaks(speaks: boolean): void {
    this.#userSpeaks = speaks;
  }

  /** The bot begins or stops to speak. */
  botSpeaks(speaks: boolean): void {
    this.#botSpeaks = speaks;
    if (!speaks && this.#afterSpeech && !this.#userSpeaks) {
      this.#run();
    }
  }

  /** The model answers: it has seen all that was owed while the user spoke. */
  answers(): void {
    this.#owed = false;
  }

  /** The model runs, or was interrupted: nothing is owed any more. */
  clear(): void {
    this.#owed = false;
    this.#afterSpeech = false;
  }

  /** Nobody speaks, and nothing is owed. */
  reset(): void {
    this.clear();
    this.#userSpeaks = false;
    this.#botSpeaks = false;
  }
}
