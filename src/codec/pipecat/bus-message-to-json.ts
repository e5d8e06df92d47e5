import type { Message } from "@bufbuild/protobuf";
import type { Frame } from "../../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage, FrameMessage } from "../../../gen/crossbus/v1/message_pb.js";
import type { Struct } from "../../../gen/crossbus/v1/value_pb.js";
import { Code, invalidArgument, StatusError, show } from "../../base/status.js";
import { checkStruct } from "../../message/check-value.js";
import { customTypeName } from "../../message/custom-schema.js";
import { oneofCase } from "../../message/from-init.js";
import { busMessageType, frameFieldsType, frameMessageType, frameType } from "../../message/schema.js";
import { JsonObject } from "./json.js";
import { refuseUnknown, typedJson } from "./json-values.js";
import { extraToJson, fieldsToJson, type Members, othersToJson } from "./message-to-json.js";
import type { TypeRules } from "./type-rules.js";

/**
 * Writes a valid bus message as a Python object. Throws UNIMPLEMENTED for a case that the dialect doesn't have,
 * FAILED_PRECONDITION for a class that the peer doesn't have, and INVALID_ARGUMENT, with a path, for what Python
 * couldn't read, or would read as something else.
 */
export function busMessageToJson(message: BusMessage, rules: TypeRules): JsonObject {
  const { frameFields, extra, body } = message;
  if (body.case === undefined) {
    throw invalidArgument("message.body", body.case, "must be set");
  }
  const path = `message.body.${body.case}`;
  const members = fieldsToJson(busMessageType, message, rules, "message");
  if (body.case === "other") {
    const { typeName, fields } = body.value;
    refuseUnknown(body.value, path);
    checkOther(typeName, rules, path);
    if (frameFields !== undefined) {
      if (frameFields.metadata !== undefined) {
        // Among the fields of the message it stands a level deeper.
        checkStruct(frameFields.metadata, "message.frameFields.metadata", 2);
      }
      members.push(...fieldsToJson(frameFieldsType, frameFields, rules, "message.frameFields"));
    }
    othersToJson(fields, members, busMessageType, rules, `${path}.fields`);
    refuseExtra(extra, "message.extra");
    return typedJson(typeName, new JsonObject(members));
  }
  const className = rules.classes.bodyClass(body.case);
  if (className === undefined) {
    const what = body.case === "custom" ? show(customTypeName(body.value.message?.typeUrl ?? "")) : body.case;
    throw new StatusError(
      Code.UNIMPLEMENTED,
      body.case === "custom"
        ? `custom: the message type ${what} can't travel in dialect ${rules.dialect}; use dialect protobuf`
        : `${what} has no class in dialect ${rules.dialect}`,
    );
  }
  rules.checkPeerHas(className);
  const desc = oneofCase(busMessageType, "body", body.case);
  const inBody =
    body.case === "frame" ? frameMessageToJson(body.value, rules, path) : fieldsToJson(desc, body.value, rules, path);
  members.push(...inBody);
  if (frameFields !== undefined) {
    members.push(...fieldsToJson(frameFieldsType, frameFields, rules, "message.frameFields"));
  }
  extraToJson(extra, members, [busMessageType, desc, frameFieldsType], rules, "message.extra");
  return typedJson(className, new JsonObject(members));
}

function frameMessageToJson(message: FrameMessage, rules: TypeRules, path: string): Members {
  const { frame } = message;
  if (frame === undefined) {
    throw invalidArgument(`${path}.frame`, frame, "must be set");
  }
  return [
    ["frame", frameToJson(frame, rules, `${path}.frame`)],
    ...fieldsToJson(frameMessageType, { ...message, frame: undefined } as Message, rules, path),
  ];
}

function frameToJson(frame: Frame, rules: TypeRules, path: string): JsonObject {
  const { kind, extra } = frame;
  const members = fieldsToJson(frameType, frame, rules, path);
  if (kind.case === undefined) {
    throw invalidArgument(`${path}.kind`, kind.case, "must be set");
  }
  if (kind.case === "other") {
    const { typeName, fields } = kind.value;
    refuseUnknown(kind.value, `${path}.other`);
    checkOther(typeName, rules, `${path}.other`);
    othersToJson(fields, members, frameType, rules, `${path}.other.fields`);
    refuseExtra(extra, `${path}.extra`);
    return typedJson(typeName, new JsonObject(members));
  }
  const className = rules.classes.frameClass(kind.case);
  if (className === undefined) {
    throw new StatusError(Code.UNIMPLEMENTED, `${path}: ${kind.case} has no class in Python`);
  }
  rules.checkPeerHas(className);
  const desc = oneofCase(frameType, "kind", kind.case);
  members.push(...fieldsToJson(desc, kind.value, rules, `${path}.${kind.case}`));
  extraToJson(extra, members, [frameType, desc], rules, `${path}.extra`);
  return typedJson(className, new JsonObject(members));
}

/** A class that is kept whole must be listed, and none that the schema has: that would get round the policy. */
function checkOther(className: string, rules: TypeRules, path: string): void {
  if (rules.classes.all.has(className)) {
    throw invalidArgument(`${path}.typeName`, className, "must not be a class that the schema has");
  }
  rules.checkKnown(className, `${path}.typeName`);
  rules.checkPeerHas(className);
}

function refuseExtra(extra: Struct | undefined, path: string): void {
  if (extra !== undefined) {
    throw invalidArgument(path, extra, "must be among the fields of a class that is kept whole");
  }
}
