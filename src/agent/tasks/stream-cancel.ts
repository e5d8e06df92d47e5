import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import type { Status } from "../../base/status.js";
import { busMessage } from "../../message/build.js";
import { shortText } from "./task-error.js";

/**
 * What stops the worker of a stream of which a piece was lost on its way, for whoever lost it: a cancel in the requester's
 * name. The task has failed for the requester, so that it doesn't cancel it, and the worker would go on for as long as
 * it has something to tell. Undefined for other messages: the worker has nothing more to do then, or none has heard of it.
 */
export function streamCancel(
  { source: worker, target: requester, body }: BusMessage,
  why: Status,
): BusMessage | undefined {
  if ((body.case !== "taskStreamStart" && body.case !== "taskStreamData") || worker === "" || requester === undefined) {
    return undefined;
  }
  const { taskId } = body.value;
  const reason = shortText(`a piece of its stream was lost: ${why.message}`);
  return busMessage("taskCancel", { taskId, reason }, { source: requester, target: worker });
}
