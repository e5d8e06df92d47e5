import type { Value } from "../../gen/crossbus/v1/value_pb.js";
import { toValue } from "../message/value.js";
import { jsonText } from "./json-text.js";
import { textMember } from "./message-list.js";

/**
 * What the model is told about a function that runs while the conversation goes on. The content of such a message
 * is JSON, in the form that Pipecat's realtime services look for: `{"type": "async_tool", "status": "running" or
 * "finished", "tool_call_id", "description", "result"}`.
 */
export const asyncTool = {
  /** The function has begun. It takes the place of the result, which may replace it. */
  started: (id: string): Value =>
    message(
      "tool",
      id,
      "running",
      "This function runs in the background, and its result comes later. Until then go on without one: " +
        "neither guess it nor make this call once more.",
    ),

  /** A result that isn't the last one. */
  update: (id: string, result: string): Value =>
    message("developer", id, "running", "So much is known by now. The function goes on, and will tell more.", result),

  /** The last result, which comes when the conversation has moved on. */
  final: (id: string, result: string): Value =>
    message(
      "developer",
      id,
      "finished",
      "The function has ended with this result. The user is waiting for it: answer first what else they have asked, " +
        "then tell it, once.",
      result,
    ),

  /** There will be no result. */
  cancelled: (id: string): Value =>
    message(
      "developer",
      id,
      "finished",
      "The function was stopped before it had a result, so there will be none. Let the user know, if they expect one.",
      "CANCELLED before there was a result",
    ),
};

/** The function call that a message of the sort above is about, or undefined for any other message. */
export function asyncToolCallId(content: Value): string | undefined {
  if (textMember(content, "role") !== "developer") {
    return undefined;
  }
  let data: unknown;
  try {
    data = JSON.parse(textMember(content, "content") ?? "");
  } catch {
    return undefined;
  }
  const { type, status, tool_call_id: id } = (data ?? {}) as Readonly<Record<string, unknown>>;
  return type === "async_tool" && (status === "running" || status === "finished") && typeof id === "string"
    ? id
    : undefined;
}

function message(
  role: "tool" | "developer",
  id: string,
  status: "running" | "finished",
  description: string,
  result?: string,
): Value {
  const content = jsonText(toValue({ type: "async_tool", status, tool_call_id: id, description, result }));
  return toValue(role === "tool" ? { role, content, tool_call_id: id } : { role, content });
}
