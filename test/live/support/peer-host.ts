import { PythonPeer } from "./python-peer.js";
import type { Release } from "./releases.js";

/** The process of a release of Pipecat that all tests of that release have in common, until one kills it. */
export class PeerHost {
  readonly #release: Release;
  #peer: PythonPeer | undefined;
  /** One that is being started. */
  #spare: Promise<PythonPeer> | undefined;
  #port = 0;

  constructor(release: Release) {
    this.#release = release;
  }

  get peer(): PythonPeer {
    if (this.#peer === undefined) {
      throw new Error("there is no Python peer");
    }
    return this.#peer;
  }

  /** The port that it serves at. */
  get port(): number {
    return this.#port;
  }

  /** Starts the process. */
  async start(): Promise<void> {
    this.#peer = await this.#launch();
    this.#port = (await this.#peer.command("listen", { port: 0 })) as number;
  }

  /** Begins to start another process, unless there is one, so that nobody has to wait long when the first is killed. */
  prepareSpare(): void {
    if (this.#spare === undefined) {
      this.#spare = this.#launch();
      // Whoever needs it gets the error.
      this.#spare.catch(() => {});
    }
  }

  /** Kills the process. */
  async kill(): Promise<void> {
    await this.#peer?.kill();
  }

  /** Puts the spare process in its place, at the same port. `prepare` is called before anybody can connect to it. */
  async revive(prepare: (peer: PythonPeer) => Promise<void>): Promise<void> {
    this.prepareSpare();
    this.#peer = await this.#spare;
    this.#spare = undefined;
    await prepare(this.peer);
    await this.peer.command("listen", { port: this.#port });
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    const spare = await this.#spare?.catch(() => undefined);
    await Promise.all([this.#peer?.stop(), spare?.stop()]);
    this.#peer = undefined;
    this.#spare = undefined;
  }

  #launch(): Promise<PythonPeer> {
    return PythonPeer.start(this.#release.env, this.#release.generation);
  }
}
