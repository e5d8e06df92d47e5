export { messageContext } from "./opentelemetry/trace-context.js";
export { tracing } from "./opentelemetry/tracing.js";
