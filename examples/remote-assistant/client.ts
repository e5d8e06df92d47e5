/** Talks to the Acme assistant, one line a turn: `npm run demo:client -- --url ws://127.0.0.1:8765/ws`. */
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";
import { styleText } from "node:util";
import { AgentRunner, Code, consoleLogger, formatStatus, type Status, StatusError } from "crossbus";
import { WebSocketProxyClientAgent } from "crossbus/websocket";
import { dialectHelp, main, printable, readDialect, readOptions } from "../support/command-line.js";
import { Customer } from "./customer.js";
import { trace } from "./trace.js";

/** How long to try to connect, to wait for the assistant's greeting, and to wait for a reply. */
const connectTimeoutMs = 10_000;
const greetingTimeoutMs = 3_000;
const replyTimeoutMs = 30_000;

await main(async () => {
  const options = readOptions(
    "demo:client",
    'Talks as the agent "acme" to the Acme assistant, "assistant". Reads turns from standard input.',
    {
      url: { value: "URL", help: "where the server is (default ws://127.0.0.1:8765/ws)" },
      token: { value: "SECRET", help: "the bearer token to show (default: GATEWAY_TOKEN, if that is set)" },
      trace: { help: "shows what crosses the bridge, and what its policy refused" },
      forbidden: { help: "also tries a message that the policy refuses" },
      ...dialectHelp,
    },
  );
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;

  const token = options.token ?? process.env["GATEWAY_TOKEN"];
  const customer = new Customer("acme");
  const proxy = new WebSocketProxyClientAgent("proxy", {
    url: options.url ?? "ws://127.0.0.1:8765/ws",
    localAgentName: "acme",
    remoteAgentName: "assistant",
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    ...readDialect(options),
  });
  const traced = options.trace === true ? trace(proxy) : undefined;

  // What is traced need not be logged too.
  const logger = traced === undefined ? consoleLogger : { ...consoleLogger, warn() {} };
  await using runner = new AgentRunner({ handleSigterm: true, logger });
  await runner.addAgent(customer);
  await runner.addAgent(proxy);
  const running = runner.run();

  await Promise.race([connected(customer, proxy), running]);
  if (!customer.ready) {
    await running;
    return 0;
  }
  // The end of the session, or of the connection for good, is the end of the conversation.
  let exitCode = 0;
  proxy.on("suspended", (status) => console.error(`connection lost: ${formatStatus(status)}`));
  proxy.on("disconnected", (status) => {
    if (status.code === Code.OK) {
      runner.end();
    } else {
      console.error(`disconnected: ${formatStatus(status)}`);
    }
  });
  proxy.on("failed", () => {
    exitCode = 1;
    runner.end();
  });

  if (interactive) {
    customer.on("replyText", (text) => process.stdout.write(printable(text)));
  }
  const showTrace = async (): Promise<void> => {
    // The reply is told before its last frame is counted as crossed.
    await nextTurn();
    for (const line of traced?.lines() ?? []) {
      console.log(process.stdout.isTTY === true ? styleText("dim", printable(line)) : printable(line));
    }
  };
  const showReply = async (outcome: Promise<Outcome>): Promise<Outcome> => {
    if (interactive) {
      process.stdout.write("assistant: ");
    }
    const reply = await outcome;
    if (interactive) {
      console.log();
    } else if (typeof reply === "object") {
      console.log(`assistant: ${printable(reply.text)}`);
    }
    await showTrace();
    return reply;
  };

  await showReply(nextReply(customer, greetingTimeoutMs));
  if (options.forbidden === true && customer.ready) {
    customer.tryForbidden();
    await showTrace();
  }
  const lines = createInterface({ input: process.stdin, ...(interactive ? { output: process.stdout } : {}) });
  lines.on("SIGINT", () => runner.cancel("SIGINT"));
  void running.then(() => lines.close());
  lines.setPrompt("you: ");
  let atPrompt = false;
  const prompt = (): void => {
    if (interactive && customer.ready) {
      atPrompt = true;
      lines.prompt();
    }
  };
  prompt();
  for await (const line of lines) {
    atPrompt = false;
    if (!customer.ready) {
      break;
    }
    if (line.trim() !== "") {
      if (!interactive) {
        console.log(`you: ${line}`);
      }
      const reply = nextReply(customer, replyTimeoutMs);
      customer.say(line);
      if ((await showReply(reply)) === "none") {
        console.error("there was no reply");
        exitCode = 1;
      }
    }
    prompt();
  }
  if (atPrompt) {
    console.log();
  }
  if (traced !== undefined) {
    await showTrace();
    console.log(traced.summary());
  }
  runner.end();
  await running;
  return exitCode;
});

/** Resolves once the assistant is announced. Rejects when that takes too long, or can't be. */
async function connected(customer: Customer, proxy: WebSocketProxyClientAgent): Promise<void> {
  let last: Status | undefined;
  proxy.on("connectFailed", (status) => {
    last = status;
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      const why = last === undefined ? "the server doesn't answer" : last.message;
      reject(new StatusError(Code.UNAVAILABLE, `no connection within ${connectTimeoutMs / 1000} s: ${why}`));
    }, connectTimeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      resolve();
    };
    customer.once("agentReady", settle);
    customer.once("finished", settle);
    proxy.once("failed", (status) => {
      clearTimeout(timer);
      reject(StatusError.of(status));
    });
  });
}

/** What came of a turn: a reply, none because the assistant is gone or takes too long, or the end of this process. */
type Outcome = { readonly text: string } | "none" | "stopped";

/** Resolves with what comes of a turn. */
function nextReply(customer: Customer, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      for (const off of offs) {
        off();
      }
      resolve(outcome);
    };
    const timer = setTimeout(settle, timeoutMs, "none");
    const offs = [
      customer.on("reply", (text) => settle({ text })),
      // Stopping takes the bridge down, and the assistant with it: that isn't the assistant's doing.
      customer.on("agentGone", () => settle(customer.ready ? "none" : "stopped")),
      customer.on("finished", () => settle("stopped")),
    ];
  });
}
