/** Does one task, from the request to the response. */
export type DoTask = () => Promise<unknown>;

/** What does tasks, in another process or in this. */
export interface TaskMaker {
  /** Serves tasks. Returns where. Without it the client does all by itself. */
  serve?(): Promise<string>;
  connect(address: string): Promise<DoTask>;
}

/** What a task carries, either way. */
export const payload = { topic: "anvils", count: 3 };

export const taskName = "echo";

/** The names of the agents. */
export const bossName = "boss";
export const workerName = "worker";
