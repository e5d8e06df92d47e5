import { expect } from "chai";
import { WebSocket } from "ws";
import { bearer } from "../../../src/auth/bearer.js";
import { bearerCredential } from "../../../src/auth/bearer-token.js";
import { Code, StatusError } from "../../../src/base/status.js";
import { connect } from "../../../src/proxy/connect.js";
import { serve } from "../../../src/proxy/serve.js";
import { listen } from "../../../src/proxy/websocket-listen-node.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import { WebSocketTransport } from "../../../src/transport/websocket.js";
import { expectRejected } from "../../support/expect-status.js";
import { until } from "../../support/idle.js";
import { useRecordingLogger } from "../../support/recording-logger.js";

const authenticate = bearer((token) => {
  if (token === "banned") {
    throw new StatusError(Code.PERMISSION_DENIED, "not you");
  }
  return token === "amy" ? { name: token } : undefined;
});

describe("clients that are refused", () => {
  const logger = useRecordingLogger();
  const handler = async (session: { readonly closed: Promise<unknown> }) => void (await session.closed);
  const told = () => logger.take("warn").map(({ message, fields }) => [message, fields["status"]]);
  const text = "a client was refused; more like it are counted, and not logged";

  it("are counted on a resumable link, and in the log once for each sort, whoever is let in", async () => {
    const server = await listen({ port: 0, authenticate, logger }, handler);
    const client = (token: string) =>
      connect(new WebSocketTransport({ url: server.address }), { credential: bearerCredential(token) });
    const amy = await client("amy");
    for (const token of ["bob", "banned", "carol"]) {
      await expectRejected(token === "banned" ? Code.PERMISSION_DENIED : Code.UNAUTHENTICATED, client(token));
    }
    await until(() => server.stats.refused === 3);
    await amy.close();
    await server.close();
    expect(server.stats.refused).to.equal(3);
    expect(told()).to.deep.equal([
      [text, "UNAUTHENTICATED: a credential that is valid here is needed"],
      [text, "PERMISSION_DENIED: not you"],
    ]);
  });

  it("are counted on a plain link, over any transport", async () => {
    const memory = new MemoryTransport();
    await using listening = await listen({ port: 0, authenticate, logger, dialect: "protobuf" }, handler);
    await using serving = await serve(memory, handler, { authenticate, logger, dialect: "protobuf" });
    for (const [server, transport] of [
      [listening, new WebSocketTransport({ url: listening.address })],
      [serving, memory],
    ] as const) {
      await expectRejected(Code.UNAUTHENTICATED, connect(transport, { dialect: "protobuf" }));
      await until(() => server.stats.refused === 1);
      expect(server.stats.pending).to.equal(0);
    }
    expect(told()).to.have.length(2);
  });

  it("are counted where they are a page of somebody else's", async () => {
    const origins = ["https://app.example"];
    await using server = await listen({ port: 0, origins, logger }, handler);
    for (let i = 0; i < 2; i++) {
      const socket = new WebSocket(server.address, "crossbus.v1", { origin: "https://evil.example" });
      await new Promise((resolve) => socket.once("error", resolve));
    }
    await until(() => server.stats.refused === 2);
    expect(told()).to.deep.equal([[text, "PERMISSION_DENIED: its origin isn't listed in origins"]]);
  });

  it("aren't those whose session ends", async () => {
    for (const dialect of [undefined, "protobuf"] as const) {
      const memory = new MemoryTransport();
      const denied = new StatusError(Code.PERMISSION_DENIED, "nothing here is for you");
      const server = await serve(memory, async (session) => void (await session.close(denied)), { logger, dialect });
      expect((await (await connect(memory, { dialect })).closed).code).to.equal(Code.PERMISSION_DENIED);
      await server.close();
      expect(server.stats.refused).to.equal(0);
    }
    expect(told()).to.deep.equal([]);
  });
});
