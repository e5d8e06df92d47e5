/** Two runners that are bridged over a WebSocket, as an application would write them. */
import {
  AgentRunner,
  type AnyBusMessage,
  BaseAgent,
  customMessage,
  Direction,
  type ForwardEntry,
  type Frame,
  frame,
  readCustom,
} from "crossbus";
import { WebSocketProxyClientAgent } from "crossbus/websocket";
import { listen, WebSocketProxyServerAgent } from "crossbus/websocket/server";
import { OrderSchema } from "./gen/shop/v1/order_pb.js";

const forwardMessages: readonly ForwardEntry[] = ["frame", OrderSchema];

class Echo extends BaseAgent {
  protected override onBusMessage(message: AnyBusMessage): void {
    const order = readCustom(message, OrderSchema);
    if (order !== undefined) {
      this.pushFrame(frame("text", { text: `ordered: ${order.item}` }), Direction.DOWNSTREAM);
    }
  }
}

class Shop extends BaseAgent<{ answer: [text: string] }> {
  readonly #bridge = this.createBridge({ targetAgent: "echo" });

  protected override onReady(): void {
    this.watchAgent("echo");
    this.activateAgent("proxy");
  }

  protected override onAgentReady(): void {
    this.#bridge.send(frame("llmText", { text: "hello" }), Direction.DOWNSTREAM);
  }

  protected override onBridgeFrame({ kind }: Frame): void {
    if (kind.case === "llmText") {
      this.send(customMessage(OrderSchema, { item: kind.value.text }, { target: "echo" }));
    } else if (kind.case === "text") {
      this.emit("answer", kind.value.text);
    }
  }
}

/** What the agent on the other side makes of an order. */
export async function order(): Promise<string> {
  const server = await listen({ port: 0 }, async (session) => {
    const runner = new AgentRunner({ handleSigint: false });
    const names = { agentName: "echo", remoteAgentName: "shop" };
    const proxy = new WebSocketProxyServerAgent("gateway", { session, forwardMessages, ...names });
    proxy.on("clientDisconnected", () => runner.cancel());
    await runner.addAgent(proxy);
    await runner.addAgent(new Echo("echo", { bridges: [] }));
    await runner.run();
  });
  const runner = new AgentRunner();
  const shop = new Shop("shop");
  const names = { localAgentName: "shop", remoteAgentName: "echo" };
  await runner.addAgent(shop);
  await runner.addAgent(new WebSocketProxyClientAgent("proxy", { url: server.address, forwardMessages, ...names }));
  let answer = "";
  shop.on("answer", (text) => {
    answer = text;
    runner.end();
  });
  await runner.run();
  await server.close();
  return answer;
}
