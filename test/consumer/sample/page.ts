/** An application in a page: an agent that talks to the one at the other end of a bridge. */
import { AgentRunner, BaseAgent, Direction, type Frame, formatStatus, frame } from "crossbus";
import { WebSocketProxyClientAgent } from "crossbus/websocket";

/** What happened, for who looks at the page. */
const events: string[] = [];

class Visitor extends BaseAgent {
  readonly #bridge = this.createBridge({ targetAgent: "echo" });

  say(text: string): void {
    this.#bridge.send(frame("llmText", { text }), Direction.DOWNSTREAM);
  }

  protected override onReady(): void {
    this.watchAgent("echo");
    this.activateAgent("proxy");
  }

  protected override onAgentReady(): void {
    this.activateAgent("echo");
    events.push("ready");
  }

  protected override onBridgeFrame({ kind }: Frame): void {
    if (kind.case === "text") {
      events.push(kind.value.text);
    }
  }
}

const url = new URLSearchParams(location.search).get("server") ?? "";
const runner = new AgentRunner();
const visitor = new Visitor("visitor");
const proxy = new WebSocketProxyClientAgent("proxy", {
  url,
  localAgentName: "visitor",
  remoteAgentName: "echo",
  forwardMessages: ["frame"],
  // Longer than anybody waits for a test: what is tried again after a failure is so because the page goes on.
  reconnect: { initialDelayMs: 3_600_000, maxDelayMs: 3_600_000 },
});
proxy.on("suspended", () => events.push("suspended"));
proxy.on("resumed", () => events.push("resumed"));
proxy.on("disconnected", (why) => events.push(`disconnected: ${formatStatus(why)}`));
proxy.on("connectFailed", () => events.push("connectFailed"));
Object.assign(globalThis, { events, say: (text: string) => visitor.say(text) });
await runner.addAgent(visitor);
await runner.addAgent(proxy);
void runner.run();
