import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { WebSocket } from "ws";
import { ExampleProcess } from "../support/example-process.js";
import { requireTerminal } from "../support/terminal.js";

/** A process of the example. */
class Example extends ExampleProcess {
  constructor(
    file: string,
    args: readonly string[] = [],
    environment: NodeJS.ProcessEnv = {},
    wrap: (line: readonly string[]) => readonly string[] = (line) => line,
  ) {
    super(wrap([process.execPath, "--import=tsx", `examples/remote-assistant/${file}`, ...args]), environment);
    running.push(this);
  }
}

const running: Example[] = [];

/** Starts a server of its own, and returns it with its address. */
async function startServer(environment: NodeJS.ProcessEnv = {}, ...args: readonly string[]) {
  const server = new Example("server.ts", ["--port", "0", ...args], environment);
  const [, url = ""] = await server.printed(/^listening on (ws:\/\/127\.0\.0\.1:\d+\/ws)$/m);
  return { server, url };
}

/** A server like OpenAI's, which says "Fuel extra." to everything. It never gets to "extra" where `hangsAt` matches. */
async function startModel(hangsAt?: RegExp) {
  const requests: string[] = [];
  const model = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) {
      body += chunk;
    }
    requests.push(`${request.headers.authorization} ${request.url} ${body}`);
    response.setHeader("content-type", "text/event-stream");
    const write = (delta: object, finish_reason: string | null) => {
      const choices = [{ index: 0, delta, finish_reason }];
      const chunk = { id: "1", object: "chat.completion.chunk", created: 1, model: "m", choices };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    };
    write({ role: "assistant", content: "Fuel" }, null);
    if (hangsAt?.test(body) === true) {
      return;
    }
    write({ role: "assistant", content: " extra." }, null);
    write({}, "stop");
    response.end("data: [DONE]\n\n");
  });
  model.listen(0, "127.0.0.1");
  await once(model, "listening");
  const { port } = model.address() as AddressInfo;
  return {
    requests,
    environment: {
      OPENAI_API_KEY: "secret-key",
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENAI_MODEL: "tiny",
    },
    [Symbol.dispose]() {
      model.close();
      model.closeAllConnections();
    },
  };
}

describe("the example remote-assistant", function () {
  this.timeout(60_000);

  afterEach(async () => {
    for (const example of running.splice(0)) {
      example.process.kill("SIGKILL");
      await example.exitCode();
    }
  });

  describe("demo", () => {
    it("plays a conversation, shows what crossed and what the policy refused, and exits with 0", async () => {
      const demo = new Example("demo.ts");
      demo.process.stdin?.end();
      expect(await demo.exitCode(), demo.stderr).to.equal(0);
      const told = [...demo.stdout.matchAll(/^client \| (?!crossbus: )(.*)$/gm)].map(([, line = ""]) =>
        line.replace(/ x \d+/, " x N").replace(/\d+ bytes/, "N bytes"),
      );
      const reply = [
        "crossed <-- frame llmFullResponseStart (N bytes)",
        "crossed <-- frame llmText x N (N bytes)",
        "crossed <-- frame llmFullResponseEnd (N bytes)",
      ];
      expect(told.slice(0, -1)).to.deep.equal([
        "assistant: Welcome to Acme! I'm the shop's assistant. What can I do for you?",
        "crossed --> activateAgent (N bytes)",
        "crossed <-- frame llmMessagesAppend (N bytes)",
        "crossed --> frame llmContext upstream (N bytes)",
        ...reply,
        "the policy refused taskRequest from acme to assistant (out, rule case)",
        "you: What do your rocket skates cost?",
        "assistant: Our rocket skates are 149 dollars a pair, fuel not included. Please don't use them near cliffs.",
        "crossed --> frame llmContext (N bytes)",
        ...reply,
        "you: Can I return an anvil?",
        "assistant: You can return anything within 30 days, as long as it hasn't gone off.",
        "crossed --> frame llmContext (N bytes)",
        ...reply,
        "you: Thanks, bye!",
        "assistant: You're welcome. Mind the anvils on your way out!",
        "crossed --> frame llmContext (N bytes)",
        ...reply,
      ]);
      expect(told.at(-1)).to.match(/^crossed: 5 messages out, \d+ in; the policy refused 1$/);
      expect(demo.stdout).to.match(/answers from a small offline responder/);
    });

    it("exits with 0 and without a stack trace at SIGINT", async () => {
      const demo = new Example("demo.ts");
      await demo.printed(/assistant: Welcome/);
      demo.process.kill("SIGINT");
      expect(await demo.exitCode()).to.equal(0);
      expect(demo.stdout + demo.stderr).not.to.match(/^\s+at /m);
    });
  });

  describe("demo on a terminal", () => {
    it("exits with 0 and says nothing at Ctrl-C in the middle of a reply", async function () {
      const wrap = requireTerminal(this);
      using model = await startModel(/hours\?/);
      const demo = new Example("demo.ts", [], model.environment, wrap);
      await demo.printed(/you: /);
      demo.process.stdin?.write("hours?\r");
      await demo.printed(/hours\?\s+assistant: Fuel$/);
      demo.process.stdin?.write("\x03");
      expect(await demo.exitCode(), demo.stdout).to.equal(0);
      expect(demo.stdout).not.to.match(/there was no reply/);
      expect(demo.stdout).not.to.match(/^\s+at /m);
    });
  });

  describe("server and client", () => {
    it("talk: a reply to each line of standard input, and 0 at its end", async () => {
      const { server, url } = await startServer();
      const client = new Example("client.ts", ["--url", url]);
      client.process.stdin?.end("Do you have anvils?\n\nbye\n");
      expect(await client.exitCode(), client.stderr).to.equal(0);
      expect(client.stdout.split("\n").map((line) => line.slice(0, 24))).to.deep.equal([
        "assistant: Welcome to Ac",
        "you: Do you have anvils?",
        "assistant: Anvils come i",
        "you: bye",
        "assistant: You're welcom",
        "",
      ]);
      server.process.kill("SIGINT");
      expect(await server.exitCode(), server.stderr).to.equal(0);
      expect(server.stdout).to.equal(`listening on ${url}\n`);
    });

    it("serve several customers, each with a session of their own", async () => {
      const { url } = await startServer();
      const clients = ["rockets?", "portable holes?"].map((line) => {
        const client = new Example("client.ts", ["--url", url]);
        client.process.stdin?.end(`${line}\n`);
        return client;
      });
      expect(await Promise.all(clients.map((client) => client.exitCode()))).to.deep.equal([0, 0]);
      expect(clients[0]?.stdout)
        .to.match(/rocket skates/)
        .and.not.match(/portable hole is/);
      expect(clients[1]?.stdout)
        .to.match(/portable hole is/)
        .and.not.match(/rocket skates/);
    });

    for (const spoken of [[], ["--dialect", "pipecat"]]) {
      it(`know each other by a token${spoken.length > 0 ? ", also over a plain link" : ""}`, async () => {
        const { url } = await startServer({}, "--token", "sesame", ...spoken);
        const stranger = new Example("client.ts", ["--url", url, "--token", "guess", ...spoken]);
        expect(await stranger.exitCode()).to.equal(1);
        expect(stranger.stderr).to.match(/UNAUTHENTICATED/);
        const client = new Example("client.ts", ["--url", url, "--token", "sesame", ...spoken]);
        client.process.stdin?.end("rockets?\n");
        expect(await client.exitCode(), client.stderr).to.equal(0);
        expect(client.stdout).to.match(/rocket skates/);
      });
    }

    it("exit with 0 and without a stack trace at SIGINT in the middle of a conversation", async () => {
      const { server, url } = await startServer();
      const client = new Example("client.ts", ["--url", url]);
      client.process.stdin?.write("anvils?\n");
      await client.printed(/assistant: Anvils/);
      client.process.kill("SIGINT");
      server.process.kill("SIGINT");
      expect(await client.exitCode(), client.stderr).to.equal(0);
      expect(await server.exitCode(), server.stderr).to.equal(0);
      expect(client.stderr + server.stderr).not.to.match(/^\s+at /m);
    });

    it("the client goes on when the server comes back", async () => {
      const { server, url } = await startServer();
      const client = new Example("client.ts", ["--url", url]);
      client.process.stdin?.write("anvils?\n");
      await client.printed(/assistant: Anvils/);
      server.process.kill("SIGKILL");
      await client.printed(/connection lost: UNAVAILABLE/);
      const second = new Example("server.ts", ["--port", new URL(url).port]);
      await second.printed(/is connected/);
      client.process.stdin?.end("rockets?\n");
      expect(await client.exitCode(), client.stderr).to.equal(0);
    });
  });

  describe("client", () => {
    it("exits with 1 and says why when it can't connect within 10 s", async () => {
      const client = new Example("client.ts", ["--url", "ws://127.0.0.1:1/ws"]);
      client.process.stdin?.end();
      expect(await client.exitCode()).to.equal(1);
      expect(client.stderr).to.match(/error: UNAVAILABLE: .*ws:\/\/127\.0\.0\.1:1\/ws/);
      expect(client.stderr).not.to.match(/^\s+at /m);
    });

    it("refuses a URL that isn't a WebSocket's, and says so", async () => {
      const client = new Example("client.ts", ["--url", "http://127.0.0.1:1/ws"]);
      expect(await client.exitCode()).to.equal(2);
      expect(client.stderr).to.match(/error: INVALID_ARGUMENT: url: .*"http:\/\/127\.0\.0\.1:1\/ws"/);
    });
  });

  describe("server", () => {
    for (const [value, shown] of [
      ["abc", "abc"],
      ["65536", "65536"],
    ] as const) {
      it(`refuses the port ${value}, and says so`, async () => {
        const server = new Example("server.ts", ["--port", value]);
        expect(await server.exitCode()).to.equal(2);
        expect(server.stderr).to.include("INVALID_ARGUMENT").and.to.include("port").and.to.include(shown);
      });
    }

    it("says that a port is taken", async () => {
      const { url } = await startServer();
      const second = new Example("server.ts", ["--port", new URL(url).port]);
      expect(await second.exitCode()).to.equal(1);
      expect(second.stderr).to.match(/error: ALREADY_EXISTS: .*\d+/);
    });

    it("shows help", async () => {
      const server = new Example("server.ts", ["--help"]);
      expect(await server.exitCode()).to.equal(0);
      expect(server.stdout).to.match(/--port N/);
    });

    it("lets in the pages that it is told of, and no others", async () => {
      const { url } = await startServer({}, "--origin", "https://shop.example", "--origin", "https://app.example");
      for (const [origin, expected] of [
        ["https://app.example", "open"],
        ["https://evil.example", "error"],
      ] as const) {
        const socket = new WebSocket(url, ["crossbus.v1"], { headers: { origin } });
        const outcome = await new Promise((resolve) => {
          socket.on("open", () => resolve("open"));
          socket.on("error", () => resolve("error"));
        });
        socket.terminate();
        expect(outcome, origin).to.equal(expected);
      }
      const client = new Example("client.ts", ["--url", url]);
      client.process.stdin?.end("rockets?\n");
      expect(await client.exitCode(), client.stderr).to.equal(0);
    });

    it("answers from a language model where the environment names one, and says so", async () => {
      using model = await startModel();
      const { server, url } = await startServer(model.environment);
      const client = new Example("client.ts", ["--url", url]);
      client.process.stdin?.end("What do rockets cost?\n");
      expect(await client.exitCode(), client.stderr).to.equal(0);
      expect(client.stdout).to.match(/you: What do rockets cost\?\nassistant: Fuel extra\.\n/);
      expect(server.stderr).to.match(/the assistant answers from the language model tiny/);
      expect(server.stderr).not.to.include("secret-key");
      expect(model.requests.at(-1)).to.match(/^Bearer secret-key \/v1\/chat\/completions .*What do rockets cost\?/);
    });
  });
});
