import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction, type Frame } from "../../gen/crossbus/v1/frame_pb.js";
import { silentLogger } from "../../src/base/logger.js";
import { Conversation } from "../../src/conversation/conversation.js";
import { frame } from "../../src/message/build.js";
import type { FrameKind } from "../../src/message/types.js";
import { double, type JsValue, toJs } from "../../src/message/value.js";
import { readFile } from "../support/files-node.js";

interface Step {
  readonly kind: FrameKind | "user";
  readonly direction?: "UPSTREAM";
  readonly fields: Readonly<Record<string, unknown>>;
}

interface Recorded {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly messages: readonly JsValue[];
  readonly toolChoice: string | null;
  readonly sent: readonly { readonly step: number; readonly direction: string; readonly messages: number }[];
}

/** What Pipecat's aggregators made of conversations: record_conversations.py, beside this file, wrote it. */
const conversations = readFile("test/conversation/recorded-conversations.jsonl")
  .trim()
  .split("\n")
  .map((line): Recorded => JSON.parse(line, readNumber));

function readNumber(_key: string, value: unknown): unknown {
  if (typeof value === "object" && value !== null) {
    if ("$double" in value) {
      return double(Number(value.$double));
    }
    if ("$int" in value) {
      return BigInt(String(value.$int));
    }
  }
  return value;
}

/** Leaves out what models are told about functions in the background: it is our own prose. */
function withoutProse(message: JsValue): JsValue {
  const { content, ...rest } = message as { readonly [key: string]: JsValue };
  if (typeof content !== "string" || !content.includes('"async_tool"')) {
    return message;
  }
  const { description, ...payload } = JSON.parse(content);
  expect(description === undefined || description.length > 40).to.equal(true);
  if (String(payload.result).startsWith("CANCELLED")) {
    payload.result = "CANCELLED";
  }
  return { content: payload, ...rest };
}

describe("a conversation ends up as Pipecat's does:", () => {
  it("there are records", () => {
    expect(conversations).to.have.length.greaterThan(70);
    expect(conversations.filter(({ sent }) => sent.length > 0)).to.have.length.greaterThan(30);
  });

  for (const { name, steps, messages, toolChoice, sent } of conversations) {
    it(name, () => {
      let step = -1;
      const contexts: object[] = [];
      const send = ({ kind }: Frame, direction: Direction) => {
        const context = kind.case === "llmContext" ? kind.value.context : undefined;
        contexts.push({ step, direction: Direction[direction], messages: context?.messages.length });
      };
      const conversation = new Conversation({ send }, { logger: silentLogger });
      for (const { kind, direction, fields } of steps) {
        step++;
        if (kind === "user") {
          conversation.addUser(String(fields["content"]));
        } else {
          conversation.receive(
            frame(kind, fields),
            direction === undefined ? Direction.DOWNSTREAM : Direction.UPSTREAM,
          );
        }
      }
      expect(conversation.messages.map((message) => withoutProse(toJs(message)))).to.deep.equal(
        messages.map(withoutProse),
      );
      expect(toJs(conversation.toolChoice) ?? null).to.equal(toolChoice);
      expect(contexts).to.deep.equal(sent);
    });
  }
});
