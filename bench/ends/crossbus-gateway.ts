/** This package: a relay. A message that it denies it logs, and is waited for in vain. */
import { connect, relay, TASKS } from "../../src/index.js";
import { WebSocketTransport } from "../../src/websocket.js";
import { listen } from "../../src/websocket-server.js";
import { unlimited } from "../harness/unlimited.js";
import { clientName, serverName } from "./pipe.js";

export async function serve(url: string): Promise<string> {
  const back = await connect(new WebSocketTransport({ url }), { dialect: "protobuf" });
  const { address } = await listen({ port: 0, dialect: "protobuf", limits: unlimited }, async (front) => {
    const names = { agentName: serverName, remoteAgentName: clientName };
    await relay(front, back, { ...names, forwardMessages: ["frame", ...TASKS] }).closed;
  });
  return address;
}
