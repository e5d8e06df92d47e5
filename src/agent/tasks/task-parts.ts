import type { Value } from "../../../gen/crossbus/v1/value_pb.js";
import { invalidArgument } from "../../base/status.js";
import { toJs, toValue, type ValueInit } from "../../message/value.js";

/** One of the things that a task carries; undefined for what is always plain. */
export type TaskPart = "request" | "update" | "stream" | "response" | undefined;

/** What writes and reads what a task carries. Both throw INVALID_ARGUMENT with a path that begins with `path`. */
export interface TaskParts {
  write(part: TaskPart, init: unknown, path: string): Value | undefined;
  read(part: TaskPart, value: Value | undefined, path: string): unknown;
}

/** For tasks that were not declared. */
export const plainParts: TaskParts = {
  write: (_, init, path) => (init === undefined ? undefined : toValue(init as ValueInit, path)),
  read: (_, value, path) => toJs(value, path),
};

/** Those of tasks that were declared: only who declares any needs what knows of schemas. */
const declared = /*@__PURE__*/ new WeakMap<object, TaskParts>();

/** Says how what a declared task carries is written and read. */
export function setParts(task: object, parts: TaskParts): void {
  declared.set(task, parts);
}

/** What writes and reads what a task carries. Throws INVALID_ARGUMENT for a declaration that isn't `defineTask()`'s. */
export function partsOf(task: object | string | undefined): TaskParts {
  if (typeof task !== "object") {
    return plainParts;
  }
  const parts = declared.get(task);
  if (parts === undefined) {
    throw invalidArgument("task", task, "must be what defineTask() gave");
  }
  return parts;
}
