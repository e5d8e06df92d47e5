import { expect } from "chai";
import { describe, it } from "mocha";
import { Code, status } from "../../src/base/status.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection } from "../../src/transport/transport.js";
import { idle } from "../support/idle.js";
import { rejection, thrown, withoutConsole } from "./helpers.js";

async function connected(transport: MemoryTransport): Promise<readonly [Connection, Connection]> {
  const accepted = new Promise<Connection>((resolve) => {
    void transport.listen(resolve);
  });
  return [await transport.connect(), await accepted];
}

describe("the memory transport", () => {
  it("has one listener at a time", async () => {
    const transport = new MemoryTransport({ address: "here" });
    const listener = await transport.listen(() => {});
    expect(listener.address).to.equal("here");
    const error = await rejection(
      transport.listen(() => {}),
      Code.ALREADY_EXISTS,
    );
    expect(error.message).to.include("here");
    await listener.close();
    const second = await transport.listen(() => {});
    await listener.close();
    await rejection(
      transport.listen(() => {}),
      Code.ALREADY_EXISTS,
    );
    await second.close();
  });

  it("shows no secret among the subprotocols that it doesn't speak", async () => {
    const transport = new MemoryTransport();
    await transport.listen(() => {});
    const error = await rejection(transport.connect({ protocols: ["x", "bearer.secret"] }), Code.FAILED_PRECONDITION);
    expect(error.message).to.include("x, bearer.…").and.not.include("secret");
  });

  it("gives the listener the metadata of the attempt, with names in lower case", async () => {
    const transport = new MemoryTransport();
    const accepted = new Promise<Connection>((resolve) => {
      void transport.listen(resolve);
    });
    const client = await transport.connect({ metadata: { Authorization: "Bearer x" } });
    const server = await accepted;
    expect([...server.peer.metadata]).to.deep.equal([["authorization", "Bearer x"]]);
    expect([...client.peer.metadata]).to.deep.equal([]);
    expect([client.peer.encrypted, server.peer.encrypted]).to.deep.equal([false, false]);
    expect(client.peer.address).to.equal("memory");
    expect(server.peer.address).to.equal("memory#1");
  });

  it("refuses metadata that couldn't be a header", async () => {
    const transport = new MemoryTransport();
    await transport.listen(() => {});
    await rejection(transport.connect({ metadata: { "a b": "c" } }), Code.INVALID_ARGUMENT);
  });

  it("names maxMessageBytes when it can't be", () => {
    for (const maxMessageBytes of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
      const error = thrown(() => new MemoryTransport({ maxMessageBytes }), Code.INVALID_ARGUMENT);
      expect(error.message).to.include("maxMessageBytes").and.include(String(maxMessageBytes));
    }
  });

  it("shows the peer of an end that got too large a message the close code 1009", async () => {
    const [client, server] = await connected(new MemoryTransport({ maxMessageBytes: 10 }));
    server.receive({ message: () => {} });
    client.send(new Uint8Array(11));
    expect((await client.closed).message).to.include("1009");
    expect((await server.closed).message).to.include("10 bytes");
  });

  it("keeps every byte that a paused peer doesn't take with the sender", async () => {
    const [client, server] = await connected(new MemoryTransport());
    server.pause();
    server.receive({ message: () => {} });
    client.send(new Uint8Array(5));
    await idle();
    expect(client.bufferedAmount).to.equal(5);
    server.resume();
    await client.drained(0);
    expect(client.bufferedAmount).to.equal(0);
  });

  it("cuts a connection whose peer doesn't read for 3 s after a close", async () => {
    const clock = new VirtualClock();
    const [client, server] = await connected(new MemoryTransport({ clock }));
    client.send(new Uint8Array(5));
    const closed = client.close(status(Code.OK));
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    clock.advance(2999);
    await idle();
    expect(isClosed).to.equal(false);
    clock.advance(1);
    expect((await closed).code).to.equal(Code.OK);
    expect((await server.closed).code).to.equal(Code.UNAVAILABLE);
    expect(clock.pending).to.equal(0);
  });

  it("closes with INTERNAL when accept() throws, and when a consumer throws", async () => {
    const transport = new MemoryTransport();
    let accept = (_: Connection): void => expect.fail("a bug in accept()");
    await transport.listen((connection) => accept(connection));
    const { logged } = await withoutConsole(async () => {
      expect((await (await transport.connect()).closed).code).to.equal(Code.INTERNAL);
      accept = (connection) => connection.receive({ message: () => expect.fail("a bug in message()") });
      const client = await transport.connect();
      client.send(Uint8Array.of(1));
      expect((await client.closed).code).to.equal(Code.INTERNAL);
    });
    expect(logged).to.have.length(2);
    expect(logged[0]).to.include("a bug in accept()");
    expect(logged[1]).to.include("a bug in message()");
    expect([logged[0], logged[1]].map((line) => / peer=(\S+) /.exec(line ?? "")?.[1])).to.deep.equal([
      '"memory#1"',
      '"memory#2"',
    ]);
  });

  it("ends though nobody ever takes what a peer sent that has closed", async () => {
    const clock = new VirtualClock();
    const [client, server] = await connected(new MemoryTransport({ clock }));
    client.send(Uint8Array.of(1));
    void client.close(status(Code.OK));
    clock.advance(3000);
    expect((await server.closed).code).to.equal(Code.UNAVAILABLE);
    expect(clock.pending).to.equal(0);
  });

  it("replaces lone surrogates in a reason, as UTF-8 does", async () => {
    const [client, server] = await connected(new MemoryTransport());
    void client.close(status(Code.ABORTED, "a\ud800b"));
    expect((await server.closed).message).to.equal("a\ufffdb");
  });
});
