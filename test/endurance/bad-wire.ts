import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Both halves of a connection that goes through the wire. */
interface Wire {
  readonly near: Socket;
  readonly far: Socket;
  /** Whether nothing of one end is told to the other any more. */
  isCut: boolean;
}

/** How slow a wire is, in each direction. */
export interface Slowness {
  readonly bytesPerSecond: number;
  /** How long a byte takes beside that, in milliseconds. */
  readonly delayMs: number;
}

/** How often a slow wire passes something on, in milliseconds. */
const tickMs = 2;

/** A TCP proxy in front of a server, which treats the connections through it badly. */
export class BadWire implements AsyncDisposable {
  readonly #server: Server;
  readonly #wires = new Set<Wire>();

  readonly #slowness: Slowness | undefined;

  private constructor(server: Server, slowness: Slowness | undefined) {
    this.#server = server;
    this.#slowness = slowness;
  }

  /** Starts one in front of a WebSocket server. */
  static async before(address: string, slowness?: Slowness): Promise<BadWire> {
    const { hostname, port } = new URL(address);
    const server = createServer((near) => wire.#accept(near, connect(Number(port), hostname)));
    const wire = new BadWire(server, slowness);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return wire;
  }

  /** The address of the server as it is through the wire. */
  through(address: string): string {
    const url = new URL(address);
    url.hostname = "127.0.0.1";
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** Resets all connections, at both ends. */
  reset(): void {
    for (const wire of this.#cut()) {
      wire.near.resetAndDestroy();
      wire.far.resetAndDestroy();
    }
  }

  /** Swallows what comes from now on, either way, and tells nobody. */
  goSilent(): void {
    for (const { near, far } of this.#cut()) {
      near.resume();
      far.resume();
    }
  }

  /** Ends all connections at the level of TCP: no WebSocket says that it closes. */
  hangUp(): void {
    for (const { near, far } of this.#cut()) {
      near.end();
      far.end();
      near.resume();
      far.resume();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { near, far } of this.#wires) {
      near.destroy();
      far.destroy();
    }
    this.#server.close();
    await once(this.#server, "close");
  }

  /** Takes the halves of all connections apart. */
  #cut(): readonly Wire[] {
    const whole = [...this.#wires].filter(({ isCut }) => !isCut);
    for (const wire of whole) {
      wire.isCut = true;
      wire.near.unpipe(wire.far);
      wire.far.unpipe(wire.near);
    }
    return whole;
  }

  #accept(near: Socket, far: Socket): void {
    const wire: Wire = { near, far, isCut: false };
    this.#wires.add(wire);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay(true);
      if (this.#slowness === undefined) {
        one.pipe(other);
      } else {
        trickle(one, other, this.#slowness);
      }
      one.on("error", () => {});
      one.on("close", () => {
        if (!wire.isCut) {
          other.destroy();
        }
        if (near.destroyed && far.destroyed) {
          this.#wires.delete(wire);
        }
      });
    }
  }
}

/** Passes on what comes from one socket to another, slowly. What isn't passed on yet backs up to who sends it. */
function trickle(from: Socket, to: Socket, { bytesPerSecond, delayMs }: Slowness): void {
  let last = performance.now();
  let allowance = 0;
  // What reads by itself must not be told to flow.
  from.on("readable", () => {});
  const timer = setInterval(() => {
    const now = performance.now();
    allowance = Math.min(allowance + ((now - last) * bytesPerSecond) / 1_000, (10 * tickMs * bytesPerSecond) / 1_000);
    last = now;
    const bytes: Buffer | null = from.read(Math.min(Math.floor(allowance), from.readableLength));
    if (bytes !== null) {
      allowance -= bytes.length;
      setTimeout(() => to.write(bytes), delayMs);
    }
  }, tickMs);
  from.on("close", () => clearInterval(timer));
}
