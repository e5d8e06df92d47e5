import type { Direction, Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { busMessage } from "../message/build.js";
import { checkAgentName } from "../message/names.js";
import { deliveredBy } from "../message/provenance.js";
import { isLocalFrame } from "../message/traits.js";
import type { BodyOf, FrameKind } from "../message/types.js";

/** What can be said about a bridge. */
export interface BridgeOptions {
  /**
   * Keeps apart the bridges of one bus: agents may bind themselves to a name. A named bridge takes frames of
   * that name only, and unnamed ones that came over a link, since Python peers don't name theirs. Default:
   * unnamed, which takes all.
   */
  readonly name?: string;
  /** The one agent that frames go to and come from. Default: every bridged agent that is active. */
  readonly targetAgent?: string;
  /** Kinds of frames that stay here: they go straight to the other side of the bridge. Default: none. */
  readonly excludeFrames?: readonly FrameKind[];
}

/** What a bridge needs of the agent that has it. */
export interface BridgeOwner {
  readonly name: string;
  send(message: BusMessage): void;
  passed(frame: Frame, direction: Direction, bridge: Bridge): void;
}

/**
 * The place in a media pipeline where frames leave for agents on the bus, and where frames come back. The agent
 * that owns the media makes it with `createBridge()`, and gets what comes back in `onBridgeFrame()`.
 */
export class Bridge {
  /** The name of the bridge, if it has one. */
  readonly name: string | undefined;
  readonly #owner: BridgeOwner;
  readonly #target: string | undefined;
  readonly #excluded: ReadonlySet<FrameKind>;

  constructor(owner: BridgeOwner, options: BridgeOptions) {
    if (options.name !== undefined) {
      checkAgentName("name", options.name);
    }
    if (options.targetAgent !== undefined) {
      checkAgentName("targetAgent", options.targetAgent);
    }
    this.#owner = owner;
    this.name = options.name;
    this.#target = options.targetAgent;
    this.#excluded = new Set(options.excludeFrames);
  }

  /**
   * Sends a frame to the agents on the other side. Frames that belong to one pipeline alone (start, end, cancel,
   * stop, urgent transport messages) and excluded kinds don't leave: `onBridgeFrame` gets them at once.
   *
   * Throws what the agent's `send()` throws.
   */
  send(frame: Frame, direction: Direction): void {
    if (isLocalFrame(frame) || (frame.kind.case !== undefined && this.#excluded.has(frame.kind.case))) {
      this.#owner.passed(frame, direction, this);
      return;
    }
    this.#owner.send(
      busMessage(
        "frame",
        { frame, direction, bridge: this.name },
        this.#target === undefined ? {} : { target: this.#target },
      ),
    );
  }

  /** Whether a frame that came over the bus belongs to this bridge. */
  accepts(message: BusMessage, body: BodyOf<"frame">): boolean {
    if (message.source === this.#owner.name || (message.target ?? this.#owner.name) !== this.#owner.name) {
      return false;
    }
    if (this.#target !== undefined && message.source !== this.#target) {
      return false;
    }
    return (
      this.name === undefined ||
      body.bridge === this.name ||
      (body.bridge === undefined && deliveredBy(message) !== undefined)
    );
  }
}
