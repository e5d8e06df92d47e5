import type { Codec } from "./codec.js";
import { checkDialect, type DialectOptions } from "./dialect.js";
import type { Elements } from "./elements.js";
import { jsonCodec } from "./pipecat/json-codec.js";
import { countingProtobuf, protobufCodec } from "./protobuf.js";

/**
 * Makes what makes the codec of each plain link. A message of more elements than those of the link allow isn't read. Throws
 * INVALID_ARGUMENT for a bad option.
 */
export function codecMaker(options: DialectOptions): (elements?: Elements) => Codec {
  const { dialect, peerVersion } = checkDialect(options);
  if (dialect === "protobuf") {
    return (elements) => (elements === undefined ? protobufCodec : countingProtobuf(elements));
  }
  // The release of pipecat-ai beside a pipecat-ai-subagents is not known: it takes any from 1.0.0.
  const pipecatVersion = dialect === "pipecat" ? peerVersion : "1.0.0";
  return (elements) => jsonCodec({ dialect, pipecatVersion, elements });
}
