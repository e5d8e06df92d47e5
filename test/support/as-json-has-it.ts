import { clone, create, type DescMessage, isMessage, type Message } from "@bufbuild/protobuf";
import { type LLMContext, LLMContextSchema, type ToolsSchema } from "../../gen/crossbus/v1/frame_kinds_pb.js";
import {
  type BusMessage,
  BusMessageSchema,
  MessageFrameFieldsSchema,
  type OtherMessage,
} from "../../gen/crossbus/v1/message_pb.js";
import { pythonClasses } from "../../gen/crossbus/v1/pipecat-names.js";
import { type Struct, StructEntrySchema, StructSchema, ValueSchema } from "../../gen/crossbus/v1/value_pb.js";
import { toValue } from "../../src/message/value.js";

type Fields = Record<string, unknown>;

/**
 * A message without what the JSON of Pipecat has no form for, and without which it means the same: unknown fields that
 * are none, the name of a class that has no other, and which of two forms something has where there is one. `onlyFlat` says that there is but one form of tools.
 */
export function asJsonHasIt(message: BusMessage, onlyFlat = false): BusMessage {
  const copy = clone(BusMessageSchema, message);
  visit(BusMessageSchema, copy, onlyFlat);
  return copy;
}

function visit(desc: DescMessage, message: Message, onlyFlat: boolean): void {
  const fields = message as unknown as Fields;
  if ((fields["extra"] as Struct | undefined)?.entries.length === 0) {
    delete fields["extra"];
  }
  if (isMessage(message, BusMessageSchema) && !hasAny(message.frameFields)) {
    delete message.frameFields;
  }
  if (isMessage(message, LLMContextSchema)) {
    visitTools((message as LLMContext).tools, onlyFlat);
  } else if (fields["typeName"] === pythonClasses[desc.typeName]?.pipecat) {
    delete fields["typeName"];
  }
  if (isMessage(message, BusMessageSchema) && message.body.case === "other") {
    mergeFrameFields(message, message.body.value);
  }
  if (desc.name === "OtherMessage" || desc.name === "OtherFrame") {
    fields["fields"] ??= create(StructSchema);
  }
  if (desc.name === "LLMSetToolsFrame") {
    delete (fields["tools"] as { flat?: boolean } | undefined)?.flat;
  }
  for (const member of desc.members) {
    const value = fields[member.localName];
    if (member.kind === "oneof") {
      const chosen = value as { case?: string; value?: Message };
      const field = member.fields.find(({ localName }) => localName === chosen.case);
      if (field?.message !== undefined) {
        visit(field.message, chosen.value as Message, onlyFlat);
      }
    } else if (member.message !== undefined && value !== undefined) {
      for (const item of (Array.isArray(value) ? value : [value]) as readonly Message[]) {
        visit(member.message, item, onlyFlat);
      }
    }
  }
}

/** The tools of a conversation are of no class, so that its name is nothing. */
function visitTools(tools: ToolsSchema | undefined, onlyFlat: boolean): void {
  if (tools !== undefined) {
    delete (tools as unknown as Fields)["typeName"];
    if (onlyFlat) {
      (tools as unknown as Fields)["flat"] = true;
    } else if (tools.flat !== true) {
      delete (tools as unknown as Fields)["flat"];
    }
  }
}

/** What a message that is kept whole has like a frame is among its own fields, of which nobody knows what they are. */
function mergeFrameFields(message: BusMessage, other: OtherMessage): void {
  const { frameFields } = message;
  const entries = MessageFrameFieldsSchema.fields.flatMap(({ name, localName }) => {
    const value = (frameFields as unknown as Fields | undefined)?.[localName];
    if (value === undefined) {
      return [];
    }
    const kind = isMessage(value, StructSchema) ? { case: "structValue" as const, value } : undefined;
    return create(StructEntrySchema, {
      key: name,
      value: kind === undefined ? toValue(value as string | boolean | bigint) : create(ValueSchema, { kind }),
    });
  });
  other.fields = create(StructSchema, { entries: [...entries, ...(other.fields?.entries ?? [])] });
  delete message.frameFields;
}

function hasAny(message: Message | undefined): boolean {
  return Object.entries(message ?? {}).some(([key, value]) => key !== "$typeName" && value !== undefined);
}
