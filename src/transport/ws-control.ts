import { Code, status } from "../base/status.js";
import { Intake } from "./intake.js";
import { Liveness } from "./liveness.js";
import { Timer } from "./timer.js";
import type { NetworkSocketLike, WebSocketLike } from "./web-socket-like.js";
import type { Controlled, SocketControl } from "./web-sockets.js";
import { receiveErrorToStatus } from "./ws-errors.js";
import { WsWriter } from "./ws-writer.js";

/** How many fragments a message may come in. Each costs memory of its own, however small it is. */
export const maxFragments = 16_384;

/**
 * How long a peer may be silent, in milliseconds, before the operating system asks after it. Without that nobody
 * would notice the loss of a peer that vanished while nothing was sent to it.
 */
const keepAliveMs = 30_000;

/**
 * How often a peer is sent a ping, in milliseconds, while nothing is read from it. Only what is sent then tells
 * that it is gone. Not more often, because what a peer that is gone had sent before can be read until then.
 */
const probeMs = 120_000;

/** What is known of a socket beside itself. */
export interface WsControlOptions {
  /** The network socket below, where the platform tells it. */
  readonly network?: NetworkSocketLike | undefined;
  /**
   * Whether it stops reading as soon as nobody takes messages. By default it reads on until there is a message to keep, so
   * that it answers pings and notices the end for as long as nothing arrives.
   */
  readonly stopsReadingAtOnce?: boolean;
}

/**
 * Has a socket like that of `ws` do what one of a page can't: stop reading, ask after the peer, tell what is wrong with what
 * it read, end at once. With `on` it also reads without an event for each message, and writes what a turn sends in one piece.
 */
export class WsControl implements SocketControl {
  readonly writer: WsWriter | undefined;
  readonly canPause: boolean;
  readonly #socket: WebSocketLike;
  readonly #stopsReadingAtOnce: boolean;
  #isReading = true;
  readonly #probing: Timer;
  readonly #liveness: Liveness | undefined;

  constructor(socket: WebSocketLike, connection: Controlled, options: WsControlOptions = {}) {
    const { network, stopsReadingAtOnce = false } = options;
    this.#socket = socket;
    this.#stopsReadingAtOnce = stopsReadingAtOnce;
    this.canPause = socket.pause !== undefined;
    this.#probing = new Timer(connection.clock);
    if (socket.on !== undefined) {
      this.writer = new WsWriter(socket, network);
      const intake = new Intake();
      // Without an event, and a buffer, made for each message.
      socket.binaryType = "nodebuffer";
      socket.on("message", (data, isBinary) => {
        connection.message(intake.take(data), !isBinary);
      });
      this.#liveness = this.#watchPeer(connection, intake);
    }
    socket.addEventListener("error", ({ error }) => {
      const ending = receiveErrorToStatus(error, connection.maxMessageBytes);
      if (ending !== undefined) {
        // The socket has started to close already, with a code of its own.
        connection.closing(ending);
      }
    });
    // The peer sends no more. The socket ends as soon as all is sent, which a peer that doesn't read prevents.
    network?.once("end", () => connection.closing());
    network?.setKeepAlive?.(true, keepAliveMs);
  }

  inboxChanged(isEmpty: boolean, isFlowing: boolean): void {
    const shouldRead = isEmpty && (isFlowing || !this.#stopsReadingAtOnce);
    if (shouldRead === this.#isReading) {
      return;
    }
    this.#isReading = shouldRead;
    if (shouldRead) {
      this.#probing.clear();
      this.#liveness?.start();
      this.#socket.resume?.();
    } else {
      this.#liveness?.stop();
      this.#socket.pause?.();
      this.#probe();
    }
  }

  stop(): void {
    this.#liveness?.stop();
    this.#probing.clear();
  }

  cut(): void {
    this.writer?.cut();
    this.#socket.terminate?.();
  }

  onControl(listener: () => void): void {
    this.#socket.on?.("ping", listener);
    this.#socket.on?.("pong", listener);
  }

  /** Has the peer asked whether it is there whenever it is silent. */
  #watchPeer(connection: Controlled, intake: Intake): Liveness | undefined {
    const socket = this.#socket;
    if (socket.ping === undefined) {
      return undefined;
    }
    const { clock, peer } = connection;
    const liveness = new Liveness({
      clock,
      hasHeard: () => {
        const { hasHeard } = intake;
        intake.hasHeard = false;
        return hasHeard;
      },
      ping: () => socket.ping?.(),
      dead: () => {
        connection.closing(status(Code.UNAVAILABLE, `${peer.address} doesn't answer a ping`));
        this.cut();
      },
    });
    socket.on?.("pong", () => {
      intake.hasHeard = true;
    });
    liveness.start();
    return liveness;
  }

  #probe(): void {
    if (this.#socket.ping !== undefined) {
      this.#probing.set(probeMs, () => {
        this.#socket.ping?.();
        this.#probe();
      });
    }
  }
}
