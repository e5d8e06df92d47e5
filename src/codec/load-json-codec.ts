/** Loads the codec of the JSON dialects. */
export function loadJsonCodec(): Promise<typeof import("./pipecat/json-codec.js")> {
  return import("./pipecat/json-codec.js");
}
