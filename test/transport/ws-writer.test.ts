import { expect } from "chai";
import { describe, it } from "mocha";
import type { WebSocketLike } from "../../src/transport/web-socket-like.js";
import { WsWriter } from "../../src/transport/ws-writer.js";

type Done = (error?: Error | null) => void;

/** A socket like that of `ws`, and the network socket below it: what is written, and when, is in `log`. */
function open() {
  const log: string[] = [];
  const calls: Done[] = [];
  const written: Uint8Array[] = [];
  const socket = {
    binaryType: "arraybuffer",
    readyState: 1,
    bufferedAmount: 0,
    protocol: "",
    send(data: Uint8Array, done?: Done) {
      written.push(data);
      log.push(`${data.length}${done === undefined ? "" : " calls back"}`);
      if (done !== undefined) {
        calls.push(done);
      }
    },
    close() {},
    on() {},
    addEventListener() {},
  };
  const network = { once() {}, cork: () => log.push("cork"), uncork: () => log.push("uncork") };
  const writer = new WsWriter(socket as WebSocketLike, network);
  return { writer, log, calls, written, socket };
}

const bytes = (length: number) => new Uint8Array(length);

describe("WsWriter", () => {
  it("writes what is sent within one turn at its end, at once, with one callback", async () => {
    const { writer, log, calls } = open();
    for (const length of [1, 2, 3]) {
      writer.send(bytes(length));
    }
    expect(log).to.deep.equal([]);
    expect(writer.bufferedAmount).to.equal(6);
    await Promise.resolve();
    expect(log).to.deep.equal(["cork", "1", "2", "3 calls back", "uncork"]);
    expect(writer.bufferedAmount).to.equal(6);
    calls[0]?.();
    expect(writer.bufferedAmount).to.equal(0);
    expect(writer.end(true)).to.deep.equal([]);
  });

  it("asks for the end of the turn once", async () => {
    const { writer } = open();
    const { then } = Promise.prototype;
    let asked = 0;
    // biome-ignore lint/suspicious/noThenProperty: that is how the end of the turn is asked for
    Promise.prototype.then = function counted(...listeners) {
      asked++;
      return then.apply(this, listeners) as never;
    };
    try {
      for (let i = 0; i < 10; i++) {
        writer.send(bytes(1));
      }
    } finally {
      // biome-ignore lint/suspicious/noThenProperty: it is what it was
      Promise.prototype.then = then;
    }
    expect(asked).to.equal(1);
  });

  it("writes the next turn's apart", async () => {
    const { writer, log } = open();
    writer.send(bytes(1));
    await Promise.resolve();
    writer.send(bytes(2));
    await Promise.resolve();
    expect(log).to.deep.equal(["1 calls back", "2 calls back"]);
  });

  it("doesn't wait for the end of the turn with 64 KiB", async () => {
    const { writer, log } = open();
    writer.send(bytes(1));
    writer.send(bytes(65_535));
    expect(log).to.deep.equal(["cork", "1", "65535 calls back", "uncork"]);
    writer.send(bytes(7));
    await Promise.resolve();
    expect(log.slice(4)).to.deep.equal(["7 calls back"]);
  });

  it("writes at once when it is told to, and not again", async () => {
    const { writer, log } = open();
    writer.send(bytes(1));
    writer.flush();
    expect(log).to.have.length(1);
    await Promise.resolve();
    expect(log).to.have.length(1);
  });

  it("counts batches as handed over one by one", async () => {
    const { writer, calls } = open();
    writer.send(bytes(1));
    writer.send(bytes(10));
    await Promise.resolve();
    writer.send(bytes(100));
    await Promise.resolve();
    calls[0]?.();
    expect(writer.bufferedAmount).to.equal(100);
    calls[1]?.();
    expect(writer.bufferedAmount).to.equal(0);
  });

  it("tells what failed, and what never got its turn, in order", async () => {
    const { writer, calls, socket, log } = open();
    writer.send(bytes(1));
    writer.send(bytes(2));
    await Promise.resolve();
    writer.send(bytes(3));
    socket.readyState = 3;
    calls[0]?.(new Error("broken"));
    await Promise.resolve();
    expect(log, "nothing is written to a socket that has closed").to.have.length(4);
    expect(writer.end(true).map(({ length }) => length)).to.deep.equal([1, 2, 3]);
    expect(writer.bufferedAmount).to.equal(0);
  });

  it("doesn't trust a socket that it has cut", async () => {
    const { writer, calls } = open();
    writer.send(bytes(1));
    await Promise.resolve();
    writer.cut();
    calls[0]?.();
    expect(writer.end(true).map(({ length }) => length)).to.deep.equal([1]);
  });

  for (const broken of [true, false]) {
    it(`${broken ? "doubts" : "trusts"} what was handed over late, where the socket ${broken ? "broke" : "closed well"}`, async () => {
      const { writer, calls, socket } = open();
      writer.send(bytes(1));
      writer.send(bytes(2));
      await Promise.resolve();
      socket.readyState = 2;
      calls[0]?.();
      expect(writer.bufferedAmount).to.equal(0);
      expect(writer.end(broken).map(({ length }) => length)).to.deep.equal(broken ? [1, 2] : []);
    });
  }

  it("lets everyone go who waits for it to drain", async () => {
    const { writer, calls } = open();
    writer.send(bytes(10));
    const drained = writer.drained(5);
    await Promise.resolve();
    calls[0]?.();
    await drained;
    writer.send(bytes(10));
    const ended = writer.drained(5);
    writer.end(false);
    await ended;
  });

  describe("with more messages than 128 that wait", () => {
    /** Messages that stand each in 64 KiB with those of others, as they are written. */
    const shared = (count: number, length: number) =>
      Array.from({ length: count }, (_, number) => new Uint8Array(65_536).fill(number, 0, length).subarray(0, length));

    it("keeps them in memory of its own, 8 KiB at a time, whatever turns they come in", async () => {
      const { writer, written } = open();
      const sent = shared(300, 640);
      for (const message of sent) {
        writer.send(message);
        await Promise.resolve();
      }
      expect(written).to.deep.equal(sent);
      expect(written.slice(0, 128).every((message, index) => message === sent[index])).to.equal(true);
      const buffers = new Set(written.slice(128).map(({ buffer }) => buffer));
      expect([...buffers].map(({ byteLength }) => byteLength)).to.deep.equal(Array(Math.ceil(172 / 12)).fill(8_192));
      expect(writer.end(true)).to.deep.equal(sent);
    });

    it("leaves those in place that share little, and gives large ones memory of their own", async () => {
      const { writer, written } = open();
      for (const message of shared(128, 1)) {
        writer.send(message);
      }
      const [own, half, large] = [
        bytes(100),
        new Uint8Array(200).subarray(100),
        new Uint8Array(65_536).subarray(9_000),
      ];
      for (const message of [own, half, large.subarray(0, 9_000)]) {
        writer.send(message);
      }
      await Promise.resolve();
      expect(written[128]).to.equal(own);
      expect(written[129]).to.equal(half);
      expect(written[130]?.buffer.byteLength).to.equal(9_000);
    });

    it("copies no more once they are handed over", async () => {
      const { writer, written, calls } = open();
      for (const message of shared(129, 1)) {
        writer.send(message);
      }
      await Promise.resolve();
      calls[0]?.();
      const [next] = shared(1, 1) as [Uint8Array];
      writer.send(next);
      writer.flush();
      expect(written[128]?.buffer.byteLength).to.equal(8_192);
      expect(written[129]).to.equal(next);
    });
  });
});
