import type { Value } from "../../gen/crossbus/v1/value_pb.js";
import type { Logger } from "../base/logger.js";
import type { FrameOf } from "../message/types.js";
import { toValue } from "../message/value.js";
import { asyncTool, asyncToolCallId } from "./async-tool.js";
import { isTruthy, jsonText } from "./json-text.js";
import { isStandardMessage, isToolMessage, type MessageList, textMember } from "./message-list.js";

/** What is known of a function call that has no result yet. */
interface Call {
  readonly id: string;
  readonly groupId: string | undefined;
  /** Whether the conversation goes on while the function runs. */
  readonly background: boolean;
  /** What it was announced with. */
  readonly announcement: Announcement | undefined;
}

/** The calls of one answer of the model, which it announces together. */
interface Announcement {
  /** Those that haven't begun. */
  readonly waiting: Set<string>;
  /** Whether a result would have run the model, had it not been for them. */
  owed: boolean;
}

/**
 * The function calls of the assistant, and what the conversation says about them: for each a message with the
 * call, and one with its result, which says that there is none until it comes.
 */
export class FunctionCalls {
  readonly #messages: MessageList;
  readonly #logger: Logger;
  /** The calls without a result. Those that were announced only, or cancelled since, have no details yet. */
  readonly #calls = new Map<string, Call | Announcement | "cancelled">();
  /** Those that have begun without an announcement, which may be on its way still. */
  readonly #unannounced = new Set<string>();

  constructor(messages: MessageList, logger: Logger) {
    this.#messages = messages;
    this.#logger = logger;
  }

  /**
   * Calls are announced. A link takes longer for what is large, and an announcement holds the conversation once for each
   * call: one that runs already, which came in between, goes on.
   */
  started({ functionCalls }: FrameOf<"functionCallsStarted">): void {
    const announcement: Announcement = { waiting: new Set(), owed: false };
    for (const { toolCallId } of functionCalls) {
      const call = this.#calls.get(toolCallId);
      if (isCall(call)) {
        this.#calls.set(toolCallId, { ...call, announcement });
      } else if (!this.#unannounced.has(toolCallId)) {
        this.#calls.set(toolCallId, announcement);
        announcement.waiting.add(toolCallId);
      }
      this.#unannounced.delete(toolCallId);
    }
  }

  /** A call is running: it becomes part of the conversation. */
  inProgress(frame: FrameOf<"functionCallInProgress">): void {
    const { functionName: name, toolCallId: id, groupId } = frame;
    const args = frame.arguments === undefined ? "{}" : jsonText(frame.arguments);
    const background = frame.cancelOnInterruption !== true;
    this.#messages.append([
      toValue({ role: "assistant", tool_calls: [{ id, function: { name, arguments: args }, type: "function" }] }),
      background ? asyncTool.started(id) : toValue({ role: "tool", content: "IN_PROGRESS", tool_call_id: id }),
    ]);
    const known = this.#calls.get(id);
    if (known === undefined) {
      this.#unannounced.add(id);
    }
    const announcement = isAnnouncement(known) ? known : undefined;
    announcement?.waiting.delete(id);
    const call: Call = { id, groupId: groupId === "" ? undefined : groupId, background, announcement };
    // A cancellation overtakes what is queued.
    if (known === "cancelled") {
      this.#settleCancelled(call);
    } else {
      this.#calls.set(id, call);
    }
  }

  /** A call has a result, or part of one. Returns whether the model is to run, undefined if there is no such call. */
  result(frame: FrameOf<"functionCallResult">): boolean | undefined {
    const { toolCallId: id, result, properties } = frame;
    const call = this.#calls.get(id);
    if (!isCall(call)) {
      this.#logger.warn("a result of a function call that isn't running was dropped", {
        function: frame.functionName,
        toolCallId: id,
      });
      return undefined;
    }
    const telling = isTruthy(result);
    if (properties?.isFinal !== false) {
      this.#settle(call, telling ? jsonText(result) : "COMPLETED");
    } else if (telling) {
      this.#messages.append([asyncTool.update(id, jsonText(result))]);
    }
    // Without a result there is nothing to tell, whatever was asked for.
    return (telling && (properties?.runLlm ?? frame.runLlm ?? this.#isLast(call))) || this.#pay(call);
  }

  /** The user interrupted: whatever hasn't begun isn't waited for. */
  interrupted(): void {
    for (const call of this.#calls.values()) {
      const announcement = isCall(call) ? call.announcement : isAnnouncement(call) ? call : undefined;
      announcement?.waiting.clear();
      if (announcement !== undefined) {
        announcement.owed = false;
      }
    }
  }

  /** A call was cancelled. Returns whether the model is to run. */
  cancelled({ toolCallId: id, runLlm }: FrameOf<"functionCallCancel">): boolean {
    const call = this.#calls.get(id);
    if (!isCall(call)) {
      if (call !== undefined) {
        this.#calls.set(id, "cancelled");
      }
      if (isAnnouncement(call)) {
        call.waiting.delete(id);
      }
      return false;
    }
    this.#settleCancelled(call);
    return runLlm === true && !this.#hasSiblings(call);
  }

  /** No call will get a result any more. */
  cancelAll(): void {
    for (const call of this.#calls.values()) {
      if (isCall(call)) {
        this.#settleCancelled(call);
      }
    }
    this.#calls.clear();
    this.#unannounced.clear();
  }

  #settle({ id, background }: Call, result: string): void {
    this.#calls.delete(id);
    if (background && this.#movedOn(id)) {
      this.#messages.append([asyncTool.final(id, result)]);
    } else {
      this.#messages.setToolContent(id, result);
    }
  }

  #settleCancelled({ id, background }: Call): void {
    this.#calls.delete(id);
    if (background) {
      this.#messages.append([asyncTool.cancelled(id)]);
    } else {
      this.#messages.setToolContent(id, "CANCELLED");
    }
  }

  /** Whether a call that has a result was the last one of its group, which runs the model. */
  #isLast(call: Call): boolean {
    if (this.#hasSiblings(call)) {
      return false;
    }
    const { groupId, announcement } = call;
    if (groupId === undefined || announcement === undefined || announcement.waiting.size === 0) {
      return true;
    }
    // A function that takes no time has its result before the next one of the group begins.
    announcement.owed = true;
    return false;
  }

  /** Whether a result of the same answer was put off that may run the model now. */
  #pay(call: Call): boolean {
    const { announcement } = call;
    if (announcement?.owed !== true || announcement.waiting.size > 0 || this.#hasSiblings(call)) {
      return false;
    }
    announcement.owed = false;
    return true;
  }

  /** Whether other calls of the same answer of the model still run: the last one runs the model. */
  #hasSiblings({ id, groupId }: Call): boolean {
    return (
      groupId !== undefined &&
      [...this.#calls.values()].some((other) => isCall(other) && other.groupId === groupId && other.id !== id)
    );
  }

  /**
   * Whether something was said to the model since a call began, an update of the same call included: its result is
   * news then. What the assistant said, and other calls, don't count.
   */
  #movedOn(id: string): boolean {
    const messages = this.#messages.values.filter(isStandardMessage);
    const begun = messages.findIndex((message) => isToolMessage(message, id));
    return begun < 0 || messages.slice(begun + 1).some((message) => isNews(message, id));
  }
}

function isCall(known: Call | Announcement | "cancelled" | undefined): known is Call {
  return typeof known === "object" && "id" in known;
}

function isAnnouncement(known: Call | Announcement | "cancelled" | undefined): known is Announcement {
  return typeof known === "object" && "waiting" in known;
}

function isNews(message: Value, id: string): boolean {
  const role = textMember(message, "role");
  if (role === "tool" || role === "assistant") {
    return false;
  }
  return (asyncToolCallId(message) ?? id) === id;
}
