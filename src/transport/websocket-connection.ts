import type { Clock } from "../base/clock.js";
import { deferred } from "../base/deferred.js";
import { consoleLogger } from "../base/logger.js";
import { Code, formatStatus, type Status, StatusError, status } from "../base/status.js";
import { closeCodeToStatus, closeReason, statusToCloseCode } from "./close-codes.js";
import { Inbox } from "./inbox.js";
import { Intake } from "./intake.js";
import { Liveness } from "./liveness.js";
import { SocketWriter } from "./socket-writer.js";
import { Timer } from "./timer.js";
import type { Connection, Consumer, Peer } from "./transport.js";
import { receiveErrorToStatus, tooLarge } from "./web-socket-errors.js";
import { type NetworkSocketLike, openState, type WebSocketLike } from "./web-socket-like.js";

/** How long a peer may take to answer a close, in milliseconds, before the connection is cut. */
export const closeTimeoutMs = 3000;

/** How many fragments a message may come in. Each costs memory of its own, however small it is. */
export const maxFragments = 16_384;

/** How long a consumer may take, in milliseconds, to take what arrived before the end. */
const takeTimeoutMs = 10_000;

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

/** The close code of a connection that ended without a closing handshake. */
const brokenCode = 1006;

/** How many messages of the largest size are kept for a consumer where reading can't be stopped. */
const keptMessages = 16;

/** What a connection needs to know beside its socket. */
export interface WebSocketConnectionOptions {
  readonly peer: Peer;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
  /** The network socket below, where the platform tells it. */
  readonly network?: NetworkSocketLike | undefined;
  /**
   * Whether the socket stops reading as soon as nobody takes messages. By default it reads on until there is a
   * message to keep, so that it answers pings and notices the end for as long as nothing arrives.
   */
  readonly stopsReadingAtOnce?: boolean;
}

/**
 * A connection over an open WebSocket, on either side. Where the socket can't stop reading, as in browsers,
 * what arrives while nobody takes it is kept up to 16 times the size of the largest message; more closes the
 * connection with RESOURCE_EXHAUSTED.
 */
export class WebSocketConnection implements Connection {
  readonly protocol: string;
  readonly peer: Peer;
  readonly #socket: WebSocketLike;
  readonly #options: WebSocketConnectionOptions;
  readonly #maxMessageBytes: number;
  readonly #closed = deferred<Status>();
  readonly #writer: SocketWriter;
  readonly #intake = new Intake();
  readonly #inbox: Inbox;
  /** What the connection ends with, once that is known. */
  #ending: Status | undefined;
  #isFinished = false;
  #socketIsClosed = false;
  /** Whether the socket has closed without a closing handshake. */
  #isBroken = false;
  #isReading = true;
  /** Whether anything has come since the liveness of the peer was looked at. */
  #hasHeard = false;
  /** What was not handed over, until there is a consumer to get it. */
  #lost: readonly Uint8Array[] = [];
  readonly #probing: Timer;
  readonly #waitingForPeer: Timer;
  readonly #waitingForConsumer: Timer;
  readonly #liveness: Liveness | undefined;

  constructor(socket: WebSocketLike, options: WebSocketConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#writer = new SocketWriter(socket, options.network, options.clock);
    this.#inbox = new Inbox(
      (consumer, bytes, isText) => this.#deliver(consumer, bytes, isText),
      () => this.#inboxChanged(),
    );
    this.protocol = socket.protocol;
    this.peer = options.peer;
    this.#probing = new Timer(options.clock);
    this.#waitingForPeer = new Timer(options.clock);
    this.#waitingForConsumer = new Timer(options.clock);
    this.#liveness = this.#watchPeer();
    if (socket.on === undefined) {
      socket.binaryType = "arraybuffer";
      socket.addEventListener("message", (event) => {
        this.#writer.look();
        this.#onMessage(event.data, typeof event.data === "string");
      });
    } else {
      // Without an event, and a buffer, made for each message.
      socket.binaryType = "nodebuffer";
      socket.on("message", (data, isBinary) => this.#onMessage(data, !isBinary));
    }
    socket.addEventListener("error", (event) => this.#onError(event.error));
    socket.addEventListener("close", (event) => this.#onClose(event.code ?? brokenCode, event.reason ?? ""));
    // The peer sends no more. The socket ends as soon as all is sent, which a peer that doesn't read prevents.
    options.network?.once("end", () => this.#waitForPeer());
    options.network?.setKeepAlive?.(true, keepAliveMs);
    this.#inboxChanged();
  }

  get closed(): Promise<Status> {
    return this.#closed.promise;
  }

  get bufferedAmount(): number {
    return this.#writer.bufferedAmount;
  }

  send(bytes: Uint8Array): void {
    if (this.#ending !== undefined || this.#socket.readyState !== openState) {
      // It may be the peer that has ended the connection, and doesn't read what it would take to close it.
      this.#waitForPeer();
      const why = this.#ending === undefined ? "" : `: ${formatStatus(this.#ending)}`;
      throw new StatusError(Code.UNAVAILABLE, `the connection to ${this.peer.address} is closed${why}`);
    }
    this.#writer.send(bytes);
  }

  drained(amount: number): Promise<void> {
    return this.#writer.drained(amount);
  }

  receive(consumer: Consumer): void {
    if (this.#inbox.consumer !== undefined) {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `the connection to ${this.peer.address} has a consumer already; call receive() once`,
      );
    }
    this.#inbox.setConsumer(consumer);
    if (this.#isFinished) {
      queueMicrotask(() => this.#tellLost());
    }
  }

  pause(): void {
    this.#inbox.setPaused(true);
  }

  resume(): void {
    this.#inbox.setPaused(false);
  }

  onControl(listener: () => void): void {
    this.#socket.on?.("ping", listener);
    this.#socket.on?.("pong", listener);
  }

  close(closing: Status): Promise<Status> {
    if (!this.#isFinished) {
      this.#end(closing, statusToCloseCode(closing.code), closeReason(closing.message));
      this.#inbox.discard();
    }
    return this.closed;
  }

  /** Starts the end, unless it has started: with `ending` here, and with the close code there. */
  #end(ending: Status, closeCode: number, reason: string): void {
    if (this.#socket.readyState === openState && this.#ending === undefined) {
      this.#ending = ending;
      this.#writer.flush();
      this.#socket.close(closeCode, reason);
    }
    // Otherwise the peer was faster, and the close event tells its status.
    this.#waitForPeer();
  }

  /** Has the peer asked whether it is there whenever it is silent. */
  #watchPeer(): Liveness | undefined {
    const socket = this.#socket;
    if (socket.ping === undefined || socket.on === undefined) {
      return undefined;
    }
    const liveness = new Liveness({
      clock: this.#options.clock,
      hasHeard: () => {
        const hasHeard = this.#hasHeard;
        this.#hasHeard = false;
        return hasHeard;
      },
      ping: () => socket.ping?.(),
      dead: () => {
        this.#ending ??= status(Code.UNAVAILABLE, `${this.peer.address} doesn't answer a ping`);
        this.#writer.cut();
        socket.terminate?.();
      },
    });
    socket.on("pong", () => {
      this.#hasHeard = true;
    });
    liveness.start();
    return liveness;
  }

  #waitForPeer(): void {
    if (!this.#socketIsClosed) {
      this.#liveness?.stop();
      this.#waitingForPeer.set(closeTimeoutMs, () => {
        this.#writer.cut();
        if (this.#socket.terminate !== undefined) {
          this.#socket.terminate();
        } else {
          // A browser goes on waiting by itself; nobody needs to wait with it.
          this.#onClose(brokenCode, "");
        }
      });
    }
  }

  #onMessage(data: unknown, isText: boolean): void {
    this.#hasHeard = true;
    if (this.#ending !== undefined) {
      return;
    }
    const bytes = this.#intake.take(data);
    if (bytes.length > this.#maxMessageBytes) {
      const ending = tooLarge(this.#maxMessageBytes);
      this.#end(ending, statusToCloseCode(ending.code), closeReason(ending.message));
      return;
    }
    const taker = this.#inbox.taker;
    if (taker === undefined) {
      this.#inbox.push(bytes, isText);
    } else {
      this.#deliver(taker, bytes, isText);
    }
  }

  #deliver(consumer: Consumer, bytes: Uint8Array, isText: boolean): void {
    try {
      if (!isText) {
        consumer.message(bytes);
      } else if (consumer.text !== undefined) {
        consumer.text(bytes);
      } else {
        void this.close(status(Code.INVALID_ARGUMENT, "a text message where only binary ones are taken"));
      }
    } catch (error) {
      this.#consumerFailed(error);
      void this.close(status(Code.INTERNAL, "a message could not be handled"));
    }
  }

  /** The consumer must not throw. When it does, that must not end the process. */
  #consumerFailed(error: unknown): void {
    consoleLogger.error("the consumer of a connection failed", { peer: this.peer.address, error });
  }

  #inboxChanged(): void {
    const { isEmpty, isFlowing, size } = this.#inbox;
    const shouldRead = isEmpty && (isFlowing || this.#options.stopsReadingAtOnce !== true);
    if (shouldRead !== this.#isReading) {
      this.#isReading = shouldRead;
      if (shouldRead) {
        this.#probing.clear();
        if (!this.#socketIsClosed) {
          this.#liveness?.start();
        }
        this.#socket.resume?.();
      } else {
        this.#liveness?.stop();
        this.#socket.pause?.();
        this.#probe();
      }
    }
    if (this.#socket.pause === undefined && size > keptMessages * this.#maxMessageBytes) {
      void this.close(status(Code.RESOURCE_EXHAUSTED, "messages arrived faster than they were taken"));
    }
    this.#finishOnceRead();
  }

  #onError(error: unknown): void {
    const ending = receiveErrorToStatus(error, this.#maxMessageBytes);
    if (ending !== undefined) {
      // The socket has started to close already, with a code of its own.
      this.#ending ??= ending;
      this.#waitForPeer();
    }
  }

  #onClose(code: number, reason: string): void {
    if (this.#socketIsClosed) {
      // A browser's socket, which closes after nobody waited for it any more.
      return;
    }
    this.#socketIsClosed = true;
    this.#liveness?.stop();
    this.#waitingForPeer.clear();
    this.#probing.clear();
    this.#isBroken = code === brokenCode;
    this.#ending ??= closeCodeToStatus(
      code,
      code === brokenCode ? `the connection to ${this.peer.address} broke` : reason,
    );
    this.#waitingForConsumer.set(takeTimeoutMs, () => this.#inbox.discard());
    this.#finishOnceRead();
  }

  /** Ends the connection once the socket is closed and what had arrived before was taken. */
  #finishOnceRead(): void {
    if (!this.#socketIsClosed || !this.#inbox.isEmpty || this.#isFinished || this.#ending === undefined) {
      return;
    }
    this.#isFinished = true;
    this.#waitingForConsumer.clear();
    this.#lost = this.#writer.end(this.#isBroken);
    this.#tellLost();
    this.#closed.resolve(this.#ending);
  }

  #tellLost(): void {
    const { consumer } = this.#inbox;
    if (consumer === undefined || this.#ending === undefined) {
      return;
    }
    const why =
      this.#ending.code === Code.OK
        ? status(Code.UNAVAILABLE, "the connection closed before the message was handed over")
        : this.#ending;
    const lost = this.#lost;
    this.#lost = [];
    let failure: { readonly error: unknown } | undefined;
    for (const bytes of lost) {
      try {
        consumer.undelivered?.(bytes, why);
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) {
      this.#consumerFailed(failure.error);
    }
  }

  #probe(): void {
    if (this.#socket.ping !== undefined && !this.#socketIsClosed) {
      this.#probing.set(probeMs, () => {
        this.#socket.ping?.();
        this.#probe();
      });
    }
  }
}
