import type { LLMContext, ToolsSchema } from "../../gen/crossbus/v1/frame_kinds_pb.js";
import { Direction, type Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { Value } from "../../gen/crossbus/v1/value_pb.js";
import { TypedEvents } from "../base/events.js";
import { type Logger, safeLogger } from "../base/logger.js";
import { frame } from "../message/build.js";
import { fromInit } from "../message/from-init.js";
import { toolsSchemaType } from "../message/schema.js";
import type { Init } from "../message/types.js";
import { toValue, type ValueInit } from "../message/value.js";
import { FunctionCalls } from "./function-calls.js";
import { isTruthy } from "./json-text.js";
import { MessageList } from "./message-list.js";
import { Reply, replyText } from "./reply.js";
import { RunGate } from "./run-gate.js";

/** Where a conversation is sent to: the bridge of an agent, or anything that takes frames as one does. */
export interface ContextBridge {
  send(frame: Frame, direction: Direction): void;
}

/** What can be said about a conversation. */
export interface ConversationOptions {
  /** The messages that it begins with, instructions for instance. Default: none. */
  readonly messages?: readonly ValueInit[];
  /** The tools that the model may call. Default: none, until the assistant sets them. */
  readonly tools?: Init<ToolsSchema>;
  /** How the model chooses tools: "none", "auto", "required", or one of them. Default: not said. */
  readonly toolChoice?: ValueInit;
  /** Where is noted what was dropped, such as a result that belongs to no call, and errors of handlers. Default: the console. */
  readonly logger?: Logger;
}

/** What a conversation tells. */
export type ConversationEvents = {
  /** A reply of the assistant was recorded: its text, and whether it was cut short. */
  reply: [text: string, interrupted: boolean];
};

/**
 * The conversation with a language model, as the owner of the media keeps it for an assistant on the other side of
 * a bridge: a TypeScript agent or one of Pipecat's LLM workers. It does what both of Pipecat's context aggregators
 * do in the pipeline around the bridge.
 *
 * Hand it every frame that comes back through the bridge. The assistant appends messages, sets tools and asks for
 * answers that way; its replies, and the functions that it calls, are recorded. Whatever asks for an answer to the
 * conversation sends all of it across the bridge, in a context frame: user turns DOWNSTREAM, what the assistant
 * itself asked for, and the results of its functions, back UPSTREAM.
 *
 * Messages are kept as they came: the types of their values stay.
 *
 * Left to the application: pictures and files, thoughts of the model, and what a `ttsSpeak` says (where nothing
 * speaks, add it with `append()`).
 *
 * @example
 * class MainAgent extends BaseAgent {
 *   readonly #conversation = new Conversation(this.createBridge({ targetAgent: "assistant" }));
 *
 *   protected override onBridgeFrame(received: Frame, direction: Direction) {
 *     if (!this.#conversation.receive(received, direction) && received.kind.case === "llmText") {
 *       process.stdout.write(received.kind.value.text);
 *     }
 *   }
 *
 *   say(text: string) {
 *     this.#conversation.addUser(text);
 *   }
 * }
 */
export class Conversation extends TypedEvents<ConversationEvents> {
  readonly #bridge: ContextBridge;
  readonly #logger: Logger;
  readonly #messages = new MessageList();
  readonly #calls: FunctionCalls;
  readonly #reply = new Reply();
  readonly #gate = new RunGate(() => this.run());
  #tools: ToolsSchema | undefined;
  #toolChoice: Value | undefined;

  /** Throws INVALID_ARGUMENT, with a path such as `messages[0].content`, for what can't be sent. */
  constructor(bridge: ContextBridge, options: ConversationOptions = {}) {
    super();
    this.#bridge = bridge;
    this.#logger = safeLogger(options.logger);
    this.#calls = new FunctionCalls(this.#messages, this.#logger);
    this.append(options.messages ?? []);
    this.setTools(options.tools);
    this.setToolChoice(options.toolChoice);
  }

  /** The messages so far, oldest first. The list doesn't change any more. */
  get messages(): readonly Value[] {
    return this.#messages.values;
  }

  /** The tools that the model may call, or undefined if none were set. */
  get tools(): ToolsSchema | undefined {
    return this.#tools;
  }

  /** How the model chooses tools, or undefined if that wasn't said. */
  get toolChoice(): Value | undefined {
    return this.#toolChoice;
  }

  /**
   * Takes a turn of the user: adds a message with the text, or with content of several parts, and sends the
   * conversation DOWNSTREAM. A reply that is being given goes on, and is recorded after the turn; to stop it, send
   * an interruption across the bridge first.
   *
   * Throws INVALID_ARGUMENT, with a path that begins with `content`, for content that can't be sent, and what the
   * bridge's `send()` throws; the message is part of the conversation then.
   */
  addUser(content: ValueInit): void {
    this.#messages.append([toValue({ role: "user", content: toValue(content, "content") })]);
    this.run(Direction.DOWNSTREAM);
  }

  /** Adds messages, and sends nothing. Throws INVALID_ARGUMENT, with a path such as `messages[0].content`. */
  append(messages: readonly ValueInit[]): void {
    this.#messages.append(toValues(messages));
  }

  /** Puts other messages in the place of all, and sends nothing. Throws what `append()` throws. */
  replace(messages: readonly ValueInit[]): void {
    this.#messages.replace(toValues(messages));
  }

  /** Sets the tools, or removes them: with `undefined`, or with none in it. Throws INVALID_ARGUMENT, with a path that begins with `tools`. */
  setTools(tools: Init<ToolsSchema> | undefined): void {
    this.#tools = tools === undefined ? undefined : unlessEmpty(fromInit(toolsSchemaType, tools, "tools", TOOLS_DEPTH));
  }

  /** Sets how the model chooses tools. Throws INVALID_ARGUMENT, with a path that begins with `toolChoice`. */
  setToolChoice(toolChoice: ValueInit | undefined): void {
    this.#toolChoice = toolChoice === undefined ? undefined : toValue(toolChoice, "toolChoice");
  }

  /**
   * Sends the conversation across the bridge, for an answer. UPSTREAM, as if the assistant had asked for it, unless
   * another direction is given. Throws what the bridge's `send()` throws.
   */
  run(direction: Direction = Direction.UPSTREAM): void {
    const context: Init<LLMContext> = {
      messages: this.#messages.values,
      tools: this.#tools,
      toolChoice: this.#toolChoice,
    };
    this.#bridge.send(frame("llmContext", { context }), direction);
    this.#gate.clear();
  }

  /**
   * Takes a frame that came through the bridge. Returns whether it was for the conversation alone, so that nothing
   * is left to do with it: requests to append and replace messages, to set tools, and to run the model.
   *
   * All others return false, also those that it records on the way, since they are to be shown, spoken or passed on
   * as well: replies, function calls, interruptions. Of these it takes those that go DOWNSTREAM; Pipecat sends
   * frames about function calls once in each direction. Who speaks it learns from either.
   *
   * Throws what the bridge's `send()` throws.
   */
  receive(frame: Frame, direction: Direction): boolean {
    return this.#request(frame, direction) || (direction !== Direction.UPSTREAM && this.#record(frame));
  }

  /**
   * Gives up on what the assistant was doing: for when it is gone. What there is of its reply is recorded, and
   * function calls without a result count as cancelled. Sends nothing.
   */
  abandon(): void {
    this.#endReply(true);
    this.#calls.cancelAll();
    this.#gate.reset();
  }

  protected override reportHandlerError(event: string, error: unknown): void {
    this.#logger.error("a handler of a conversation's event failed", { event, error });
  }

  /** What counts in either direction. The answer to a request goes back where it came from. */
  #request({ kind }: Frame, direction: Direction): boolean {
    const upstream = direction === Direction.UPSTREAM;
    const back = upstream ? Direction.DOWNSTREAM : Direction.UPSTREAM;
    switch (kind.case) {
      case "llmMessagesAppend":
        this.#messages.append(kind.value.messages);
        if (!upstream) {
          this.#gate.added(kind.value.runLlm === true);
        } else if (kind.value.runLlm === true) {
          this.run(back);
        }
        return true;
      case "llmMessagesUpdate":
        this.#messages.replace(kind.value.messages);
        if (kind.value.runLlm === true) {
          this.run(back);
        }
        return true;
      case "llmSetTools":
        if (kind.value.toolList === undefined) {
          this.#tools = unlessEmpty(kind.value.tools);
        } else {
          this.#logger.warn("tools in a plain list are not supported: the tools stay as they were");
        }
        return true;
      case "llmSetToolChoice":
        this.#toolChoice = kind.value.toolChoice;
        return true;
      case "llmRun":
        this.run(back);
        return true;
      case "interruption":
        this.#endReply(true);
        this.#gate.clear();
        this.#calls.interrupted();
        return false;
      case "userStartedSpeaking":
      case "userStoppedSpeaking":
        this.#gate.userSpeaks(kind.case === "userStartedSpeaking");
        return false;
      case "botStartedSpeaking":
      case "botStoppedSpeaking":
        this.#gate.botSpeaks(kind.case === "botStartedSpeaking");
        return false;
      default:
        return false;
    }
  }

  /** What the assistant says and does. */
  #record(received: Frame): boolean {
    const { kind } = received;
    switch (kind.case) {
      case "llmFullResponseStart":
      case "visionFullResponseStart":
        this.#gate.answers();
        this.#reply.start();
        return false;
      case "ttsStarted":
        // Something is spoken that no model wrote just now: it ends with a push of the aggregation.
        if (kind.value.appendToContext !== false) {
          this.#reply.start();
        }
        return false;
      case "llmFullResponseEnd":
      case "visionFullResponseEnd":
        this.#endReply(false);
        return false;
      case "llmAssistantPushAggregation":
        this.#endReply(false);
        return true;
      case "llmMarker":
        this.#mark(kind.value.marker, kind.value.appendToContextImmediately !== false);
        return true;
      case "functionCallsStarted":
        this.#calls.started(kind.value);
        return false;
      case "functionCallInProgress":
        this.#calls.inProgress(kind.value);
        return false;
      case "functionCallResult": {
        const asked = this.#calls.result(kind.value);
        if (asked !== undefined) {
          this.#gate.added(asked);
        }
        return false;
      }
      case "functionCallCancel":
        this.#gate.settled(this.#calls.cancelled(kind.value));
        return false;
      default:
        this.#reply.add(replyText(received));
        return false;
    }
  }

  #endReply(interrupted: boolean): void {
    const content = this.#reply.end();
    if (content !== undefined) {
      this.#messages.append([toValue({ role: "assistant", content })]);
      this.emit("reply", content, interrupted);
    }
  }

  /** A marker is a message of its own, or a part of the reply that is being given. */
  #mark(marker: string, alone: boolean): void {
    if (alone) {
      this.#messages.append([toValue({ role: "assistant", content: marker })]);
    } else {
      this.#reply.add({ text: marker, spaced: false });
    }
  }
}

/** How many messages stand around the tools of a conversation that is sent. */
const TOOLS_DEPTH = 6;

/** A set of tools, or undefined where there is none in it: services refuse an empty list. */
function unlessEmpty(tools: ToolsSchema | undefined): ToolsSchema | undefined {
  return tools === undefined || (tools.standardTools.length === 0 && !isTruthy(tools.customTools)) ? undefined : tools;
}

function toValues(messages: readonly ValueInit[]): readonly Value[] {
  return messages.map((message, key) => toValue(message, { parent: "messages", key }));
}
