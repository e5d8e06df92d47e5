/** Serves many clients at once, and counts what comes from all of them. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { AgentRunner, type AnyBusMessage, BaseAgent } from "../../src/index.js";
import { listen, WebSocketProxyServerAgent, WebSocketServerTransport } from "../../src/websocket-server.js";
import { unlimited } from "../harness/unlimited.js";
import { clientName, serverName } from "./pipe.js";

/** How much of a session there is: its socket, its connection, or all of it. */
export type SessionKind = "raw ws" | "transport" | "crossbus";

interface Count {
  sessions: number;
  frames: number;
}

/** What a server tells. */
export interface SessionsServer {
  where(): string;
  /** How many sessions there are by now, and how many frames have come. */
  count(): Readonly<Count>;
}

export async function open({ kind }: { readonly kind: SessionKind }): Promise<SessionsServer> {
  const count = { sessions: 0, frames: 0 };
  const address = await serve[kind](count);
  return { where: () => address, count: () => count };
}

const serve: Readonly<Record<SessionKind, (count: Count) => Promise<string>>> = {
  async "raw ws"(count) {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false, clientTracking: false });
    server.on("connection", (socket) => {
      count.sessions++;
      socket.on("message", () => {
        count.frames++;
      });
    });
    await once(server, "listening");
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
  async transport(count) {
    const { address } = await new WebSocketServerTransport({ port: 0 }).listen((connection) => {
      count.sessions++;
      connection.receive({
        message() {
          count.frames++;
        },
      });
    });
    return address;
  },
  async crossbus(count) {
    const { address } = await listen({ port: 0, dialect: "protobuf", limits: unlimited }, async (session) => {
      const runner = new AgentRunner({ handleSigint: false });
      const names = { agentName: serverName, remoteAgentName: clientName };
      const proxy = new WebSocketProxyServerAgent("gateway", { session, ...names, forwardMessages: ["frame"] });
      proxy.on("clientDisconnected", () => runner.cancel());
      runner.on("ready", () => {
        count.sessions++;
      });
      await runner.addAgent(proxy);
      await runner.addAgent(new Listener(count));
      await runner.run();
    });
    return address;
  },
};

class Listener extends BaseAgent {
  readonly #count: Count;

  constructor(count: Count) {
    super(serverName);
    this.#count = count;
  }

  protected override onBusMessage({ body }: AnyBusMessage): void {
    if (body.case === "frame") {
      this.#count.frames++;
    }
  }
}
