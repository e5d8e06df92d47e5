import { context, propagation, type SpanKind, type SpanStatus, trace } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { expect } from "chai";
import { afterEach, beforeEach } from "mocha";

/** The spans that a test has made. */
export interface Spans {
  /** Those that have ended, in that order. */
  readonly all: readonly ReadableSpan[];
  /** The names of all. */
  readonly names: readonly string[];
  /** The one of that name. */
  named(name: string): ReadableSpan;
  /** The names of a span and of those that it is in, the innermost first. */
  path(name: string): readonly string[];
  /** Calls something within a new span of the test's own. */
  within<T>(name: string, part: () => T): T;
  /** All that a span tells, as text. */
  text(): string;
}

/** Adds the SDK of OpenTelemetry for each test of a suite, with spans that are kept in memory. */
export function useSpans(): Spans {
  const exporter = new InMemorySpanExporter();
  const all = () => exporter.getFinishedSpans();
  beforeEach(() => {
    exporter.reset();
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  });
  afterEach(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  const named = (name: string) => {
    const found = all().filter((span) => span.name === name);
    expect(found, `spans named ${name} among ${all().map((span) => span.name)}`).to.have.lengthOf(1);
    return found[0] as ReadableSpan;
  };
  const path = (name: string): readonly string[] => {
    const { parentSpanContext } = named(name);
    const parent = all().find((span) => span.spanContext().spanId === parentSpanContext?.spanId);
    return parentSpanContext === undefined ? [name] : [name, ...path(parent?.name ?? parentSpanContext.spanId)];
  };
  return {
    get all() {
      return all();
    },
    get names() {
      return all().map((span) => span.name);
    },
    named,
    path,
    within: (name, part) =>
      trace.getTracer("test").startActiveSpan(name, (span) => {
        try {
          return part();
        } finally {
          span.end();
        }
      }),
    text: () =>
      JSON.stringify(
        all().map(({ name, attributes, status, events, links }): readonly unknown[] => [
          name,
          attributes,
          status satisfies SpanStatus,
          events,
          links,
        ]),
      ),
  };
}

/** What of a span a test looks at. */
export function facts({ kind, status, attributes }: ReadableSpan): {
  readonly kind: SpanKind;
  readonly status: SpanStatus;
  readonly attributes: Readonly<Record<string, unknown>>;
} {
  return { kind, status, attributes };
}
