/** Both agents on one bus. */
import { makeBoss } from "./crossbus-agents.js";
import type { DoTask } from "./task.js";

export function connect(): Promise<DoTask> {
  return makeBoss();
}
