import type { Message } from "@bufbuild/protobuf";
import type { LLMContext, ToolsSchema } from "../../gen/crossbus/v1/frame_kinds_pb.js";
import type { Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage, FrameMessage, MessageFrameFields } from "../../gen/crossbus/v1/message_pb.js";
import { schema } from "../../gen/crossbus/v1/schema.js";
import type { Struct, Value } from "../../gen/crossbus/v1/value_pb.js";
import type { MessageType } from "./message-type.js";
import { parseSchema } from "./parse-schema.js";

// The message types of the schema that code refers to by name. The others stand in these.

const types = /*@__PURE__*/ parseSchema(schema);

export const busMessageType = /*@__PURE__*/ typeOf<BusMessage>("BusMessage");
export const frameMessageType = /*@__PURE__*/ typeOf<FrameMessage>("FrameMessage");
export const frameFieldsType = /*@__PURE__*/ typeOf<MessageFrameFields>("MessageFrameFields");
export const frameType = /*@__PURE__*/ typeOf<Frame>("Frame");
export const llmContextType = /*@__PURE__*/ typeOf<LLMContext>("LLMContext");
export const toolsSchemaType = /*@__PURE__*/ typeOf<ToolsSchema>("ToolsSchema");
export const valueType = /*@__PURE__*/ typeOf<Value>("Value");
export const structType = /*@__PURE__*/ typeOf<Struct>("Struct");

function typeOf<M extends Message>(name: string): MessageType<M> {
  return types.get(name) as MessageType<M>;
}
