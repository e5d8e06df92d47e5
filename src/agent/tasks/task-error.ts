import { TaskStatus } from "../../../gen/crossbus/v1/message_pb.js";
import type { Value } from "../../../gen/crossbus/v1/value_pb.js";
import { Code, type Status, type StatusDetail, StatusError, show, toStatusError } from "../../base/status.js";
import { type JsValue, toJs, toValue } from "../../message/value.js";
import { toWellFormed } from "../../message/well-formed.js";

/** How much of a text about an error is sent, in UTF-16 code units. Some put whole pages into a message. */
const maxText = 4_096;

/** A text that can be sent whatever it was, and whatever the limits of queues and links: cut where it is long. */
export function shortText(text: string): string {
  return toWellFormed(text.length > maxText ? `${text.slice(0, maxText)}…` : text);
}

/** Says why a task was cancelled. Anything may have been given as the reason. */
export function reasonText(reason: unknown): string | undefined {
  return reason === undefined || typeof reason === "string" ? reason : toStatusError(reason).message;
}

/**
 * The response of a task that failed: `{"error": {"code": "NOT_FOUND", "message": "…"}}`, with `details` where there
 * are some. It is a plain value, which every dialect carries.
 */
export function errorResponse({ code, message, details }: Status): Value {
  const error = { code: Code[code], message: shortText(message) };
  try {
    return toValue({ error: { ...error, details: details.length === 0 ? undefined : details.map(toPlainDetail) } });
  } catch {
    // Details may be of any making. Without them the requester learns at least what happened.
    return toValue({ error });
  }
}

function toPlainDetail(detail: StatusDetail): { readonly [key: string]: string | boolean } {
  const members = Object.entries(detail).map(([key, value]) => [
    key,
    typeof value === "string" ? shortText(value) : value,
  ]);
  return Object.fromEntries(members);
}

/**
 * The error that a worker's response tells of. A response of another form, as Python's workers may give, makes
 * UNKNOWN, or CANCELLED for a task that the worker cancelled.
 */
export function responseError(agentName: string, status: TaskStatus, response: Value | undefined): StatusError {
  const { code, message, details } = readError(response);
  const word = TaskStatus[status]?.toLowerCase() ?? String(status);
  return workerError(agentName, {
    code: code ?? (status === TaskStatus.CANCELLED ? Code.CANCELLED : Code.UNKNOWN),
    message: message ?? `answered with status ${word}`,
    details,
  });
}

/** An error about one worker: its message and its details name the worker. */
export function workerError(agentName: string, why: Status): StatusError {
  return new StatusError(why.code, `agent ${show(agentName)}: ${why.message}`, {
    details: [...why.details, { type: "resourceInfo", resourceType: "agent", resourceName: agentName }],
    ...(why instanceof StatusError ? { cause: why } : {}),
  });
}

interface ReadError {
  readonly code: Code | undefined;
  readonly message: string | undefined;
  readonly details: readonly StatusDetail[];
}

function readError(response: Value | undefined): ReadError {
  let error: JsValue | undefined;
  try {
    error = member(toJs(response), "error");
  } catch {
    // What was sent as the reason of an error need not be a valid value itself.
  }
  const code = member(error, "code");
  const message = typeof error === "string" ? error : member(error, "message");
  const details = member(error, "details");
  return {
    code: readCode(code),
    message: typeof message === "string" ? message : undefined,
    details: Array.isArray(details) ? details.flatMap(readDetail) : [],
  };
}

/** A code by name or by number. OK is none: it is an error that is being told. */
function readCode(value: JsValue | undefined): Code | undefined {
  const code = typeof value === "string" && Object.hasOwn(Code, value) ? Code[value as keyof typeof Code] : value;
  return typeof code === "number" && code !== Code.OK && Code[code] !== undefined ? code : undefined;
}

function readDetail(value: JsValue): readonly StatusDetail[] {
  const field = member(value, "field");
  const retryable = member(value, "retryable");
  switch (member(value, "type")) {
    case "badRequest":
      return typeof field === "string" ? [{ type: "badRequest", field }] : [];
    case "retryInfo":
      return typeof retryable === "boolean" ? [{ type: "retryInfo", retryable }] : [];
    default:
      return [];
  }
}

function member(value: JsValue | undefined, key: string): JsValue | undefined {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as { readonly [key: string]: JsValue })[key]
    : undefined;
}
