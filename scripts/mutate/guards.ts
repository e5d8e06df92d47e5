import type { Guard } from "./guard.js";
import { agentGuards } from "./guards/agent.js";
import { announcerGuards } from "./guards/announcer.js";
import { authGuards } from "./guards/auth.js";
import { baseGuards } from "./guards/base.js";
import { busGuards } from "./guards/bus.js";
import { codecGuards } from "./guards/codec.js";
import { conversationGuards } from "./guards/conversation.js";
import { dialectGuards } from "./guards/dialects.js";
import { doorGuards } from "./guards/door.js";
import { hotGuards } from "./guards/hot.js";
import { inspectGuards } from "./guards/inspect.js";
import { limitGuards } from "./guards/limits.js";
import { linkGuards } from "./guards/link.js";
import { livenessGuards } from "./guards/liveness.js";
import { llmGuards } from "./guards/llm.js";
import { messageGuards } from "./guards/message.js";
import { opentelemetryGuards } from "./guards/opentelemetry.js";
import { peekGuards } from "./guards/peek.js";
import { pipecatGuards } from "./guards/pipecat.js";
import { pipecatWireGuards } from "./guards/pipecat-wire.js";
import { policyGuards } from "./guards/policy.js";
import { proxyGuards } from "./guards/proxy.js";
import { queueGuards } from "./guards/queues.js";
import { relayGuards } from "./guards/relay.js";
import { resumableLinkGuards } from "./guards/resumable-link.js";
import { taskGuards } from "./guards/tasks.js";
import { testingGuards } from "./guards/testing.js";
import { wakeGuards } from "./guards/wake.js";

/** All guards, the ones that matter most first. */
export const guards: readonly Guard[] = [
  ...policyGuards,
  ...doorGuards,
  ...proxyGuards,
  ...announcerGuards,
  ...baseGuards,
  ...authGuards,
  ...relayGuards,
  ...peekGuards,
  ...codecGuards,
  ...hotGuards,
  ...pipecatGuards,
  ...pipecatWireGuards,
  ...dialectGuards,
  ...limitGuards,
  ...linkGuards,
  ...resumableLinkGuards,
  ...livenessGuards,
  ...inspectGuards,
  ...queueGuards,
  ...busGuards,
  ...messageGuards,
  ...agentGuards,
  ...taskGuards,
  ...conversationGuards,
  ...llmGuards,
  ...opentelemetryGuards,
  ...testingGuards,
  ...wakeGuards,
];
