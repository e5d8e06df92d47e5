/**
 * Lets those who have the token talk to a server that asks nobody for one: `npm run example:gateway` starts it in front
 * of the Acme assistant. With `--dialect pipecat` that may be one in Python, `examples/python-peer/assistant.py` say.
 */
import { Code, connect, formatStatus, relay, StatusError, status } from "crossbus";
import { bearer, tokenTable } from "crossbus/auth";
import { WebSocketTransport } from "crossbus/websocket";
import { listen } from "crossbus/websocket/server";
import { dialectHelp, main, printable, readDialect, readOptions, readPort } from "../support/command-line.js";

await main(async () => {
  const options = readOptions("example:gateway", "Lets those who have GATEWAY_TOKEN talk to a server behind it.", {
    port: { value: "N", help: "the port to listen at, 0 for any that is free (default 8766)" },
    back: { value: "URL", help: "where the server is (default ws://127.0.0.1:8765/ws)" },
    dialect: { value: "NAME", help: "what both sides speak: protobuf (default), pipecat or pipecat-subagents" },
    "python-type": dialectHelp["python-type"],
  });
  const { GATEWAY_TOKEN: token = "" } = process.env;
  if (token === "") {
    throw new StatusError(Code.INVALID_ARGUMENT, "GATEWAY_TOKEN: must be set to the token that clients send");
  }
  const authenticate = bearer(tokenTable([{ token, principal: { name: "customer" } }]));
  const { dialect, forwardMessages } = readDialect(options);
  const server = new WebSocketTransport({ url: options.back ?? "ws://127.0.0.1:8765/ws" });

  await using gateway = await listen(
    { port: readPort(options.port ?? "8766"), path: "/ws", dialect, authenticate },
    async (front) => {
      const { address } = front.peer;
      await using back = await connect(server, { dialect }).catch(() => undefined);
      if (back === undefined) {
        console.log(`the server can't be reached for ${address}`);
        await front.close(status(Code.UNAVAILABLE, "the server behind the gateway can't be reached"));
        return;
      }
      console.log(`${address} has the token, and is let in`);
      const joined = relay(front, back, { agentName: "assistant", remoteAgentName: "acme", forwardMessages });
      const ended = await joined.closed;
      const { crossedToBack, crossedToFront, denied } = joined.stats;
      const counts = `${crossedToBack} messages in, ${crossedToFront} out, ${denied} refused`;
      console.log(printable(`${address} is gone (${formatStatus(ended)}): ${counts}`));
    },
  );

  console.log(`listening on ${gateway.address}`);
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, resolve);
    }
  });
  return 0;
});
