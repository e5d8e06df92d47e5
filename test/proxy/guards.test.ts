import { expect } from "chai";
import { describe, it } from "mocha";
import { deferred } from "../../src/base/deferred.js";
import { Code, status } from "../../src/base/status.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { busMessage, type Envelope, frame } from "../../src/message/build.js";
import { concat, field, mistyped } from "../support/arbitrary-bytes.js";
import { system } from "../support/bus-messages.js";
import { idle } from "../support/idle.js";
import { ProxyBench } from "../support/proxy-bench.js";

function text(envelope: Envelope) {
  return busMessage("frame", { frame: frame("text", { text: "hi" }) }, envelope);
}

for (const side of ["client", "server"] as const) {
  describe(`a ${side} proxy`, () => {
    it("forwards nothing while its link takes its time to close", async () => {
      const bench = await ProxyBench.start({ side, forwardMessages: ["frame"] });
      const { connection, proxy } = bench;
      connection.close = () => connection.closed;
      proxy.deactivateAgent("proxy");
      await idle();
      connection.deliver(protobufCodec.encode(text({ source: "helper", target: "main" })));
      bench.place(text({ source: "main", target: "helper" }));
      await idle();
      expect(bench.arrived).to.deep.equal([]);
      connection.end(status(Code.OK));
      await idle();
      expect(connection.sent).to.deep.equal([]);
      expect(bench.undelivered.map(([, why]) => why.code)).to.deep.equal([Code.UNAVAILABLE]);
      await bench.stop();
    });

    it("drops an allowed message that can be peeked but not decoded, and throws nothing at the connection", async () => {
      // An identifier that is not UTF-8, and the name of an agent that is a number.
      const unreadable = {
        task: concat(field(1, "helper"), field(2, "main"), field(40, field(1, Uint8Array.of(0xff)))),
        announcement: concat(field(1, "helper"), field(22, field(2, mistyped(1, 0, Uint8Array.of(0))))),
      };
      for (const bytes of Object.values(unreadable)) {
        const bench = await ProxyBench.start({ side, forwardMessages: ["taskRequest"] });
        bench.connection.deliver(bytes);
        await idle();
        expect(bench.connection.closedWith?.code).to.equal(Code.INVALID_ARGUMENT);
        expect([bench.arrived, bench.denied, bench.undelivered]).to.deep.equal([[], [], []]);
        await bench.stop();
      }
    });

    it("goes on reading once its local agent has caught up, and for no other agent's sake", async () => {
      const bench = await ProxyBench.start({ side, forwardMessages: ["taskCancel"] });
      const { bus, connection } = bench;
      // Each is congested with more than half of the 1000 system messages that its queue takes.
      const many = 502;
      const gates = { main: deferred(), third: deferred() };
      for (const [name, gate] of Object.entries(gates)) {
        bus.subscribe({ name, onBusMessage: () => gate.promise });
      }
      for (let i = 0; i < many; i++) {
        bus.send(system("stop", "third"));
        connection.deliver(protobufCodec.encode(system("stop", "main", "helper")));
      }
      expect([bus.isCongested("main"), bus.isCongested("third"), connection.isPaused]).to.deep.equal([
        true,
        true,
        true,
      ]);
      gates.third.resolve();
      await idle();
      await idle();
      expect([bus.isCongested("third"), connection.isPaused]).to.deep.equal([false, true]);
      gates.main.resolve();
      await idle();
      await idle();
      expect([bus.isCongested("main"), connection.isPaused]).to.deep.equal([false, false]);
      await bench.stop();
    });
  });
}
