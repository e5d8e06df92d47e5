import type { Codec } from "./codec.js";
import { checkDialect, type DialectOptions } from "./dialect.js";
import { protobufCodec } from "./protobuf.js";

/**
 * Makes what makes the codec of each link. The JSON dialects are loaded when they are asked for, so that who doesn't
 * speak them doesn't carry them. Rejects with INVALID_ARGUMENT for a bad option.
 */
export async function loadCodec(options: DialectOptions): Promise<() => Codec> {
  const { dialect, peerVersion } = checkDialect(options);
  if (dialect === "protobuf") {
    return () => protobufCodec;
  }
  const { jsonCodec } = await import("./pipecat/json-codec.js");
  // The release of pipecat-ai beside a pipecat-ai-subagents is not known: it takes any from 1.0.0.
  const pipecatVersion = dialect === "pipecat" ? peerVersion : "1.0.0";
  return () => jsonCodec({ dialect, pipecatVersion });
}
