import type { Direction, Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { EventMap } from "../base/events.js";
import { Code, StatusError, show, status } from "../base/status.js";
import { busMessage } from "../message/build.js";
import { checkAgentName } from "../message/names.js";
import type { BodyOf, FrameKind } from "../message/types.js";
import type { ValueInit } from "../message/value.js";
import { AgentLifecycle } from "./agent-lifecycle.js";
import { Bridge, type BridgeOptions } from "./bridge.js";
import type { FrameContext } from "./frame-call.js";
import { Segment } from "./segment.js";
import { taskFailure } from "./tasks/task-failure.js";

/** What can be said about an agent. */
export interface AgentOptions {
  /**
   * Whether the agent is active once it is ready. An inactive agent takes no frames from bridges; all else it
   * does. Default: true.
   */
  readonly active?: boolean;
  /**
   * Makes the agent a segment of a media pipeline: it takes the frames of the bridges of these names, or of any
   * bridge for an empty list, in `onFrame()`. Default: the agent is no segment.
   */
  readonly bridges?: readonly string[];
  /** Kinds of frames that `pushFrame()` doesn't send. Default: none. */
  readonly excludeFrames?: readonly FrameKind[];
}

/**
 * An agent without tasks, for where every byte counts: it does all that `BaseAgent` does, but requests no tasks and
 * answers requests with UNIMPLEMENTED, so that a page that extends it doesn't load what does tasks.
 *
 * Extend it and override the hooks, or listen to the events of the same names. An error that a hook throws is
 * reported as `reportError()` does it, and the agent goes on.
 */
export class Agent<Events extends EventMap = Record<never, never>> extends AgentLifecycle<Events> {
  readonly #segment: Segment | undefined;
  #bridges: readonly Bridge[] | undefined;
  #toldWentRound = false;

  /** Throws INVALID_ARGUMENT for a name that is empty, longer than 256 bytes, or has control characters. */
  constructor(name: string, options: AgentOptions = {}) {
    super(name, options.active ?? true, options.bridges !== undefined);
    for (const bridge of options.bridges ?? []) {
      checkAgentName("bridges", bridge);
    }
    if (options.bridges !== undefined) {
      this.#segment = new Segment(
        {
          name,
          isActive: () => this.active,
          send: (message) => this.send(message),
          onFrame: (frame, direction, context) => this.onFrame(frame, direction, context),
          wentRound: (source) => this.#tellWentRound(source),
        },
        options.bridges,
        options.excludeFrames ?? [],
      );
    }
  }

  /** Activates an agent, which may be this one. */
  activateAgent(name: string, options: { readonly args?: ValueInit } = {}): void {
    this.send(busMessage("activateAgent", { args: options.args }, { target: name }));
  }

  /** Deactivates an agent, which may be this one. */
  deactivateAgent(name: string): void {
    this.send(busMessage("deactivateAgent", {}, { target: name }));
  }

  /**
   * Deactivates this agent, at once, and activates another one. Throws INVALID_ARGUMENT for a name or arguments that
   * can't be sent: then this agent stays active.
   */
  handoffTo(name: string, options: { readonly args?: ValueInit } = {}): void {
    const activation = busMessage("activateAgent", { args: options.args }, { target: name });
    this.endTurn(() => {
      this.deactivateSelf();
      this.send(activation);
    });
  }

  /** Ends the whole session, once what is queued has been handled. */
  end(reason?: string): void {
    const end = busMessage("end", { reason });
    this.endTurn(() => this.send(end));
  }

  /** Ends the whole session at once. */
  cancel(reason?: string): void {
    this.send(busMessage("cancel", { reason }));
  }

  /**
   * Makes the bridge between the media that this agent owns and the agents on the bus. What comes back arrives
   * in `onBridgeFrame()`. Throws INVALID_ARGUMENT for a `name` or `targetAgent` that can't be a name.
   */
  createBridge(options: BridgeOptions = {}): Bridge {
    const bridge = new Bridge(
      {
        name: this.name,
        send: (message) => this.send(message),
        passed: (frame, direction, from) => void this.#bridgeFrame(frame, direction, from),
      },
      options,
    );
    this.#bridges = [...(this.#bridges ?? []), bridge];
    return bridge;
  }

  /**
   * Sends a frame on through the pipeline that this agent is a segment of: a received one that it passes on,
   * or one of its own. Frames that belong to one pipeline alone (start, end, cancel, stop, urgent transport
   * messages) are not sent.
   *
   * Throws FAILED_PRECONDITION when the agent has no `bridges`, and what `send()` throws.
   */
  pushFrame(frame: Frame, direction: Direction): void {
    if (this.#segment === undefined) {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `agent ${show(this.name)} is no segment of a pipeline: give it the option bridges`,
      );
    }
    this.#segment.push(frame, direction);
  }

  /**
   * Gets the frames of a segment: consumes what it wants, and passes the rest on with `pushFrame()`, in the same
   * direction. Frames of data kinds come one at a time; those of system kinds (interruptions, speaking) also
   * while a data frame is being handled. Passes everything on unless overridden.
   */
  protected onFrame(frame: Frame, direction: Direction, _context: FrameContext): void | Promise<void> {
    this.pushFrame(frame, direction);
  }

  /** Does what ends the agent's turn: at once, unless overridden. */
  protected endTurn(action: () => void): void {
    action();
  }

  /** Whom frames go to that the agent makes, as far as that is known: the owner of the media that spoke to it last. */
  protected get segmentTarget(): string | undefined {
    return this.#segment?.target;
  }

  protected override receiveFrame(message: BusMessage, body: BodyOf<"frame">): void | Promise<void> {
    if (this.#bridges !== undefined) {
      for (const bridge of this.#bridges) {
        if (body.frame !== undefined && bridge.accepts(message, body)) {
          return this.#bridgeFrame(body.frame, body.direction, bridge);
        }
      }
    }
    const segment = this.#segment;
    return segment === undefined ? undefined : this.runHook(() => segment.receive(message, body));
  }

  protected override receiveTask(message: BusMessage): void {
    const why = status(Code.UNIMPLEMENTED, "it does no tasks");
    const failure = message.body.case === "taskRequest" ? taskFailure(message, why) : undefined;
    if (failure !== undefined) {
      this.send(failure);
    }
  }

  protected override abortFrames(): void {
    this.#segment?.abort();
  }

  /** Once is enough: whoever sends such frames sends many. */
  #tellWentRound(source: string): void {
    if (!this.#toldWentRound) {
      this.#toldWentRound = true;
      this.context.logger.warn("frames that went round between agents are dropped: is there no media between them?", {
        agent: this.name,
        source: source,
      });
    }
  }

  #bridgeFrame(frame: Frame, direction: Direction, bridge: Bridge): void | Promise<void> {
    return this.tell(() => this.onBridgeFrame(frame, direction, bridge), "bridgeFrame", frame, direction, bridge);
  }
}
