import type { AssistantContent, ModelMessage, ToolChoice, ToolSet, UserContent } from "ai";
import type { LLMContext } from "../../gen/crossbus/v1/frame_kinds_pb.js";
import { show } from "../base/status.js";
import { isPlainObject } from "../message/plain-object.js";
import { type JsValue, toJs } from "../message/value.js";

/** A conversation as the AI SDK takes it. */
export interface Prompt {
  readonly messages: ModelMessage[];
  readonly toolChoice: ToolChoice<ToolSet> | undefined;
  /** What there is no form for, in words: each a reason that something was left out. */
  readonly leftOut: readonly string[];
}

type Json = { readonly [key: string]: JsValue };

/**
 * Reads a conversation, whose messages are as the OpenAI API and Pipecat write them. `hasTool` says whether there is a
 * tool of that name.
 */
export function toPrompt(context: LLMContext, hasTool: (name: string) => boolean): Prompt {
  const leftOut: string[] = [];
  const received = context.messages.map((message) => toJs(message));
  const results = new Results(received);
  const messages: ModelMessage[] = [];
  let begun = false;
  for (const [index, message] of received.entries()) {
    const role = isJson(message) ? message["role"] : undefined;
    if (!isJson(message) || (role !== undefined && typeof role !== "string")) {
      leftOut.push(`a message that is ${show(message)}`);
      continue;
    }
    begun ||= role !== "system" && role !== "developer";
    switch (role) {
      case "system":
        addText("system", message, messages, leftOut);
        break;
      case "developer":
        // Models take instructions at the beginning. What comes later is news, of functions in the background say.
        addText(begun ? "user" : "system", message, messages, leftOut);
        break;
      case "user": {
        const content = userContent(message["content"], leftOut);
        if (content.length > 0) {
          messages.push({ role, content });
        }
        break;
      }
      case "assistant":
        addAssistant(message, index, results, messages, leftOut);
        break;
      case "tool":
        if (!results.isTaken(index)) {
          leftOut.push("a result of a function that nobody called");
        }
        break;
      default:
        leftOut.push(role === undefined ? "a message without a role" : `a message with the role ${show(role)}`);
    }
  }
  return { messages, toolChoice: toToolChoice(toJs(context.toolChoice), hasTool, leftOut), leftOut };
}

/**
 * The results of function calls. Models want each right behind its call, whatever was said meanwhile, and one for each
 * call.
 */
class Results {
  readonly #messages: readonly JsValue[];
  /** Where the results of a call stand that no call has taken yet, by its id. */
  readonly #places = new Map<JsValue | undefined, number[]>();
  readonly #taken = new Set<number>();

  constructor(messages: readonly JsValue[]) {
    this.#messages = messages;
    for (const [index, message] of messages.entries()) {
      if (isJson(message) && message["role"] === "tool") {
        const id = message["tool_call_id"];
        const places = this.#places.get(id) ?? [];
        places.push(index);
        this.#places.set(id, places);
      }
    }
  }

  /** The result of a call that stands at `from`: the first one behind it. */
  take(id: string, from: number): Json | undefined {
    const places = this.#places.get(id);
    while (places !== undefined && places.length > 0) {
      const place = places.shift() as number;
      if (place > from) {
        this.#taken.add(place);
        return this.#messages[place] as Json;
      }
    }
    return undefined;
  }

  /** Whether the result that stands at `index` belongs to a call before it. */
  isTaken(index: number): boolean {
    return this.#taken.has(index);
  }
}

interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

function toolCalls(message: Json): readonly ToolCall[] {
  const calls = message["tool_calls"];
  return (Array.isArray(calls) ? calls : []).flatMap((call: JsValue): readonly ToolCall[] => {
    const called = isJson(call) ? call["function"] : undefined;
    if (!isJson(call) || !isJson(called)) {
      return [];
    }
    const { id, name, args } = { id: call["id"], name: called["name"], args: called["arguments"] ?? "{}" };
    return typeof id === "string" && typeof name === "string" && typeof args === "string" ? [{ id, name, args }] : [];
  });
}

function addText(role: "system" | "user", message: Json, messages: ModelMessage[], leftOut: string[]): void {
  const content = textOf(message["content"], leftOut);
  if (content !== "") {
    messages.push({ role, content });
  }
}

/** The text of content that can't be anything else. */
function textOf(content: JsValue | undefined, leftOut: string[]): string {
  return parts(content)
    .map((part) => partText(part, leftOut))
    .join("\n");
}

function partText(part: JsValue, leftOut: string[]): string {
  if (typeof part === "string") {
    return part;
  }
  const text = isJson(part) && part["type"] === "text" ? part["text"] : undefined;
  if (typeof text !== "string") {
    leftOut.push(`a part of a message that is ${describePart(part)}`);
    return "";
  }
  return text;
}

function parts(content: JsValue | undefined): readonly JsValue[] {
  return content === undefined || content === null ? [] : Array.isArray(content) ? content : [content as JsValue];
}

function userContent(content: JsValue | undefined, leftOut: string[]): UserContent {
  if (typeof content === "string") {
    return content;
  }
  return parts(content).flatMap((part): Exclude<UserContent, string> => {
    const media = isJson(part) ? (image(part) ?? audio(part)) : undefined;
    if (media !== undefined) {
      return [media];
    }
    const text = partText(part, leftOut);
    return text === "" ? [] : [{ type: "text", text }];
  });
}

function image(part: Json): Exclude<UserContent, string>[number] | undefined {
  const url = part["type"] === "image_url" && isJson(part["image_url"]) ? part["image_url"]["url"] : undefined;
  return typeof url === "string" && URL.canParse(url) ? { type: "image", image: new URL(url) } : undefined;
}

function audio(part: Json): Exclude<UserContent, string>[number] | undefined {
  const { data, format } =
    part["type"] === "input_audio" && isJson(part["input_audio"]) ? part["input_audio"] : ({} as Json);
  return typeof data === "string" && typeof format === "string"
    ? { type: "file", data, mediaType: format === "mp3" ? "audio/mpeg" : `audio/${format}` }
    : undefined;
}

/** What the assistant said, the functions that it called, and their results. */
function addAssistant(
  message: Json,
  index: number,
  results: Results,
  messages: ModelMessage[],
  leftOut: string[],
): void {
  const text = textOf(message["content"], leftOut);
  const content: Exclude<AssistantContent, string> = text === "" ? [] : [{ type: "text", text }];
  const answers: ModelMessage[] = [];
  for (const { id, name, args } of toolCalls(message)) {
    const result = results.take(id, index);
    if (result === undefined) {
      // Models would refuse it.
      leftOut.push("a function call without a result");
      continue;
    }
    const value = textOf(result["content"], leftOut);
    const output = { type: "text", value } as const;
    content.push({ type: "tool-call", toolCallId: id, toolName: name, input: parseArguments(args) });
    answers.push({ role: "tool", content: [{ type: "tool-result", toolCallId: id, toolName: name, output }] });
  }
  if (content.length > 0) {
    messages.push({ role: "assistant", content }, ...answers);
  }
}

/** The arguments of a call are JSON in text. A model may have written what isn't: then it sees that again. */
function parseArguments(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}

function toToolChoice(
  choice: JsValue | undefined,
  hasTool: (name: string) => boolean,
  leftOut: string[],
): ToolChoice<ToolSet> | undefined {
  if (choice === undefined || choice === null) {
    return undefined;
  }
  if (choice === "auto" || choice === "none" || choice === "required") {
    return choice;
  }
  const called = isJson(choice) ? choice["function"] : undefined;
  const toolName = isJson(called) ? called["name"] : undefined;
  if (typeof toolName === "string" && hasTool(toolName)) {
    return { type: "tool", toolName };
  }
  leftOut.push(`a choice of tools that is ${show(choice)}`);
  return undefined;
}

function describePart(part: JsValue): string {
  return isJson(part) && typeof part["type"] === "string" ? `of the type ${show(part["type"])}` : show(part);
}

function isJson(value: JsValue | undefined): value is Json {
  return isPlainObject(value);
}
