import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { expect } from "chai";
import { connect } from "../../../src/proxy/connect.js";
import type { Server } from "../../../src/proxy/serve.js";
import { listen } from "../../../src/proxy/websocket-listen-node.js";
import { WebSocketTransport } from "../../../src/transport/websocket.js";
import { CertificateAuthority } from "../../support/certificates.js";
import { until } from "../../support/idle.js";
import { useRecordingLogger } from "../../support/recording-logger.js";

const authority = new CertificateAuthority("the authority of this test");
const stranger = new CertificateAuthority("an authority that nobody knows");
const own = authority.issue({ commonName: "server", names: ["127.0.0.1"] });
const ann = authority.issue({ commonName: "ann" });

describe("clients with which TLS doesn't come about", () => {
  const logger = useRecordingLogger();
  const told = () => logger.take("warn").map(({ message, fields }) => [message, fields["status"], fields["peer"]]);
  const serving = (tls = {}) =>
    listen({ port: 0, tls: { ...own, ...tls }, logger }, async (session) => void (await session.closed));
  const portOf = ({ address }: Server) => Number(new URL(address).port);

  /** Connects until the listener hangs up. Returns from where. */
  async function refusedTls(server: Server, options: ConnectionOptions): Promise<string> {
    const socket = connectTls({ port: portOf(server), host: "127.0.0.1", ca: authority.cert, ...options });
    socket.on("error", () => {});
    const peer = new Promise<string>((resolve) => socket.once("connect", () => resolve(from(socket.localPort))));
    socket.resume();
    await closed(socket);
    await until(() => server.stats.pending === 0);
    return peer;
  }

  /** Sends what is no TLS, and waits until the listener hangs up. Returns from where. */
  async function refusedText(server: Server, text: string): Promise<string> {
    const socket = connectTcp(portOf(server), "127.0.0.1");
    socket.on("error", () => {});
    socket.resume();
    await once(socket, "connect");
    const peer = from(socket.localPort);
    socket.write(text);
    await closed(socket);
    await until(() => server.stats.pending === 0);
    return peer;
  }

  /** Not with `once()` of Node's, which rejects where there is an error first. */
  const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const from = (port: number | undefined) => `127.0.0.1:${port}`;
  const line = "a client was refused; more like it are counted, and not logged";

  it("are counted, and in the log once for each sort, with their address", async () => {
    await using server = await serving({ ca: authority.cert });
    const first = await refusedTls(server, stranger.issue({ commonName: "ann\nforged" }));
    await refusedTls(server, {});
    await refusedTls(server, { ...stranger.issue({ commonName: "ann" }), maxVersion: "TLSv1.2" });
    const http = await refusedText(server, "GET /secret HTTP/1.1\r\n\r\n");
    await refusedText(server, "GET /other HTTP/1.1\r\n\r\n");
    // Where TLS has the length of a record this has one that may be: to others versions of OpenSSL differ in what they say.
    const garbage = await refusedText(server, "SSH-2.0-client\r\n");
    await refusedTls(server, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
    await until(() => server.stats.refused === 7);
    expect(told()).to.deep.equal([
      [
        line,
        "UNAUTHENTICATED: it showed no certificate that tls.ca has signed (UNABLE_TO_VERIFY_LEAF_SIGNATURE)",
        first,
      ],
      [line, "PERMISSION_DENIED: it speaks HTTP without TLS: its URL has to begin with wss", http],
      [line, "PERMISSION_DENIED: its TLS handshake failed (ERR_SSL_WRONG_VERSION_NUMBER)", garbage],
    ]);
    expect(server.stats.pending).to.equal(0);
  });

  it("are told of too where they show no certificate at all", async () => {
    await using server = await serving({ ca: authority.cert });
    const peer = await refusedTls(server, {});
    await until(() => server.stats.refused === 1);
    const why =
      "UNAUTHENTICATED: it showed no certificate that tls.ca has signed (ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE)";
    expect(told()).to.deep.equal([[line, why, peer]]);
  });

  it("aren't those that are let in, or that go away by themselves", async () => {
    const server = await serving({ ca: authority.cert });
    const url = server.address;
    const session = await connect(new WebSocketTransport({ url, tls: { ca: authority.cert, ...ann } }));
    for (const end of ["end", "resetAndDestroy"] as const) {
      const socket = connectTcp(portOf(server), "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      await until(() => server.stats.pending === 1);
      socket[end]();
      await until(() => server.stats.pending === 0);
    }
    await session.close();
    await server.close();
    expect(server.stats.refused).to.equal(0);
    expect(told()).to.deep.equal([]);
  });
});
