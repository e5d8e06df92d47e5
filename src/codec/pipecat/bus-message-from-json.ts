import type { Frame } from "../../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage, FrameMessage } from "../../../gen/crossbus/v1/message_pb.js";
import type { Struct } from "../../../gen/crossbus/v1/value_pb.js";
import { invalidArgument } from "../../base/status.js";
import { oneofCase } from "../../message/from-init.js";
import { invalidAt } from "../../message/path.js";
import { busMessageType, frameFieldsType, frameMessageType, frameType } from "../../message/schema.js";
import type { BodyCase } from "../../message/types.js";
import { invalidJson } from "./invalid-json.js";
import { type Json, JsonObject } from "./json.js";
import { asTyped, structFromJson, type TypedJson } from "./json-values.js";
import { extraFromJson, fieldsFromJson } from "./message-from-json.js";
import { isSpecial } from "./python-fields.js";
import type { TypeRules } from "./type-rules.js";

type Entry = readonly [key: string, value: Json];

/** How many messages there are from the bus message to its body, its frame, and the frame's kind. */
const BODY_DEPTH = 2;
const FRAME_DEPTH = 3;
const KIND_DEPTH = 4;

/**
 * Reads a bus message. A Python object holds in one what is several messages here: the envelope, the body, and what a
 * message has like a frame. Throws INVALID_ARGUMENT, with a path, for what is no such message.
 */
export function busMessageFromJson({ className, data }: TypedJson, rules: TypeRules): BusMessage {
  const body = rules.classes.bodies.get(className) ?? "other";
  const path = body;
  const inBody: Entry[] = [];
  const message = fieldsFromJson(busMessageType, membersOf(data, path), rules, path, 1, (entry) => {
    inBody.push(entry);
  });
  if (body === "other") {
    checkOther(className, rules, path);
    const fields = othersFromJson(inBody, rules, path);
    message.body = {
      case: "other",
      value: { $typeName: "crossbus.v1.OtherMessage", typeName: className, ...(fields && { fields }) },
    };
    return message;
  }
  const asFrame: Entry[] = [];
  message.body = bodyFromJson(body, inBody, rules, path, asFrame);
  const unknown: Entry[] = [];
  const frameFields = fieldsFromJson(frameFieldsType, { entries: asFrame }, rules, path, BODY_DEPTH, (entry) => {
    unknown.push(entry);
  });
  if (unknown.length < asFrame.length) {
    message.frameFields = frameFields;
    rules.sawFrameFields();
  }
  const extra = extraFromJson(unknown, rules, path, 1);
  if (extra !== undefined) {
    message.extra = extra;
  }
  rules.saw(className);
  return message;
}

function bodyFromJson(
  body: Exclude<BodyCase, "other">,
  entries: readonly Entry[],
  rules: TypeRules,
  path: string,
  rest: Entry[],
): BusMessage["body"] {
  if (body === "frame") {
    return { case: "frame", value: frameMessageFromJson(entries, rules, path, rest) };
  }
  const desc = oneofCase(busMessageType, "body", body);
  const value = fieldsFromJson(desc, { entries }, rules, path, BODY_DEPTH, (entry) => rest.push(entry));
  return { case: body, value } as BusMessage["body"];
}

function frameMessageFromJson(entries: readonly Entry[], rules: TypeRules, path: string, rest: Entry[]): FrameMessage {
  const others = entries.filter(([key]) => key !== "frame");
  const message = fieldsFromJson(frameMessageType, { entries: others }, rules, path, BODY_DEPTH, (entry) => {
    rest.push(entry);
  });
  const json = entries.find(([key]) => key === "frame")?.[1];
  const typed = json === undefined ? undefined : asTyped(json, "frame.frame");
  if (typed === undefined) {
    throw invalidJson("frame.frame", json, "must be a frame");
  }
  message.frame = frameFromJson(typed, rules, "frame.frame");
  return message;
}

/** Reads a frame, which holds in one object what is common to all frames and what its kind has. */
function frameFromJson({ className, data }: TypedJson, rules: TypeRules, path: string): Frame {
  const kind = rules.classes.frames.get(className) ?? "other";
  const inKind: Entry[] = [];
  const frame = fieldsFromJson(frameType, membersOf(data, path), rules, path, FRAME_DEPTH, (entry) => {
    inKind.push(entry);
  });
  if (kind === "other") {
    checkOther(className, rules, path);
    const fields = othersFromJson(inKind, rules, path);
    frame.kind = {
      case: "other",
      value: { $typeName: "crossbus.v1.OtherFrame", typeName: className, ...(fields && { fields }) },
    };
    return frame;
  }
  const desc = oneofCase(frameType, "kind", kind);
  const unknown: Entry[] = [];
  const value = fieldsFromJson(desc, { entries: inKind }, rules, path, KIND_DEPTH, (entry) => unknown.push(entry));
  frame.kind = { case: kind, value } as Frame["kind"];
  const extra = extraFromJson(unknown, rules, path, 1);
  if (extra !== undefined) {
    frame.extra = extra;
  }
  rules.saw(className);
  return frame;
}

/** A class that is kept whole must be listed, and none that the schema has elsewhere. */
function checkOther(className: string, rules: TypeRules, path: string): void {
  if (rules.classes.all.has(className)) {
    throw invalidArgument(path, className, "is a class that doesn't belong here");
  }
  rules.checkKnown(className, path);
  rules.saw(className);
}

/** Reads the fields of a class that is kept whole. */
function othersFromJson(entries: readonly Entry[], rules: TypeRules, path: string): Struct {
  for (const [key] of entries) {
    if (isSpecial(key)) {
      throw invalidAt({ parent: path, key }, key, "is a name that is special in Python");
    }
  }
  return structFromJson(new JsonObject(entries), rules, path, 1);
}

function membersOf(data: Json, path: string): JsonObject {
  if (!(data instanceof JsonObject)) {
    throw invalidJson(path, data, "must be an object");
  }
  return data;
}
