import type { Clock } from "../base/clock.js";
import { deferred } from "../base/deferred.js";
import { consoleLogger } from "../base/logger.js";
import { Code, formatStatus, type Status, StatusError, status } from "../base/status.js";
import { bytesOfMessage } from "./bytes-of-message.js";
import { closeCodeToStatus, closeReason, statusToCloseCode } from "./close-codes.js";
import { Inbox } from "./inbox.js";
import { PageWriter } from "./page-writer.js";
import { Timer } from "./timer.js";
import type { Connection, Consumer, Peer } from "./transport.js";
import { tooLarge } from "./web-socket-errors.js";
import { openState, type WebSocketLike } from "./web-socket-like.js";
import type { Controlled, MessageWriter, SocketControl, TakeControl } from "./web-sockets.js";

/** How long a peer may take to answer a close, in milliseconds, before the connection is cut. */
export const closeTimeoutMs = 3000;

/** How long a consumer may take, in milliseconds, to take what arrived before the end. */
const takeTimeoutMs = 10_000;

/** The close code of a connection that ended without a closing handshake. */
const brokenCode = 1006;

/** How many messages of the largest size are kept for a consumer where reading can't be stopped. */
const keptMessages = 16;

/** What a connection needs to know beside its socket. */
export interface WebSocketConnectionOptions {
  readonly peer: Peer;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
  /** Takes control of the socket where it can do more than one of a page. By default it is used as in a page. */
  readonly control?: TakeControl | undefined;
}

/**
 * A connection over an open WebSocket, on either side. Where the socket can't stop reading, as in browsers,
 * what arrives while nobody takes it is kept up to 16 times the size of the largest message; more closes the
 * connection with RESOURCE_EXHAUSTED.
 */
export class WebSocketConnection implements Connection, Controlled {
  readonly protocol: string;
  readonly peer: Peer;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
  readonly #socket: WebSocketLike;
  readonly #closed = deferred<Status>();
  readonly #writer: MessageWriter;
  readonly #control: SocketControl | undefined;
  readonly #inbox: Inbox;
  /** What the connection ends with, once that is known. */
  #ending: Status | undefined;
  #isFinished = false;
  #socketIsClosed = false;
  /** Whether the socket has closed without a closing handshake. */
  #isBroken = false;
  /** What was not handed over, until there is a consumer to get it. */
  #lost: readonly Uint8Array[] = [];
  readonly #waitingForPeer: Timer;
  readonly #waitingForConsumer: Timer;

  constructor(socket: WebSocketLike, { peer, maxMessageBytes, clock, control }: WebSocketConnectionOptions) {
    this.#socket = socket;
    this.peer = peer;
    this.maxMessageBytes = maxMessageBytes;
    this.clock = clock;
    this.#inbox = new Inbox(
      (consumer, bytes, isText) => this.#deliver(consumer, bytes, isText),
      () => this.#inboxChanged(),
    );
    this.protocol = socket.protocol;
    this.#waitingForPeer = new Timer(clock);
    this.#waitingForConsumer = new Timer(clock);
    this.#control = control?.(socket, this);
    this.#writer = this.#control?.writer ?? this.#useAsInPage();
    socket.addEventListener("close", (event) => this.#onClose(event.code ?? brokenCode, event.reason ?? ""));
    this.#inboxChanged();
  }

  /** Reads from the socket as in a page, and returns what writes to it. */
  #useAsInPage(): MessageWriter {
    const writer = new PageWriter(this.#socket, this.clock);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.addEventListener("message", ({ data }) => {
      writer.look();
      this.message(bytesOfMessage(data), typeof data === "string");
    });
    return writer;
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
    this.#control?.onControl(listener);
  }

  close(closing: Status): Promise<Status> {
    if (!this.#isFinished) {
      this.#end(closing);
      this.#inbox.discard();
    }
    return this.closed;
  }

  message(bytes: Uint8Array, isText: boolean): void {
    if (this.#ending !== undefined) {
      return;
    }
    if (bytes.length > this.maxMessageBytes) {
      this.#end(tooLarge(this.maxMessageBytes));
      return;
    }
    const taker = this.#inbox.taker;
    if (taker === undefined) {
      this.#inbox.push(bytes, isText);
    } else {
      this.#deliver(taker, bytes, isText);
    }
  }

  closing(ending?: Status): void {
    this.#ending ??= ending;
    this.#waitForPeer();
  }

  /** Starts the end, unless it has started. */
  #end(ending: Status): void {
    if (this.#socket.readyState === openState && this.#ending === undefined) {
      this.#ending = ending;
      this.#writer.flush?.();
      this.#socket.close(statusToCloseCode(ending.code), closeReason(ending.message));
    }
    // Otherwise the peer was faster, and the close event tells its status.
    this.#waitForPeer();
  }

  #waitForPeer(): void {
    if (!this.#socketIsClosed) {
      this.#control?.stop();
      this.#waitingForPeer.set(closeTimeoutMs, () => {
        if (this.#control === undefined) {
          // A browser goes on waiting by itself; nobody needs to wait with it.
          this.#onClose(brokenCode, "");
        } else {
          this.#control.cut();
        }
      });
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
    if (!this.#socketIsClosed) {
      this.#control?.inboxChanged(isEmpty, isFlowing);
    }
    if (this.#control?.canPause !== true && size > keptMessages * this.maxMessageBytes) {
      void this.close(status(Code.RESOURCE_EXHAUSTED, "messages arrived faster than they were taken"));
    }
    this.#finishOnceRead();
  }

  #onClose(code: number, reason: string): void {
    if (this.#socketIsClosed) {
      // A browser's socket, which closes after nobody waited for it any more.
      return;
    }
    this.#socketIsClosed = true;
    this.#control?.stop();
    this.#waitingForPeer.clear();
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
}
