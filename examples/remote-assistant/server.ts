/** Serves the Acme assistant to whoever connects: `npm run demo:server -- --port 8765`. */
import { AgentRunner } from "crossbus";
import { bearer, tokenTable } from "crossbus/auth";
import { listen, WebSocketProxyServerAgent } from "crossbus/websocket/server";
import { dialectHelp, main, readDialect, readOptions, readPort } from "../support/command-line.js";
import { AcmeAssistant } from "./acme-assistant.js";
import { chooseModel } from "./choose-model.js";

await main(async () => {
  const options = readOptions(
    "demo:server",
    'Serves the Acme assistant, "assistant", over WebSockets to the agent "acme" of whoever connects.',
    {
      port: { value: "N", help: "the port to listen at, 0 for any that is free (default 8765)" },
      token: { value: "SECRET", help: "the bearer token that clients must have (default: everybody may connect)" },
      origin: {
        value: "URL",
        multiple: true,
        help: "the origin of pages that may connect beside programs, such as https://app.example; may be repeated",
      },
      ...dialectHelp,
    },
  );
  const { model, description } = chooseModel(process.env);
  const port = readPort(options.port ?? "8765");

  const { forwardMessages, ...peer } = readDialect(options);

  const { token, origin: origins } = options;
  const authenticate =
    token === undefined ? undefined : bearer(tokenTable([{ token, principal: { name: "customer" } }]));

  const pages = origins === undefined ? {} : { origins, allowWithoutOrigin: true };

  await using server = await listen({ port, path: "/ws", authenticate, ...pages, ...peer }, async (session) => {
    // One runner, bus and set of agents per session: sessions don't know of each other.
    const runner = new AgentRunner({ handleSigint: false });
    const proxy = new WebSocketProxyServerAgent("gateway", {
      session,
      agentName: "assistant",
      remoteAgentName: "acme",
      forwardMessages,
    });
    proxy.on("clientConnected", () => console.error(`${session.peer.address} is connected`));
    // Once for each kind: a client decides how many there are.
    const told = new Set<string>();
    proxy.on("denied", ({ direction, rule, ...message }) => {
      const line = `the policy refused ${message.case} (${direction}, rule ${rule})`;
      if (!told.has(line)) {
        told.add(line);
        console.error(line);
      }
    });
    proxy.on("clientDisconnected", () => {
      console.error(`${session.peer.address} is gone`);
      runner.cancel();
    });
    await runner.addAgent(proxy);
    await runner.addAgent(new AcmeAssistant("assistant", model));
    await runner.run();
  });

  console.log(`listening on ${server.address}`);
  console.error(`the assistant answers from ${description}`);
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, resolve);
    }
  });
  return 0;
});
