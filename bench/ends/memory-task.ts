/** Two buses in one process, with a bridge in memory. */
import { serve as serveSessions } from "../../src/index.js";
import { MemoryTransport } from "../../src/memory.js";
import { unlimited } from "../harness/unlimited.js";
import { makeBoss, serveWorker } from "./crossbus-agents.js";
import type { DoTask } from "./task.js";

export async function connect(): Promise<DoTask> {
  const transport = new MemoryTransport();
  await serveSessions(transport, serveWorker, { dialect: "protobuf", limits: unlimited });
  return makeBoss(transport);
}
