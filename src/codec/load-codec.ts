import type { Codec } from "./codec.js";
import { checkDialect, type DialectOptions } from "./dialect.js";
import type { Elements } from "./elements.js";
import { loadJsonCodec } from "./load-json-codec.js";
import { countingProtobuf, protobufCodec } from "./protobuf.js";

/**
 * Makes what makes the codec of each plain link. The JSON dialects are loaded when they are asked for, so that who doesn't
 * speak them doesn't carry them. A message of more elements than those of the link allow isn't read. Rejects with
 * INVALID_ARGUMENT for a bad option.
 */
export async function loadCodec(options: DialectOptions): Promise<(elements?: Elements) => Codec> {
  const { dialect, peerVersion } = checkDialect(options);
  if (dialect === "protobuf") {
    return (elements) => (elements === undefined ? protobufCodec : countingProtobuf(elements));
  }
  const { jsonCodec } = await loadJsonCodec();
  // The release of pipecat-ai beside a pipecat-ai-subagents is not known: it takes any from 1.0.0.
  const pipecatVersion = dialect === "pipecat" ? peerVersion : "1.0.0";
  return (elements) => jsonCodec({ dialect, pipecatVersion, elements });
}
