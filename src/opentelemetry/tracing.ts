import { type Attributes, type Context, context, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { TaskTrace, TracedTask, Tracing } from "../agent/tracing.js";
import { Code, toStatusError } from "../base/status.js";
import { isDroppable } from "../message/traits.js";
import { carriedSpan, messageContext, toTraceContext, withSpan } from "./trace-context.js";

/** As long as an agent's name may be. What a peer says of itself may be longer, and would be kept with each span. */
const maxText = 256;

/**
 * Makes spans of what the agents and proxies of a runner do: one for a task at its requester, one at its worker, one for a
 * message that leaves over a link and one where it arrives, each the child of the one before. Agents handle a message with
 * its trace active, and what they send meanwhile carries that on. Spans have names and sizes as attributes, and never what
 * a message says.
 *
 * Frames get spans where they are part of a trace already, and media none, however many there are. Until an SDK is added
 * nothing is made, and what messages carry is left as it is.
 */
export const tracing: Tracing = {
  run: (message, handler) => context.with(messageContext(message), handler),

  stamp: (message) =>
    carriedSpan(message) === undefined ? withSpan(message, trace.getSpanContext(context.active())) : message,

  send(message, proxy, send) {
    const span = crossing("send", SpanKind.PRODUCER, message, proxy);
    if (span === undefined) {
      return send(message);
    }
    return finishing(span, () => {
      const bytes = send(withSpan(message, span.spanContext()));
      span.setAttribute("messaging.message.envelope.size", bytes);
      return bytes;
    });
  },

  receive(message, proxy, bytes, deliver) {
    const span = crossing("receive", SpanKind.CONSUMER, message, proxy);
    if (span === undefined) {
      deliver();
      return;
    }
    span.setAttribute("messaging.message.envelope.size", bytes);
    const traceContext = toTraceContext(message, span.spanContext());
    if (traceContext !== undefined) {
      message.traceContext = traceContext;
    }
    finishing(span, deliver);
  },

  taskRequested: (task) => taskTrace(`crossbus request ${task.name ?? "task"}`, task, context.active()),

  taskReceived(task, request) {
    const title = task.isKnown ? task.name : undefined;
    return taskTrace(`crossbus handle ${title ?? "task"}`, task, messageContext(request));
  },
};

/** A span for a message that crosses a link; undefined for one that gets none. */
function crossing(operation: "send" | "receive", kind: SpanKind, message: BusMessage, proxy: string): Span | undefined {
  const { source, target, body } = message;
  const parent = messageContext(message);
  if (body.case === "frame" && (isDroppable(message) || trace.getSpanContext(parent) === undefined)) {
    return undefined;
  }
  const attributes: Attributes = {
    "messaging.system": "crossbus",
    "messaging.operation.name": operation,
    "messaging.operation.type": operation,
    "messaging.destination.name": target,
    "messaging.client.id": proxy,
    "crossbus.source": source,
    "crossbus.target": target,
    "crossbus.case": body.case,
    "crossbus.frame_kind": body.case === "frame" ? body.value.frame?.kind.case : undefined,
  };
  return tracer().startSpan(`crossbus ${operation} ${body.case}`, { kind, attributes }, parent);
}

function taskTrace(title: string, task: TracedTask, parent: Context): TaskTrace {
  const attributes = {
    "crossbus.source": task.requester,
    "crossbus.target": task.workers.length === 1 ? task.workers[0] : task.workers.slice(),
    "crossbus.task.id": short(task.id),
    "crossbus.task.name": task.name === undefined ? undefined : short(task.name),
  };
  const span = tracer().startSpan(title, { attributes }, parent);
  const within = trace.setSpan(parent, span);
  return {
    run: (part) => context.with(within, part),
    stamp: (message) => withSpan(message, span.spanContext()),
    end(code) {
      if (code !== Code.OK) {
        failed(span, code);
      }
      span.end();
    },
  };
}

/** Does what a span is about, and ends it. */
function finishing<T>(span: Span, action: () => T): T {
  try {
    return action();
  } catch (error) {
    failed(span, toStatusError(error).code);
    throw error;
  } finally {
    span.end();
  }
}

/** Without the message of the error, which may name any value. */
function failed(span: Span, code: Code): void {
  span.setAttribute("error.type", Code[code] ?? `${code}`);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function short(text: string): string {
  return text.slice(0, maxText);
}

/** Asked for each time: an SDK may be added, or taken away, at any time. */
function tracer() {
  return trace.getTracer("crossbus");
}
