import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import { Code, escapeControls, type Status, show } from "../base/status.js";
import type { AnyBusMessage } from "../bus/agent-bus.js";
import type { Peeked } from "../codec/codec.js";
import { LocalMessage } from "../message/local-message.js";
import { describeMessage } from "../proxy/policy.js";
import type { MessageFacts } from "./tap-record.js";

/** How much of a text that others chose is told. */
const maxTextLength = 200;

/** What may be told of a message. */
export function factsOf(message: AnyBusMessage): MessageFacts {
  if (message instanceof LocalMessage || message.body.case === undefined) {
    const { source, target, body } = message;
    return peekedFacts({ source, target, case: body.case ?? "", kind: undefined, typeName: undefined });
  }
  const facts = peekedFacts(describeMessage(message));
  return message.body.case === "frame"
    ? { ...facts, isUpstream: message.body.value.direction === Direction.UPSTREAM }
    : facts;
}

/** What may be told of a message whose envelope alone was read. */
export function peekedFacts(peeked: { readonly [Name in keyof Peeked]: Peeked[Name] | string }): MessageFacts {
  const { source, target, case: kase, kind, typeName } = peeked;
  return {
    source: clip(source ?? ""),
    target: target === undefined ? undefined : clip(target),
    case: clip(kase),
    kind,
    typeName: typeName === undefined ? undefined : clip(typeName),
  };
}

/** Tells of a status, but for the value that one about a bad field shows: it is part of a message's content. */
export function statusFacts(status: Status): { readonly code: string; readonly why: string } {
  const bad = status.details.find((detail) => detail.type === "badRequest");
  const why = bad === undefined ? status.message : `the field ${show(bad["field"])} can't be sent`;
  return { code: Code[status.code], why: clip(why) };
}

/** Makes a text that others chose fit to be told: on one line, and not too long. */
export function clip(text: string): string {
  const escaped = escapeControls(text);
  return escaped.length > maxTextLength
    ? `${escaped.slice(0, maxTextLength - 1).replace(/[\ud800-\udbff]$/, "")}…`
    : escaped;
}
