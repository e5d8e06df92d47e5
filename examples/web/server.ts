/** A page whose agent runs in the browser: `npm run demo:web -- --port 8080`. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Code, StatusError } from "crossbus";
import { listen } from "crossbus/websocket/server";
import { chooseModel } from "../remote-assistant/choose-model.js";
import { main, readOptions, readPort } from "../support/command-line.js";
import { answerRequests, answerUpgrades, ourHosts } from "./http-door.js";
import { OpenPages } from "./open-pages.js";
import { pageFiles, pageTemplate } from "./page-files.js";
import { relayTo, serveAssistant } from "./sessions.js";

const dialects = ["pipecat", "pipecat-subagents", "protobuf"] as const;

await main(async () => {
  const options = readOptions(
    "demo:web",
    "Serves a page in which you talk to the Acme assistant, and see what crosses between its bus and the server's.",
    {
      port: { value: "N", help: "the port to listen at, 0 for any that is free (default 8080)" },
      peer: { value: "URL", help: "another assistant, that the page can switch to, such as ws://127.0.0.1:8765/ws" },
      dialect: { value: "NAME", help: "what that one speaks: pipecat (default), pipecat-subagents or protobuf" },
      "peer-version": { value: "V", help: "the release of the Python package that it runs, such as 1.14.0" },
    },
  );
  const port = readPort(options.port ?? "8080");
  const peer = readPeer(options.peer, options.dialect, options["peer-version"]);
  const { model, description } = chooseModel(process.env);
  const pages = new OpenPages();
  const [files, template] = await Promise.all([pageFiles(), pageTemplate()]);

  const http = createServer();
  using _ = await listening(http, port);
  const own = (http.address() as AddressInfo).port;
  const inside = { port: 0, path: "/ws", origins: ourHosts(own).map((host) => `http://${host}`) };
  await using assistant = await listen(inside, serveAssistant(pages, model));
  const webSockets = new Map([["/ws", portOf(assistant.address)]]);
  await using away =
    peer === undefined
      ? undefined
      : await listen(
          { ...inside, dialect: peer.dialect, peerVersion: peer.version },
          relayTo(pages, peer.url, peer.dialect),
        );
  if (away !== undefined) {
    webSockets.set("/ws/peer", portOf(away.address));
  }

  const config = { assistant: description.replace(/ \(.*/, ""), peer };
  const served = { pages, files, template, config, webSockets };
  http.on("request", answerRequests(served)).on("upgrade", answerUpgrades(served));
  console.log(`open http://127.0.0.1:${own}/ in a browser`);
  console.error(`the assistant answers from ${description}`);
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, resolve);
    }
  });
  return 0;
});

function readPeer(url: string | undefined, dialect: string | undefined, version: string | undefined) {
  if (url === undefined) {
    if (dialect !== undefined || version !== undefined) {
      const given = dialect === undefined ? "peer-version" : "dialect";
      throw new StatusError(Code.INVALID_ARGUMENT, `--${given}: is about another assistant; give its --peer too`);
    }
    return undefined;
  }
  const known = dialects.find((name) => name === (dialect ?? "pipecat"));
  if (known === undefined) {
    const names = dialects.join(", ");
    throw new StatusError(Code.INVALID_ARGUMENT, `--dialect: must be one of ${names}, got ${JSON.stringify(dialect)}`);
  }
  return { url, dialect: known, version };
}

function portOf(address: string): number {
  return Number(new URL(address).port);
}

/** Resolves once a server listens, at this machine alone, with what closes it. Rejects with a status that says why it can't. */
async function listening(server: Server, port: number): Promise<Disposable> {
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "is taken; choose another port" : `can't be used: ${code}`;
    throw new StatusError(code === "EADDRINUSE" ? Code.ALREADY_EXISTS : Code.UNAVAILABLE, `port ${port} ${why}`);
  }
  return {
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
