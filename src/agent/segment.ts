import type { Direction, Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { busMessage } from "../message/build.js";
import { isLocalFrame, isSystemFrame } from "../message/traits.js";
import type { BodyOf, FrameKind } from "../message/types.js";
import { FrameCall, type FrameContext } from "./frame-call.js";

/** How many agents may pass a frame on. Two that face each other, with no media between them, would echo it for ever. */
const maxHops = 8;

/**
 * What segments of this process have sent. It is on its way back to the media, and no other segment takes it:
 * with two of them active, one's greeting would go round between them.
 */
const sentBySegment = new WeakSet<BusMessage>();

/** Where a frame came from. */
interface Origin {
  readonly source: string;
  readonly bridge: string | undefined;
  readonly hops: number;
}

/** What a segment needs of the agent that has it. */
export interface SegmentOwner {
  readonly name: string;
  isActive(): boolean;
  send(message: BusMessage): void;
  onFrame(frame: Frame, direction: Direction, context: FrameContext): void | Promise<void>;
  /** Is told of a frame from `source` that was dropped, because it was passed on too often. */
  wentRound(source: string): void;
}

/**
 * An agent's role in between: frames that come through a bridge go to its `onFrame`, and what it pushes goes
 * back to where they came from, on through the pipeline.
 */
export class Segment {
  readonly #owner: SegmentOwner;
  readonly #bridges: ReadonlySet<string>;
  readonly #excluded: ReadonlySet<FrameKind>;
  readonly #origins = new WeakMap<Frame, Origin>();
  readonly #calls = new Set<FrameCall>();
  #dataCall: FrameCall | undefined;
  #last: Origin | undefined;

  constructor(owner: SegmentOwner, bridges: readonly string[], excludeFrames: readonly FrameKind[]) {
    this.#owner = owner;
    this.#bridges = new Set(bridges);
    this.#excluded = new Set(excludeFrames);
  }

  /** Whom frames of the agent's own go to, if one has come. */
  get target(): string | undefined {
    return this.#last?.source;
  }

  /** Hands a frame that came over the bus to the agent, if it is meant for it. */
  receive(message: BusMessage, body: BodyOf<"frame">): void | Promise<void> {
    const frame = body.frame;
    if (frame === undefined || !this.#accepts(message, body) || isLocalFrame(frame)) {
      return;
    }
    const { hops = 0 } = body;
    if (hops >= maxHops) {
      this.#owner.wentRound(message.source);
      return;
    }
    const origin = { source: message.source, bridge: body.bridge, hops };
    this.#origins.set(frame, origin);
    this.#last = origin;
    const call = new FrameCall();
    if (isSystemFrame(frame)) {
      if (frame.kind.case === "interruption") {
        this.#dataCall?.abort();
      }
    } else {
      this.#dataCall = call;
    }
    this.#calls.add(call);
    let result: void | Promise<void>;
    try {
      result = this.#owner.onFrame(frame, body.direction, call);
    } catch (error) {
      this.#ended(call);
      throw error;
    }
    if (result instanceof Promise) {
      return result.finally(() => this.#ended(call));
    }
    this.#ended(call);
  }

  /**
   * Sends a frame on through the pipeline. A frame that was received goes back to whom it came from, under the
   * bridge name it came with. One that the agent makes goes where the last one came from, or, before any came, to
   * every bridge that takes it, under the agent's only bridge name if it has just one.
   */
  push(frame: Frame, direction: Direction): void {
    if (isLocalFrame(frame) || (frame.kind.case !== undefined && this.#excluded.has(frame.kind.case))) {
      return;
    }
    const received = this.#origins.get(frame);
    const hops = received === undefined ? undefined : received.hops + 1;
    const origin = received ?? this.#last;
    const bridge = origin === undefined ? this.#onlyBridge() : origin.bridge;
    const message = busMessage(
      "frame",
      { frame, direction, bridge, hops },
      origin === undefined ? {} : { target: origin.source },
    );
    sentBySegment.add(message);
    this.#owner.send(message);
  }

  /** Aborts every call that is running. */
  abort(): void {
    for (const call of this.#calls) {
      call.abort();
    }
  }

  #accepts(message: BusMessage, body: BodyOf<"frame">): boolean {
    const own = this.#owner.name;
    return (
      this.#owner.isActive() &&
      message.source !== own &&
      !sentBySegment.has(message) &&
      (message.target ?? own) === own &&
      (this.#bridges.size === 0 || (body.bridge !== undefined && this.#bridges.has(body.bridge)))
    );
  }

  #onlyBridge(): string | undefined {
    return this.#bridges.size === 1 ? this.#bridges.values().next().value : undefined;
  }

  #ended(call: FrameCall): void {
    this.#calls.delete(call);
    if (this.#dataCall === call) {
      this.#dataCall = undefined;
    }
  }
}
