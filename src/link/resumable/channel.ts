import type { ControlFrame } from "../../../gen/crossbus/v1/link_pb.js";
import { Code, retryAfterMs, type Status, StatusError, toStatusError } from "../../base/status.js";
import { fromInit } from "../../message/from-init.js";
import type { Init } from "../../message/types.js";
import { toWellFormed } from "../../message/well-formed.js";
import { closeReason } from "../../transport/close-codes.js";
import type { Connection, Peer } from "../../transport/transport.js";
import {
  type Ack,
  controlFrame,
  type DataFrame,
  FrameType,
  readAckFrame,
  readControlFrame,
  readDataFrame,
} from "./frame.js";
import { maxFrameBytes, maxHandshakeFrameBytes } from "./limits.js";
import { controlFrameType } from "./link-schema.js";
import { reasonOf } from "./reset.js";

/** Takes the frames that come over a channel. */
export interface FrameHandler {
  control(kind: ControlFrame["kind"]): void;
  ack(ack: Ack): void;
  data(frame: DataFrame): void;
  /** Is told of a frame that can't be read, or that a method above threw a status for. */
  broken(why: StatusError): void;
  /** The connection is closed. */
  closed(why: Status): void;
}

/** The frames of one connection. Whoever has the channel at the moment handles them. */
export class Channel {
  readonly #connection: Connection;
  #handler: FrameHandler | undefined;
  #isOpen = true;
  #maxBytes = maxHandshakeFrameBytes;
  #isLeaving = false;

  constructor(connection: Connection, handler: FrameHandler) {
    this.#connection = connection;
    this.#handler = handler;
    connection.receive({ message: (frame) => this.#received(frame) });
    void connection.closed.then((why) => {
      this.#isOpen = false;
      this.#handler?.closed(why);
    });
  }

  get peer(): Peer {
    return this.#connection.peer;
  }

  /** Whether frames can be sent, as far as this end knows. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get bufferedAmount(): number {
    return this.#connection.bufferedAmount;
  }

  /** The handshake is done: from now on another handler takes the frames, which may be larger. */
  establish(handler: FrameHandler): void {
    this.#handler = handler;
    this.#maxBytes = maxFrameBytes;
  }

  /** Lets go of the channel: nobody gets to know what comes over it from now on. */
  release(): void {
    this.#handler = undefined;
  }

  /** Sends a frame. Nothing happens on a connection that is closing, whose end is told anyway. */
  send(frame: Uint8Array): void {
    if (!this.#isOpen) {
      return;
    }
    try {
      this.#connection.send(frame);
    } catch (error) {
      this.#isOpen = false;
      if (toStatusError(error).code !== Code.UNAVAILABLE) {
        throw error;
      }
    }
  }

  sendControl(kind: Init<ControlFrame["kind"]>): void {
    this.send(controlFrame(fromInit(controlFrameType, { kind }, "frame", 1)));
  }

  drained(amount: number): Promise<void> {
    return this.#connection.drained(amount);
  }

  /** Says why the connection closes, without closing it yet, and whether the session may go on over another. */
  sayGoodbye(why: Status, resumable = false): void {
    if (!this.#isLeaving) {
      this.#isLeaving = true;
      // A goodbye is short: its message is cut like a close reason.
      const message = toWellFormed(closeReason(why.message));
      const value = { code: why.code, message, resumable, retryAfterMs: retryAfterMs(why), reason: reasonOf(why) };
      this.sendControl({ case: "goaway", value });
    }
  }

  /** Closes the connection, and says why if that isn't said. */
  close(why: Status, resumable = false): void {
    this.sayGoodbye(why, resumable);
    this.#isOpen = false;
    void this.#connection.close(why);
  }

  #received(frame: Uint8Array): void {
    const handler = this.#handler;
    if (handler === undefined) {
      return;
    }
    try {
      this.#read(frame, handler);
    } catch (error) {
      handler.broken(toStatusError(error));
    }
  }

  #read(frame: Uint8Array, handler: FrameHandler): void {
    const type = frame[0];
    if (frame.length > this.#maxBytes) {
      throw new StatusError(
        Code.RESOURCE_EXHAUSTED,
        `a frame of ${frame.length} bytes exceeds the ${this.#maxBytes} that are taken`,
      );
    }
    if (type === FrameType.control) {
      handler.control(readControlFrame(frame));
    } else if (type === FrameType.ack) {
      handler.ack(readAckFrame(frame));
    } else {
      handler.data(readDataFrame(frame));
    }
  }
}
