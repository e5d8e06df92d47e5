import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { WebSocket } from "ws";
import type { Dialect } from "../../src/codec/dialect.js";
import type { Server } from "../../src/proxy/serve.js";
import { listen } from "../../src/proxy/websocket-listen-node.js";

describe("the subprotocol of a server", () => {
  let server: Server;

  afterEach(() => server.close());

  async function serve(dialect?: Dialect): Promise<void> {
    server = await listen({ port: 0, ...(dialect === undefined ? {} : { dialect }) }, async (session) => {
      await session.closed;
    });
  }

  /** Offers subprotocols, and tells which was selected, and whether the client is content with that. */
  async function offer(...offered: readonly string[]) {
    const socket = new WebSocket(server.address, [...offered]).on("error", () => {});
    const upgraded = once(socket, "upgrade") as Promise<[IncomingMessage]>;
    const isOpen = await new Promise((resolve) => {
      socket.on("open", () => resolve(true)).on("close", () => resolve(false));
    });
    const [response] = await upgraded;
    socket.terminate();
    expect(response.rawHeaders.join(" ")).to.not.include("c2VjcmV0");
    return [response.headers["sec-websocket-protocol"], isOpen];
  }

  for (const dialect of ["protobuf", "pipecat"] as const) {
    it(`is crossbus.plain on a plain link (${dialect}) whose client brings a secret beside it`, async () => {
      await serve(dialect);
      expect(await offer("crossbus.plain", "bearer.c2VjcmV0")).to.deep.equal(["crossbus.plain", true]);
      expect(await offer("bearer.c2VjcmV0", "crossbus.plain")).to.deep.equal(["crossbus.plain", true]);
    });
  }

  it("is none on a plain link whose client offers nothing, as Pipecat's do", async () => {
    await serve("pipecat");
    expect(await offer()).to.deep.equal([undefined, true]);
  });

  it("is none on a plain link whose client offers a secret alone, which the client takes for a refusal", async () => {
    await serve("pipecat");
    expect(await offer("bearer.c2VjcmV0")).to.deep.equal([undefined, false]);
  });

  it("is that of the resumable link where there is no dialect, and never crossbus.plain", async () => {
    await serve();
    expect(await offer("bearer.c2VjcmV0", "crossbus.v1")).to.deep.equal(["crossbus.v1", true]);
    expect(await offer("crossbus.plain", "bearer.c2VjcmV0")).to.deep.equal([undefined, false]);
  });
});
