import type { Value } from "../../gen/crossbus/v1/value_pb.js";
import { newEntry, newStruct, newValue } from "../message/new-value.js";
import { toValue } from "../message/value.js";

/**
 * The messages of a conversation. Each list that `values` has returned stays as it was, so that it can be sent by
 * reference; so does every message in it.
 */
export class MessageList {
  #values: readonly Value[] = [];

  /** The messages, oldest first. */
  get values(): readonly Value[] {
    return this.#values;
  }

  /** Adds messages at the end. */
  append(messages: readonly Value[]): void {
    this.#values = [...this.#values, ...messages];
  }

  /** Puts other messages in the place of all. */
  replace(messages: readonly Value[]): void {
    this.#values = [...messages];
  }

  /**
   * Sets the content of the tool message that belongs to a function call, if there is one still: the last of that id,
   * since some models use ids again.
   */
  setToolContent(toolCallId: string, content: string): void {
    const at = this.#values.map((message) => isToolMessage(message, toolCallId)).lastIndexOf(true);
    this.#values = this.#values.map((message, index) => (index === at ? withContent(message, content) : message));
  }
}

/** Whether a message is what a model is told about the function call `toolCallId`. */
export function isToolMessage(message: Value, toolCallId: string): boolean {
  return textMember(message, "role") === "tool" && textMember(message, "tool_call_id") === toolCallId;
}

/** Whether a message is in the form that all models take, and not in that of one service. */
export function isStandardMessage(message: Value): boolean {
  return message.kind.case === "structValue" && member(message, "__specific__") === undefined;
}

/** A member of a message that is text, or undefined. */
export function textMember(message: Value, key: string): string | undefined {
  const kind = member(message, key)?.kind;
  return kind?.case === "stringValue" ? kind.value : undefined;
}

function member({ kind }: Value, key: string): Value | undefined {
  return kind.case === "structValue" ? kind.value.entries.find((entry) => entry.key === key)?.value : undefined;
}

/** A copy of a message with other content: those that hold the message keep it as it is. */
function withContent({ kind }: Value, content: string): Value {
  const entries = kind.case === "structValue" ? kind.value.entries : [];
  const entry = newEntry("content", toValue(content));
  const others = entries.map((other) => (other.key === "content" ? entry : other));
  const value = newStruct(others.includes(entry) ? others : [...others, entry]);
  return newValue({ case: "structValue", value });
}
