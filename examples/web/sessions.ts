import { AgentRunner, Code, connect, PIPECAT_FRAMES, relay, type Session, status } from "crossbus";
import { Tap } from "crossbus/inspect";
import type { LLMAgentOptions } from "crossbus/llm";
import { WebSocketTransport } from "crossbus/websocket";
import { WebSocketProxyServerAgent } from "crossbus/websocket/server";
import { EchoingAssistant } from "./assistant.js";
import { type OpenPage, type OpenPages, showTap } from "./open-pages.js";
import { pageHeader } from "./tcp-door.js";

const names = { agentName: "assistant", remoteAgentName: "acme", forwardMessages: PIPECAT_FRAMES };

/** Serves the assistant to a page, with a runner, a bus and a tap of the session's own. */
export function serveAssistant(pages: OpenPages, model: LLMAgentOptions["model"]) {
  return async (session: Session): Promise<void> => {
    const page = await pageOf(pages, session);
    if (page === undefined) {
      return;
    }
    const runner = new AgentRunner({ handleSigint: false });
    const proxy = new WebSocketProxyServerAgent("gateway", { session, ...names });
    const tap = new Tap({ name: "server" });
    tap.watchBus(runner.bus);
    tap.watchProxy(proxy);
    const hide = showTap(page, tap);
    proxy.on("clientDisconnected", () => runner.cancel());
    await runner.addAgent(proxy);
    await runner.addAgent(new EchoingAssistant("assistant", model));
    await runner.run();
    hide();
  };
}

/** Joins a page with an assistant elsewhere, which speaks the page's dialect. Here is no bus: the relay has the tap. */
export function relayTo(pages: OpenPages, url: string, dialect: "pipecat" | "pipecat-subagents" | "protobuf") {
  const server = new WebSocketTransport({ url });
  return async (session: Session): Promise<void> => {
    const page = await pageOf(pages, session);
    if (page === undefined) {
      return;
    }
    await using back = await connect(server, { dialect }).catch(() => undefined);
    if (back === undefined) {
      await session.close(status(Code.UNAVAILABLE, "the assistant can't be reached"));
      return;
    }
    const joined = relay(session, back, names);
    const tap = new Tap({ name: "relay" });
    tap.watchRelay(joined, "relay");
    const hide = showTap(page, tap);
    await joined.closed;
    hide();
  };
}

/** The page that a session is of. One that didn't come through the door is refused. */
async function pageOf(pages: OpenPages, session: Session): Promise<OpenPage | undefined> {
  const page = pages.find(session.peer.metadata.get(pageHeader) ?? "");
  if (page === undefined) {
    await session.close(status(Code.PERMISSION_DENIED, "only the page of the demo may connect"));
  }
  return page;
}
