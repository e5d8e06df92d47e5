import { toJson } from "@bufbuild/protobuf";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { Code, invalidArgument, StatusError } from "../base/status.js";
import type { Codec } from "../codec/codec.js";
import { checkDialect, type Dialect } from "../codec/dialect.js";
import { jsonCodec } from "../codec/pipecat/json-codec.js";
import type { ToolsForm } from "../codec/pipecat/type-rules.js";
import { protobufCodec } from "../codec/protobuf.js";

/** What is converted to what. */
export interface ConvertOptions {
  readonly from: string;
  /** A dialect, or `json` for the readable form of Protocol Buffers. */
  readonly to: string;
  /** The form of a conversation's tools in Pipecat JSON. Default: that of the message. */
  readonly tools?: string | undefined;
}

/**
 * Converts one encoded bus message to another dialect. Python classes that the schema doesn't have are kept, whatever
 * their names: nothing here imports anything.
 *
 * Throws INVALID_ARGUMENT for bytes that can't be read, and the status of the codec for what the other dialect can't
 * carry.
 */
export function convert(input: Uint8Array, options: ConvertOptions): Uint8Array {
  const from = codecFor("--from", options.from, options);
  const to = options.to === "json" ? undefined : codecFor("--to", options.to, options);
  const message = from.decode(input);
  if ("invalid" in message) {
    throw new StatusError(Code.INVALID_ARGUMENT, `no message of dialect ${options.from}: ${message.invalid}`);
  }
  if (to !== undefined) {
    return to.encode(message);
  }
  // What a custom message holds is known to its application alone.
  if (message.body.case === "custom") {
    const url = message.body.value.message?.typeUrl;
    throw new StatusError(Code.UNIMPLEMENTED, `custom: the schema of ${url} is not known here, so it has no JSON form`);
  }
  return new TextEncoder().encode(`${JSON.stringify(toJson(BusMessageSchema, message), undefined, 2)}\n`);
}

function codecFor(option: string, name: string, { tools }: ConvertOptions): Codec {
  const dialect = readDialect(option, name);
  if (dialect === "protobuf") {
    return protobufCodec;
  }
  const codec = jsonCodec({ dialect, pipecatVersion: undefined, tools: readTools(tools) });
  codec.allowTypes?.("any");
  return codec;
}

function readDialect(option: string, name: string): Dialect {
  try {
    return checkDialect({ dialect: name as Dialect }).dialect;
  } catch {
    const names = "protobuf, pipecat or pipecat-subagents";
    throw invalidArgument(option, name, `must be ${names}${option === "--to" ? ", or json" : ""}`);
  }
}

function readTools(tools: string | undefined): ToolsForm | undefined {
  if (tools !== undefined && tools !== "flat" && tools !== "object") {
    throw invalidArgument("--tools", tools, "must be flat or object");
  }
  return tools;
}
