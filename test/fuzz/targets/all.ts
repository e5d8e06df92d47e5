import type { FuzzTarget } from "../target.js";
import { jsonTarget } from "./json.js";
import { linkClientTarget } from "./link-client.js";
import { linkServerTarget } from "./link-server.js";
import { plainTarget } from "./plain.js";
import { protobufTarget } from "./protobuf.js";
import { textsTarget } from "./texts.js";
import { valuesTarget } from "./values.js";

/** Everything that takes what a peer sends. */
export const targets: readonly FuzzTarget[] = [
  protobufTarget,
  valuesTarget,
  jsonTarget("pipecat"),
  jsonTarget("pipecat-subagents"),
  plainTarget,
  linkServerTarget,
  linkClientTarget,
  textsTarget,
];
