import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { Code, type Status } from "../base/status.js";
import { busMessage, frame } from "../message/build.js";

/**
 * What ends a function call whose result doesn't go over the wire, since it is too large, say, or what the peer's Python would
 * take for an object: a result that says so to the model, in the place of the one that was lost. Nothing else would end the
 * call for whoever keeps the conversation, and the model, which waits for it, would never answer. Undefined for all other
 * messages, and for what a connection took along.
 */
export function functionCallFailure(
  message: BusMessage,
  why: Status,
  target: string | undefined,
): BusMessage | undefined {
  const { source, body } = message;
  if (body.case !== "frame" || (why.code !== Code.INVALID_ARGUMENT && why.code !== Code.RESOURCE_EXHAUSTED)) {
    return undefined;
  }
  const { frame: lost, direction, bridge } = body.value;
  // One that isn't the last is followed by others.
  if (lost?.kind.case !== "functionCallResult" || lost.kind.value.properties?.isFinal === false) {
    return undefined;
  }
  const { functionName, toolCallId, runLlm, properties } = lost.kind.value;
  const failure = frame("functionCallResult", {
    functionName,
    toolCallId,
    arguments: {},
    result: `The function ${functionName} has ended, but its result could not be sent.`,
    runLlm,
    properties: properties && { runLlm: properties.runLlm, isFinal: properties.isFinal },
  });
  failure.id = lost.id;
  failure.broadcastSiblingId = lost.broadcastSiblingId;
  return busMessage("frame", { frame: failure, direction, bridge }, { source, target });
}
