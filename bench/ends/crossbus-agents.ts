import { AgentRunner, BaseAgent, ProxyClientAgent, type Session, TASKS, type Transport } from "../../src/index.js";
import { WebSocketProxyServerAgent } from "../../src/websocket-server.js";
import { bossName, type DoTask, payload, taskName, workerName } from "./task.js";

/** An agent that answers with what it is given. */
function makeWorker(): BaseAgent {
  const worker = new BaseAgent(workerName);
  worker.handleTask(taskName, (task) => task.payload);
  return worker;
}

/** Serves the worker to one client. */
export async function serveWorker(session: Session): Promise<void> {
  const runner = new AgentRunner({ handleSigint: false });
  const names = { agentName: workerName, remoteAgentName: bossName };
  const proxy = new WebSocketProxyServerAgent("gateway", { session, ...names, forwardMessages: TASKS });
  proxy.on("clientDisconnected", () => runner.cancel());
  await runner.addAgent(proxy);
  await runner.addAgent(makeWorker());
  await runner.run();
}

/** An agent that has tasks done by the worker on its bus, or by the one behind a transport. */
export async function makeBoss(transport?: Transport): Promise<DoTask> {
  const runner = new AgentRunner({ handleSigint: false });
  const boss = new BaseAgent(bossName);
  await runner.addAgent(boss);
  if (transport === undefined) {
    await runner.addAgent(makeWorker());
  } else {
    const names = { localAgentName: bossName, remoteAgentName: workerName };
    await runner.addAgent(
      new ProxyClientAgent("proxy", { transport, ...names, forwardMessages: TASKS, dialect: "protobuf" }),
    );
    boss.activateAgent("proxy");
  }
  void runner.run();
  return async () => boss.requestTask(workerName, { name: taskName, payload });
}
