import type * as inNode from "./load-json-codec.js";
import * as json from "./pipecat/json-codec.js";

/** Gives what came with plain links: a part of its own for each would have bundlers cut up what all of them share. */
export const loadJsonCodec: typeof inNode.loadJsonCodec = () => Promise.resolve(json);
