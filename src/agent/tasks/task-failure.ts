import { type BusMessage, TaskStatus } from "../../../gen/crossbus/v1/message_pb.js";
import type { Status } from "../../base/status.js";
import { busMessage } from "../../message/build.js";
import { errorResponse } from "./task-error.js";

/**
 * What tells the requester of a task that a message about it was lost on its way, for whoever lost it: a response with
 * an error in the worker's name, since nothing else would end the waiting. Undefined for messages that a requester can do
 * without, or that aren't about tasks.
 */
export function taskFailure(message: BusMessage, why: Status): BusMessage | undefined {
  const { source, target, body } = message;
  switch (body.case) {
    case "taskRequest":
      return failure(body.value.taskId, why, target, source);
    case "taskResponse":
    case "taskResponseUrgent":
    // A stream with a hole in it is no use.
    case "taskStreamStart":
    case "taskStreamData":
    case "taskStreamEnd":
      return failure(body.value.taskId, why, source, target);
    default:
      return undefined;
  }
}

function failure(
  taskId: string,
  why: Status,
  source: string | undefined,
  target: string | undefined,
): BusMessage | undefined {
  return source === undefined || source === "" || target === undefined
    ? undefined
    : busMessage(
        "taskResponseUrgent",
        { taskId, status: TaskStatus.ERROR, response: errorResponse(why) },
        { source, target },
      );
}
