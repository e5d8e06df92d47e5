// For users.

export type { LLMContext, ToolsSchema } from "../gen/crossbus/v1/frame_kinds_pb.js";
export { Direction, type Frame } from "../gen/crossbus/v1/frame_pb.js";
export { type BusMessage, TaskStatus } from "../gen/crossbus/v1/message_pb.js";
export type { Struct, Value } from "../gen/crossbus/v1/value_pb.js";
export { Agent, type AgentOptions } from "./agent/agent.js";
export type { AgentContext } from "./agent/agent-context.js";
export type { AgentErrorInfo, AgentEvents } from "./agent/agent-hooks.js";
export { AgentRunner, type AgentRunnerEvents, type AgentRunnerOptions } from "./agent/agent-runner.js";
export { BaseAgent, type TaskStats } from "./agent/base-agent.js";
export type { Bridge, BridgeOptions } from "./agent/bridge.js";
export type { FrameContext } from "./agent/frame-call.js";
export type { HostedAgent } from "./agent/hosted-agent.js";
export { type AgentInfo, AgentRegistry, type AgentWatcher } from "./agent/registry.js";
export type {
  GroupOptions,
  Task,
  TaskEvent,
  TaskGroupResult,
  TaskOptions,
  TaskOutcome,
  TaskState,
  TypedTaskOptions,
} from "./agent/tasks/task.js";
export type {
  HandlerOptions,
  RespondOptions,
  TaskContext,
  TaskHandler,
  TaskStream,
} from "./agent/tasks/task-context.js";
export {
  defineTask,
  type PlainTask,
  type TaskInit,
  type TaskSchemas,
  type TaskType,
  type TaskValue,
} from "./agent/tasks/task-type.js";
export type { Tracing } from "./agent/tracing.js";
export { type Clock, systemClock } from "./base/clock.js";
export type { EventMap, Handler } from "./base/events.js";
export { consoleLogger, type LogFields, type Logger, silentLogger } from "./base/logger.js";
export type { LimitName } from "./base/over-limit.js";
export { Code, formatStatus, isRetryable, type Status, type StatusDetail, StatusError, status } from "./base/status.js";
export type { AgentBus, AnyBusMessage, BusEvents, BusSubscriber, QueueLimits } from "./bus/agent-bus.js";
export { type BusStats, InProcessBus, type InProcessBusOptions } from "./bus/in-process-bus.js";
export type { Peeked } from "./codec/codec.js";
export type { Dialect, DialectOptions } from "./codec/dialect.js";
export { busMessage, type Envelope, frame } from "./message/build.js";
export { withDirection, withSource, withTarget } from "./message/copy.js";
export { customMessage, readCustom } from "./message/custom.js";
export {
  type ForwardableCase,
  type ForwardEntry,
  type FrameKindEntry,
  frameKind,
  type PythonTypeEntry,
  TASKS,
} from "./message/forward.js";
export { LocalMessage } from "./message/local-message.js";
export { PIPECAT_FRAMES, pythonType } from "./message/python-type.js";
export type { BodyCase, BodyOf, FrameKind, FrameOf, Init } from "./message/types.js";
export {
  double,
  type JsValue,
  type StructInit,
  structToJs,
  toJs,
  toStruct,
  toValue,
  type ValueInit,
} from "./message/value.js";
export { connect, type SessionOptions } from "./proxy/connect.js";
export type { ReconnectOptions } from "./proxy/connector.js";
export type { LimitsReached } from "./proxy/limits/limit-counters.js";
export type { ServerLimits } from "./proxy/limits/server-limits.js";
export type { DenyRule } from "./proxy/policy.js";
export type { CrossingDirection, Denial, ProxyEvents, ProxyStats } from "./proxy/proxy-agent.js";
export {
  type BridgeClientOptions,
  ProxyClientAgent,
  type ProxyClientAgentOptions,
  type ProxyClientEvents,
} from "./proxy/proxy-client-agent.js";
export { ProxyServerAgent, type ProxyServerAgentOptions, type ProxyServerEvents } from "./proxy/proxy-server-agent.js";
export {
  type Relay,
  type RelayDenial,
  type RelayEvents,
  type RelayStats,
  relay,
} from "./proxy/relay.js";
export type { RelayDirection, RelayOptions } from "./proxy/relay-ways.js";
export {
  type DrainOptions,
  type ServeOptions,
  type Server,
  type ServerStats,
  type SessionHandler,
  serve,
} from "./proxy/serve.js";
export type { Session } from "./proxy/session.js";

// For people who write transports. What is not exported here, or by another entry point, is private.

export { closeCodes, closeCodeToStatus, closeReason, statusToCloseCode } from "./transport/close-codes.js";
export {
  type AcceptOptions,
  type Arrival,
  type Connection,
  type ConnectOptions,
  type Consumer,
  defaultMaxMessageBytes,
  type Listener,
  type Peer,
  type PeerCertificate,
  type Principal,
  type ServerTransport,
  type Transport,
} from "./transport/transport.js";
