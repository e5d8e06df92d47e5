import { once } from "node:events";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { WebSocket } from "ws";
import { bearer } from "../../src/auth/bearer.js";
import { clientCertificates } from "../../src/auth/client-certificates.js";
import { ticketCredential, tickets } from "../../src/auth/tickets.js";
import { Code } from "../../src/base/status.js";
import { connect } from "../../src/proxy/connect.js";
import type { Server } from "../../src/proxy/serve.js";
import type { Session } from "../../src/proxy/session.js";
import { type ListenOptions, listen } from "../../src/proxy/websocket-listen-node.js";
import { WebSocketTransport, type WebSocketTransportOptions } from "../../src/transport/websocket.js";
import { CertificateAuthority } from "../support/certificates.js";
import { expectRejected } from "../support/expect-status.js";

describe("who connects over a real WebSocket", () => {
  let server: Server | undefined;
  const served: Session[] = [];

  afterEach(async () => {
    await server?.close();
    served.length = 0;
  });

  async function serving(options: Partial<ListenOptions>): Promise<string> {
    server = await listen({ port: 0, ...options } as ListenOptions, async (session) => {
      served.push(session);
      await session.closed;
    });
    return server.address;
  }

  const dial = (options: WebSocketTransportOptions, more: Parameters<typeof connect>[1] = {}) =>
    connect(new WebSocketTransport(options), more);

  it("has a ticket in its URL, once, over a plain link", async () => {
    const { issue, authenticate } = tickets();
    const url = await serving({ dialect: "protobuf", authenticate });
    const ticket = issue({ name: "amy" });
    const session = await dial({ url: `${url}?ticket=${ticket}` }, { dialect: "protobuf" });
    expect(served[0]?.peer.principal).to.deep.equal({ name: "amy" });
    await session.close();
    const again = await expectRejected(
      Code.UNAUTHENTICATED,
      dial({ url: `${url}?ticket=${ticket}` }, { dialect: "protobuf" }),
    );
    expect(again.message).to.not.include(ticket);
    expect(served).to.have.length(1);
  });

  it("has a ticket in its first message, over a resumable one", async () => {
    const { issue, authenticate } = tickets();
    const url = await serving({ authenticate });
    const credential = async () => ticketCredential(issue({ name: "amy" }));
    await using _session = await dial({ url }, { credential });
    expect(served[0]?.peer.principal).to.deep.equal({ name: "amy" });
    await expectRejected(Code.UNAUTHENTICATED, dial({ url }, { credential: ticketCredential("x".repeat(64)) }));
  });

  for (const dialect of [undefined, "protobuf"] as const) {
    it(`has a certificate, over a ${dialect === undefined ? "resumable" : "plain"} link`, async () => {
      const authority = new CertificateAuthority("an authority");
      const { cert, key } = authority.issue({ commonName: "server", names: ["127.0.0.1"] });
      const url = await serving({
        dialect,
        tls: { cert, key, ca: authority.cert },
        authenticate: clientCertificates(({ commonName }) => (commonName === "ann" ? { name: commonName } : undefined)),
      });
      const as = (commonName: string) =>
        dial({ url, tls: { ca: authority.cert, ...authority.issue({ commonName, names: [] }) } }, { dialect });
      await using _session = await as("ann");
      expect(served[0]?.peer.principal).to.deep.equal({ name: "ann" });
      await expectRejected(Code.UNAUTHENTICATED, as("bob"));
    });
  }

  it("gets a refusal that tells nothing, before there is a WebSocket, where the link is plain", async () => {
    const url = await serving({ dialect: "pipecat", authenticate: bearer(() => undefined) });
    const socket = new WebSocket(url, { headers: { authorization: "Bearer hush" } });
    socket.on("error", () => {});
    const [, response] = await once(socket, "unexpected-response");
    expect(response.statusCode).to.equal(401);
    expect(response.headers["www-authenticate"]).to.equal("Bearer");
    const body = (await response.toArray()).join("");
    expect(body).to.not.match(/hush|valid|credential/);
    socket.terminate();
  });
});
