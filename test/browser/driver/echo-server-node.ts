import { Direction, type Frame } from "../../../gen/crossbus/v1/frame_pb.js";
import { AgentRunner } from "../../../src/agent/agent-runner.js";
import { BaseAgent } from "../../../src/agent/base-agent.js";
import { silentLogger } from "../../../src/base/logger.js";
import { frame } from "../../../src/message/build.js";
import { type ListenOptions, listen, WebSocketProxyServerAgent } from "../../../src/websocket-server.js";

class Echo extends BaseAgent {
  say(text: string): void {
    this.pushFrame(frame("text", { text }), Direction.DOWNSTREAM);
  }

  protected override onFrame({ kind }: Frame): void {
    if (kind.case === "llmText") {
      this.say(`echo of ${kind.value.text}`);
    }
  }
}

/** A server whose agent "echo" answers the agent "visitor" of each page. */
export interface EchoServer extends AsyncDisposable {
  readonly address: string;
  /** What happened to the sessions, in order. */
  readonly events: readonly string[];
  /** Has the agent of each session say something by itself. */
  say(text: string): void;
}

/** Starts one. */
export async function startEcho(options: Partial<ListenOptions> = {}): Promise<EchoServer> {
  const events: string[] = [];
  const echoes = new Set<Echo>();
  const server = await listen({ logger: silentLogger, port: 0, ...options }, async (session) => {
    const runner = new AgentRunner({ handleSigint: false, logger: silentLogger });
    const names = { agentName: "echo", remoteAgentName: "visitor" };
    const proxy = new WebSocketProxyServerAgent("gateway", { session, forwardMessages: ["frame"], ...names });
    proxy.on("suspended", () => events.push("suspended"));
    proxy.on("resumed", () => events.push("resumed"));
    proxy.on("clientDisconnected", () => {
      events.push("gone");
      runner.cancel();
    });
    const echo = new Echo("echo", { active: false, bridges: [] });
    await runner.addAgent(proxy);
    await runner.addAgent(echo);
    events.push("session");
    echoes.add(echo);
    await runner.run();
    echoes.delete(echo);
  });
  return {
    address: server.address,
    events,
    say(text) {
      for (const echo of echoes) {
        echo.say(text);
      }
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
