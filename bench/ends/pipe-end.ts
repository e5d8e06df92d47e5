/**
 * Has a contestant send frames to its other end, and takes the time. All contestants send alike: in bursts of 100,
 * with a turn of the event loop in between; above 1 MiB in this process they wait until a quarter of it is left.
 */
import { setImmediate, setTimeout } from "node:timers/promises";
import { now } from "../harness/clock.js";
import { quantile } from "../harness/statistics.js";
import { type Pipe, type PipeMaker, samples } from "./pipe.js";

const burst = 100;
const highWater = 1_048_576;
const lowWater = highWater / 4;

/** Which end of a pair a process is. */
export interface PipeEndOptions {
  /** The module with the contestant, next to this one. */
  readonly maker: string;
  /** Where to connect to. Without it the process serves. */
  readonly address?: string;
}

export async function open({ maker, address }: PipeEndOptions): Promise<PipeEnd> {
  const made = (await import(new URL(`../${maker}`, import.meta.url).href)) as PipeMaker;
  const end = new PipeEnd();
  if (address === undefined) {
    end.address = await made.serve((pipe) => end.use(pipe));
  } else {
    end.use(await made.connect(address));
  }
  return end;
}

/** How long the round trips of one run took, in microseconds. */
export interface RoundTrips {
  readonly p50: number;
  readonly p99: number;
}

/** One end, with the methods that the bench calls from afar. */
class PipeEnd {
  address = "";
  #pipe: Pipe | undefined;
  #received = 0;
  #expected = 0;
  #complete: (time: number) => void = () => {};
  #completion = Promise.resolve(0);
  #next: (() => void) | undefined;
  #echoes = false;

  use(pipe: Pipe): void {
    this.#pipe = pipe;
    pipe.receive((payload) => {
      if (payload.length !== samples.length) {
        throw new Error(`a frame came with ${payload.length} bytes`);
      }
      if (this.#echoes) {
        pipe.send();
      } else if (this.#next !== undefined) {
        this.#next();
      } else if (++this.#received === this.#expected) {
        this.#complete(now());
      }
    });
  }

  where(): string {
    return this.address;
  }

  /** Has every frame answered, or none. */
  echo(echoes: boolean): void {
    this.#echoes = echoes;
  }

  /** Prepares for so many frames. */
  expect(count: number): void {
    this.#received = 0;
    this.#expected = count;
    this.#completion = new Promise((resolve) => {
      this.#complete = resolve;
    });
  }

  /** Resolves with the time when the last of the expected frames came. */
  received(): Promise<number> {
    return this.#completion;
  }

  /** Sends so many frames. Resolves with the time when it began. */
  async send(count: number): Promise<number> {
    const pipe = this.#open();
    const began = now();
    for (let sent = 0; sent < count; ) {
      for (const end = Math.min(count, sent + burst); sent < end; sent++) {
        pipe.send();
      }
      await setImmediate();
      if (pipe.buffered() > highWater) {
        while (pipe.buffered() > lowWater) {
          await setTimeout(1);
        }
      }
    }
    return began;
  }

  /** Sends a frame at a time, each when the other end has answered the one before. */
  async pingPong(count: number): Promise<RoundTrips> {
    const pipe = this.#open();
    const times: number[] = [];
    await new Promise<void>((resolve) => {
      let began = now();
      this.#next = () => {
        const came = now();
        times.push(came - began);
        if (times.length === count) {
          resolve();
        } else {
          began = came;
          pipe.send();
        }
      };
      pipe.send();
    });
    this.#next = undefined;
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
  }

  #open(): Pipe {
    if (this.#pipe === undefined) {
      throw new Error("there is no other end yet");
    }
    return this.#pipe;
  }
}
