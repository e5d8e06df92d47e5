import type { Direction, Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { AgentOptions } from "../../src/agent/agent.js";
import type { AgentErrorInfo } from "../../src/agent/agent-hooks.js";
import { BaseAgent } from "../../src/agent/base-agent.js";
import type { Bridge } from "../../src/agent/bridge.js";
import type { FrameContext } from "../../src/agent/frame-call.js";
import type { AgentInfo } from "../../src/agent/registry.js";
import type { StatusError } from "../../src/base/status.js";
import type { AnyBusMessage } from "../../src/bus/agent-bus.js";
import type { JsValue } from "../../src/message/value.js";

/** What a test wants an agent to do in a hook, beside noting that it was called. */
export interface TestHooks {
  ready?(): void | Promise<void>;
  finished?(): void | Promise<void>;
  activated?(args: JsValue | undefined): void | Promise<void>;
  deactivated?(): void | Promise<void>;
  busMessage?(message: AnyBusMessage): void | Promise<void>;
  bridgeFrame?(frame: Frame, direction: Direction): void | Promise<void>;
  frame?(frame: Frame, direction: Direction, context: FrameContext): void | Promise<void>;
  agentReady?(agent: AgentInfo): void | Promise<void>;
  agentGone?(agent: AgentInfo): void | Promise<void>;
  agentError?(info: AgentErrorInfo): void | Promise<void>;
  error?(error: StatusError): void;
}

/** An agent that notes which of its hooks were called, in `calls`, and does in them what a test says. */
export class TestAgent extends BaseAgent {
  readonly calls: string[] = [];
  readonly messages: AnyBusMessage[] = [];
  readonly frames: Frame[] = [];
  readonly directions: Direction[] = [];
  hooks: TestHooks;

  constructor(name: string, options: AgentOptions = {}, hooks: TestHooks = {}) {
    super(name, options);
    this.hooks = hooks;
  }

  /** Makes `deactivateSelf` public. */
  deactivate(): void {
    this.deactivateSelf();
  }

  /** The cases of the messages that came. */
  get cases(): readonly (string | undefined)[] {
    return this.messages.map((message) => message.body.case);
  }

  protected override onReady() {
    this.calls.push("ready");
    return this.hooks.ready?.();
  }

  protected override onFinished() {
    this.calls.push("finished");
    return this.hooks.finished?.();
  }

  protected override onActivated(args: JsValue | undefined) {
    this.calls.push("activated");
    return this.hooks.activated?.(args);
  }

  protected override onDeactivated() {
    this.calls.push("deactivated");
    return this.hooks.deactivated?.();
  }

  protected override onBusMessage(message: AnyBusMessage) {
    this.messages.push(message);
    return this.hooks.busMessage?.(message);
  }

  protected override onBridgeFrame(frame: Frame, direction: Direction, _bridge: Bridge) {
    this.frames.push(frame);
    this.directions.push(direction);
    return this.hooks.bridgeFrame?.(frame, direction);
  }

  protected override onFrame(frame: Frame, direction: Direction, context: FrameContext) {
    this.frames.push(frame);
    this.directions.push(direction);
    if (this.hooks.frame === undefined) {
      return super.onFrame(frame, direction, context);
    }
    return this.hooks.frame(frame, direction, context);
  }

  protected override onAgentReady(agent: AgentInfo) {
    this.calls.push(`agentReady ${agent.name}`);
    return this.hooks.agentReady?.(agent);
  }

  protected override onAgentGone(agent: AgentInfo) {
    this.calls.push(`agentGone ${agent.name}`);
    return this.hooks.agentGone?.(agent);
  }

  protected override onAgentError(info: AgentErrorInfo) {
    this.calls.push(`agentError ${info.agentName}: ${info.error.message}`);
    return this.hooks.agentError?.(info);
  }

  protected override onError(error: StatusError) {
    this.calls.push(`error ${error.message}`);
    this.hooks.error?.(error);
  }
}
