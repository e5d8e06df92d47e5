import { context, propagation, trace } from "@opentelemetry/api";
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

/**
 * Adds the SDK of OpenTelemetry for each test of a suite, with spans that are kept in memory. To be called before what
 * looks for timers that are left.
 */
export function useSpans(): Spans {
  const exporter = new InMemorySpanExporter();
  let provider: NodeTracerProvider | undefined;
  const all = () => exporter.getFinishedSpans();
  beforeEach(() => {
    exporter.reset();
    provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    provider.register();
  });
  afterEach(async () => {
    // The exporter has timers.
    await provider?.forceFlush();
    trace.disable();
    context.disable();
    propagation.disable();
  });
  const named = (name: string) => {
    const found = all().filter((span) => span.name === name);
    expect(found, `spans named ${name} among ${all().map((span) => span.name)}`).to.have.lengthOf(1);
    return found[0] as ReadableSpan;
  };
  const pathOf = (span: ReadableSpan): readonly string[] => {
    const { name, parentSpanContext } = span;
    if (parentSpanContext === undefined) {
      return [name];
    }
    const parent = all().find((other) => other.spanContext().spanId === parentSpanContext.spanId);
    return [name, ...(parent === undefined ? [parentSpanContext.spanId] : pathOf(parent))];
  };
  return {
    get all() {
      return all();
    },
    get names() {
      return all().map((span) => span.name);
    },
    named,
    path: (name) => pathOf(named(name)),
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
          status,
          events,
          links,
        ]),
      ),
  };
}
