import { type Guard, guardsOf } from "../guard.js";

const tests = ["tracing", "trace-context"].map((name) => `test/opentelemetry/${name}-node.test.ts`);

/** That spans have the right parents and say nothing of what messages say, and that messages on a bus stay as they are. */
export const opentelemetryGuards: readonly Guard[] = [
  ...guardsOf("src/opentelemetry/trace-context.ts", tests, [
    {
      find: "traceparent === undefined || traceparent.length > maxTraceparent ? null",
      replace: "traceparent === undefined ? null",
      why: "a peer could have a megabyte read as a trace",
    },
    {
      find: "  if (!isSpanContextValid(spanContext)) {\n    return undefined;\n  }\n",
      replace: "",
      why: "a trace of zeros would count",
    },
    {
      find: "isRemote: deliveredBy(message) !== undefined,",
      replace: "isRemote: false,",
      why: "samplers could not tell the wish of a peer",
    },
    {
      find: "  if (carried?.spanId === span.spanId && carried.traceId === span.traceId) {\n    return undefined;\n  }\n",
      replace: "",
      why: "without an SDK messages would be changed on their way",
    },
    {
      find: "traceContext === undefined ? message : { ...message, traceContext };",
      replace: "traceContext === undefined ? message : Object.assign(message, { traceContext });",
      why: "a message that others on the bus have too would be changed",
    },
  ]),
  ...guardsOf("src/opentelemetry/tracing.ts", tests, [
    {
      find: 'if (body.case === "frame" && (isDroppable(message) || trace.getSpanContext(parent) === undefined)) {',
      replace: 'if (body.case === "frame" && trace.getSpanContext(parent) === undefined) {',
      why: "every piece of audio would have spans",
    },
    {
      find: 'if (body.case === "frame" && (isDroppable(message) || trace.getSpanContext(parent) === undefined)) {',
      replace: 'if (body.case === "frame" && isDroppable(message)) {',
      why: "every frame would be a trace of its own",
    },
    {
      find: "const title = task.isKnown ? task.name : undefined;",
      replace: "const title = task.name;",
      why: "a peer could make any number of names of spans",
    },
    {
      find: "return text.slice(0, maxText);",
      replace: "return text;",
      why: "a peer could have a megabyte kept with each span",
    },
    {
      find: "  span.setStatus({ code: SpanStatusCode.ERROR });",
      replace: '  span.setStatus({ code: SpanStatusCode.ERROR, message: "failed" });',
      why: "spans would say more of an error than its code",
    },
    {
      find: "      message.traceContext = traceContext;",
      replace: "      traceContext.traceparent += traceContext.traceparent;",
      why: "who handles a message would not be part of its arrival",
    },
  ]),
  ...guardsOf("src/agent/agent-lifecycle.ts", tests, [
    {
      find: ": (message) => tracing.run(message, () => this.#handle(message)),",
      replace: ": (message) => this.#handle(message),",
      why: "agents would go on with the trace of whoever had the bus run",
    },
  ]),
  ...guardsOf("src/agent/tasks/task-worker.ts", tests, [
    {
      find: "trace.run(() => this.#begin(message, body, key, trace));",
      replace: "this.#begin(message, body, key, trace);",
      why: "what a handler does would not be part of its task",
    },
  ]),
  ...guardsOf("src/agent/tasks/task-requester.ts", tests, [
    {
      find: "this.#owner.outbox.send(trace?.stamp(cancel) ?? cancel, agentName",
      replace: "this.#owner.outbox.send(cancel, agentName",
      why: "a cancel would not be part of its task",
    },
  ]),
  ...guardsOf("src/proxy/proxy-agent.ts", tests, [
    {
      find: "      news.traceContext = lost.traceContext;\n",
      replace: "",
      why: "the refusal of a request would be a trace of its own",
    },
  ]),
];
