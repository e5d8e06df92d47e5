import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Code, status } from "../../src/base/status.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { type ClientTls, checkClientTls } from "../../src/transport/client-tls.js";
import type { ListenerTls } from "../../src/transport/listener-tls-node.js";
import type { Connection, Listener, PeerCertificate } from "../../src/transport/transport.js";
import { splitAlternativeNames } from "../../src/transport/upgrade-peer-node.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { WebSocketServerTransport } from "../../src/transport/websocket-server-node.js";
import { connectError } from "../../src/transport/ws-errors.js";
import { CertificateAuthority } from "../support/certificates.js";
import { openSockets } from "../support/open-node.js";
import { FakeBrowserWebSocket } from "./fake-browser-web-socket.js";
import { nothingLeft, rejection, thrown } from "./helpers.js";

const authority = new CertificateAuthority("the authority of this test");
const stranger = new CertificateAuthority("an authority that nobody knows");
const server = authority.issue({ commonName: "server", names: ["127.0.0.1", "localhost"] });
const client = authority.issue({ commonName: "ann", names: ["ann.example", "10.1.2.3"] });

describe("TLS over WebSocket", () => {
  let before: readonly string[] = [];
  let clock: VirtualClock;
  let listeners: Listener[] = [];
  let accepted: Connection[] = [];

  beforeEach(() => {
    before = openSockets();
    clock = new VirtualClock();
    [listeners, accepted] = [[], []];
  });
  afterEach(async () => {
    await Promise.all(accepted.map((connection) => connection.close(status(Code.OK))));
    await Promise.all(listeners.map((listener) => listener.close()));
    await nothingLeft(before);
    expect(clock.pending).to.equal(0);
  });

  async function listen(tls: Partial<ListenerTls> = {}): Promise<string> {
    const transport = new WebSocketServerTransport({ port: 0, clock, tls: { ...server, ...tls } });
    const listener = await transport.listen((connection) => void accepted.push(connection));
    listeners.push(listener);
    return listener.address;
  }

  function connect(url: string, tls: ClientTls = { ca: authority.cert }): Promise<Connection> {
    return new WebSocketTransport({ url, clock, tls }).connect();
  }

  /** Connects, checks that a message comes back, and tells what the listener knows of the client's certificate. */
  async function certificateSeen(url: string, tls: ClientTls): Promise<PeerCertificate | undefined> {
    const connection = await connect(url, tls);
    const [there] = accepted.slice(-1);
    there?.receive({ message: (bytes) => there.send(bytes) });
    const answered = new Promise<void>((resolve) => connection.receive({ message: () => resolve() }));
    connection.send(Uint8Array.of(1));
    await answered;
    await connection.close(status(Code.OK));
    return there?.peer.certificate;
  }

  it("encrypts, and both ends know it", async () => {
    const address = await listen();
    expect(address).to.match(/^wss:\/\/127\.0\.0\.1:\d+\/ws$/);
    expect(await certificateSeen(address, { ca: Buffer.from(authority.cert) })).to.equal(undefined);
    expect(accepted[0]?.peer.encrypted).to.equal(true);
    const connection = await connect(address.replace("127.0.0.1", "localhost"));
    expect(connection.peer.encrypted).to.equal(true);
    await connection.close(status(Code.OK));
  });

  it("lets a connection live that became a WebSocket in time", async () => {
    const connection = await connect(await listen());
    clock.advance(10_000);
    accepted[0]?.receive({ message() {} });
    const got = new Promise<void>((resolve) => connection.receive({ message: () => resolve() }));
    accepted[0]?.send(Uint8Array.of(1));
    await got;
    await connection.close(status(Code.OK));
  });

  for (const [what, tls] of [
    ["of an authority that isn't known", { ca: stranger.cert }],
    ["that the platform knows nothing of", {}],
    ["for another name", { ca: authority.cert, servername: "other.example" }],
  ] as const) {
    it(`rejects with FAILED_PRECONDITION where the listener has a certificate ${what}`, async () => {
      await rejection(connect(await listen(), tls), Code.FAILED_PRECONDITION);
      expect(accepted).to.deep.equal([]);
    });
  }

  it("rejects with FAILED_PRECONDITION where the listener's certificate is for another host", async () => {
    const other = authority.issue({ commonName: "127.0.0.1", names: ["other.example"] });
    const address = await listen(other);
    await rejection(connect(address), Code.FAILED_PRECONDITION);
    const named = await connect(address, { ca: authority.cert, servername: "other.example" });
    await named.close(status(Code.OK));
  });

  it("asks for no client certificate without authorities for it", async () => {
    expect(await certificateSeen(await listen(), { ca: authority.cert, ...client })).to.equal(undefined);
  });

  it("knows the certificate of a client that one of its authorities has signed", async () => {
    const seen = await certificateSeen(await listen({ ca: authority.cert }), { ca: authority.cert, ...client });
    expect(seen?.commonName).to.equal("ann");
    expect(seen?.alternativeNames).to.deep.equal(["DNS:ann.example", "IP Address:10.1.2.3"]);
    expect(seen?.fingerprint).to.match(/^[0-9a-f]{64}$/);
    expect(seen?.expiresAt).to.equal(new Date(new X509Certificate(client.cert).validTo).getTime());
  });

  it("refuses a client without a certificate where one is asked for", async () => {
    const address = await listen({ ca: authority.cert });
    await connect(address).then(
      () => expect.fail("connected"),
      (error) => expect(error).to.have.property("name", "StatusError"),
    );
    expect(accepted).to.deep.equal([]);
  });

  it("refuses a client whose certificate another authority has signed", async () => {
    const address = await listen({ ca: authority.cert });
    const forged = stranger.issue({ commonName: "ann" });
    await connect(address, { ca: authority.cert, ...forged }).then(
      () => expect.fail("connected"),
      (error) => expect(error).to.have.property("name", "StatusError"),
    );
    expect(accepted).to.deep.equal([]);
  });

  it("is what a client is told to look at where the listener hangs up, as one does that doesn't take a certificate", () => {
    for (const [code, said] of [
      ["ECONNRESET", "check that it is running, TLS, and the client's certificate"],
      ["ECONNREFUSED", "check that it is running"],
    ] as const) {
      const why = connectError("wss://host/ws", Object.assign(new Error("socket hang up"), { code }));
      expect([why.code, why.message]).to.deep.equal([
        Code.UNAVAILABLE,
        `wss://host/ws can't be reached: socket hang up; ${said}`,
      ]);
    }
  });

  it("takes a client without a valid certificate for one that has shown none, where that is optional", async () => {
    const address = await listen({ ca: authority.cert, clientCertificates: "optional" });
    const forged = stranger.issue({ commonName: "ann" });
    expect(await certificateSeen(address, { ca: authority.cert })).to.equal(undefined);
    expect(await certificateSeen(address, { ca: authority.cert, ...forged })).to.equal(undefined);
    expect((await certificateSeen(address, { ca: authority.cert, ...client }))?.commonName).to.equal("ann");
  });

  it("speaks no TLS older than 1.2", async () => {
    const { port } = new URL(await listen());
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    const socket = connectTls({ port: Number(port), ca: authority.cert, ...old });
    const [error] = await once(socket, "error");
    expect(error).to.have.property("code", "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  });

  it("ends a client that takes too long for its TLS handshake, or to ask for a WebSocket after it", async () => {
    const port = Number(new URL(await listen()).port);
    const silent = connectTcp(port, "127.0.0.1");
    const slow = connectTls({ port, host: "127.0.0.1", ca: authority.cert });
    await Promise.all([once(silent, "connect"), once(slow, "secureConnect")]);
    const ended = Promise.all([once(silent, "close"), once(slow, "close")]);
    clock.advance(10_000);
    await ended;
  });

  it("ends clients in the middle of their TLS handshake when it closes", async () => {
    const port = Number(new URL(await listen()).port);
    const silent = connectTcp(port, "127.0.0.1");
    await once(silent, "connect");
    const ready = connectTls({ port, host: "127.0.0.1", ca: authority.cert });
    await once(ready, "secureConnect");
    const ended = Promise.all([once(silent, "close"), once(ready, "close")]);
    await listeners[0]?.close();
    await ended;
  });
});

describe("the TLS options", () => {
  for (const [what, tls, field] of [
    ["no object", "pem", "tls"],
    ["a key that is none", { ...server, key: "secret" }, "tls"],
    ["the key of another certificate", { ...server, key: client.key }, "tls"],
    ["an empty certificate", { ...server, cert: "" }, "tls.cert"],
    ["a key that is no PEM", { ...server, key: 3 }, "tls.key"],
    [
      "client certificates that nobody vouches for",
      { ...server, clientCertificates: "required" },
      "tls.clientCertificates",
    ],
    ["another word for client certificates", { ...server, clientCertificates: "yes" }, "tls.clientCertificates"],
  ] as const) {
    it(`of a listener can't be ${what}`, () => {
      const error = thrown(() => new WebSocketServerTransport({ port: 0, tls: tls as never }), Code.INVALID_ARGUMENT);
      expect(error.details).to.deep.include({ type: "badRequest", field });
      expect(error.message).to.not.include("secret");
    });
  }

  for (const [what, url, tls, field] of [
    ["for a plain URL", "ws://127.0.0.1:1/ws", {}, "tls"],
    ["no object", "wss://127.0.0.1:1/ws", "pem", "tls"],
    ["a certificate without its key", "wss://127.0.0.1:1/ws", { cert: client.cert }, "tls.key"],
    ["a key without its certificate", "wss://127.0.0.1:1/ws", { key: client.key }, "tls.cert"],
    ["an empty authority", "wss://127.0.0.1:1/ws", { ca: "" }, "tls.ca"],
    ["a number for an authority", "wss://127.0.0.1:1/ws", { ca: 3 }, "tls.ca"],
    ["no name to check", "wss://127.0.0.1:1/ws", { servername: "" }, "tls.servername"],
  ] as const) {
    it(`of a client can't be ${what}`, () => {
      const error = thrown(() => new WebSocketTransport({ url, tls: tls as never }), Code.INVALID_ARGUMENT);
      expect(error.details).to.deep.include({ type: "badRequest", field });
    });
  }

  it("are refused where the platform's WebSocket decides on certificates itself", () => {
    const options = { url: "wss://127.0.0.1:1/ws", tls: { ca: authority.cert }, webSocket: FakeBrowserWebSocket };
    const error = thrown(() => new WebSocketTransport(options), Code.INVALID_ARGUMENT);
    expect(error.message).to.match(/^tls: /);
  });

  it("hand on nothing that would turn a check off", () => {
    const given = { ca: "x", rejectUnauthorized: false, checkServerIdentity: () => undefined };
    expect(checkClientTls(given)).to.deep.equal({ ca: "x" });
  });
});

describe("the alternative names of a certificate", () => {
  for (const [list, names] of [
    ["", []],
    ["DNS:a.example", ["DNS:a.example"]],
    ["DNS:a.example, IP Address:10.0.0.1", ["DNS:a.example", "IP Address:10.0.0.1"]],
    ['URI:"http://a/, DNS:b.example", DNS:c', ["URI:http://a/, DNS:b.example", "DNS:c"]],
    ['DNS:"a\\", DNS:b", DNS:c', ['DNS:a", DNS:b', "DNS:c"]],
  ] as const) {
    it(`are ${names.length} in ${JSON.stringify(list)}`, () => {
      expect(splitAlternativeNames(list)).to.deep.equal(names);
    });
  }
});
