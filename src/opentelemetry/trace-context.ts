import {
  type Context,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import type { BusMessage, TraceContext } from "../../gen/crossbus/v1/message_pb.js";
import type { AnyBusMessage } from "../bus/agent-bus.js";
import { LocalMessage } from "../message/local-message.js";
import { deliveredBy } from "../message/provenance.js";

/** What stands in the envelope may be a peer's, and of any length: whoever is longer says nothing that is used. */
const maxTraceparent = 512;

/**
 * The form of W3C Trace Context: version, trace, span and flags. Version 00 ends there, others may go on. The members
 * that hold nothing but zeros are left to `isSpanContextValid()`.
 */
const TRACEPARENT =
  /^(?:00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})|(?!00|ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-.*)?)$/;

/**
 * The OpenTelemetry context that a message carries, to go on with its trace where no agent does it by itself: with
 * `context.with()`, or as the parent of a span. It is the root context for a message that carries none, or one that isn't
 * well-formed.
 *
 * @example tracer.startActiveSpan("store", {}, messageContext(message), (span) => …);
 */
export function messageContext(message: AnyBusMessage): Context {
  const spanContext = message instanceof LocalMessage ? undefined : carriedSpan(message);
  return spanContext === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContext);
}

/** The span that the envelope of a message names, if it is well-formed. */
export function carriedSpan(message: BusMessage): SpanContext | undefined {
  const { traceparent, tracestate } = message.traceContext ?? {};
  const match = traceparent === undefined || traceparent.length > maxTraceparent ? null : TRACEPARENT.exec(traceparent);
  if (match === null) {
    return undefined;
  }
  const spanContext: SpanContext = {
    traceId: match[1] ?? match[4] ?? "",
    spanId: match[2] ?? match[5] ?? "",
    traceFlags: Number.parseInt(match[3] ?? match[6] ?? "", 16) & TraceFlags.SAMPLED,
    // What a sampler does about the wish of a peer is for the user to say.
    isRemote: deliveredBy(message) !== undefined,
  };
  if (!isSpanContextValid(spanContext)) {
    return undefined;
  }
  // It takes no more than the 512 characters and 32 members of the specification.
  return tracestate === undefined ? spanContext : { ...spanContext, traceState: createTraceState(tracestate) };
}

/**
 * What the envelope of a message says of a span. Undefined for a span that there is none of, and for one that the message
 * carries already, as it is where nobody has added an SDK: then the message stays as it is.
 */
export function toTraceContext(message: BusMessage, span: SpanContext | undefined): TraceContext | undefined {
  if (span === undefined || !isSpanContextValid(span)) {
    return undefined;
  }
  const carried = carriedSpan(message);
  if (carried?.spanId === span.spanId && carried.traceId === span.traceId) {
    return undefined;
  }
  const flags = (span.traceFlags & TraceFlags.SAMPLED) === 0 ? "00" : "01";
  const traceContext = {
    $typeName: "crossbus.v1.TraceContext",
    traceparent: `00-${span.traceId}-${span.spanId}-${flags}`,
  } as TraceContext;
  const tracestate = span.traceState?.serialize() ?? "";
  if (tracestate !== "") {
    traceContext.tracestate = tracestate;
  }
  return traceContext;
}

/** A copy of a message that carries a span: messages on a bus are shared. The message itself where nothing changes. */
export function withSpan(message: BusMessage, span: SpanContext | undefined): BusMessage {
  const traceContext = toTraceContext(message, span);
  return traceContext === undefined ? message : { ...message, traceContext };
}
