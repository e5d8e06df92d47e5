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
}

/**
 * The function calls of the assistant, and what the conversation says about them: for each a message with the
 * call, and one with its result, which says that there is none until it comes.
 */
export class FunctionCalls {
  readonly #messages: MessageList;
  readonly #logger: Logger;
  /** The calls without a result. Those that were announced only, or cancelled since, have no details yet. */
  readonly #calls = new Map<string, Call | "announced" | "cancelled">();

  constructor(messages: MessageList, logger: Logger) {
    this.#messages = messages;
    this.#logger = logger;
  }

  /**
   * Calls are announced. A link takes longer for what is large, and an announcement holds the conversation once for each
   * call: one that runs already, which came in between, goes on.
   */
  started({ functionCalls }: FrameOf<"functionCallsStarted">): void {
    for (const { toolCallId } of functionCalls) {
      if (typeof this.#calls.get(toolCallId) !== "object") {
        this.#calls.set(toolCallId, "announced");
      }
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
    const call: Call = { id, groupId: groupId === "" ? undefined : groupId, background };
    // A cancellation overtakes what is queued.
    if (this.#calls.get(id) === "cancelled") {
      this.#settleCancelled(call);
    } else {
      this.#calls.set(id, call);
    }
  }

  /** A call has a result, or part of one. Returns whether the model is to run, undefined if there is no such call. */
  result(frame: FrameOf<"functionCallResult">): boolean | undefined {
    const { toolCallId: id, result, properties } = frame;
    const call = this.#calls.get(id);
    if (typeof call !== "object") {
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
    return telling && (properties?.runLlm ?? frame.runLlm ?? !this.#hasSiblings(call));
  }

  /** A call was cancelled. Returns whether the model is to run. */
  cancelled({ toolCallId: id, runLlm }: FrameOf<"functionCallCancel">): boolean {
    const call = this.#calls.get(id);
    if (typeof call !== "object") {
      if (call === "announced") {
        this.#calls.set(id, "cancelled");
      }
      return false;
    }
    this.#settleCancelled(call);
    return runLlm === true && !this.#hasSiblings(call);
  }

  /** No call will get a result any more. */
  cancelAll(): void {
    for (const call of this.#calls.values()) {
      if (typeof call === "object") {
        this.#settleCancelled(call);
      }
    }
    this.#calls.clear();
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

  /** Whether other calls of the same answer of the model still run: the last one runs the model. */
  #hasSiblings({ id, groupId }: Call): boolean {
    return (
      groupId !== undefined &&
      [...this.#calls.values()].some(
        (other) => typeof other === "object" && other.groupId === groupId && other.id !== id,
      )
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

function isNews(message: Value, id: string): boolean {
  const role = textMember(message, "role");
  if (role === "tool" || role === "assistant") {
    return false;
  }
  return (asyncToolCallId(message) ?? id) === id;
}
