import { toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { deferred } from "../../src/base/deferred.js";
import { Code, status } from "../../src/base/status.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { busMessage, frame } from "../../src/message/build.js";
import { concat, field, varint } from "../support/arbitrary-bytes.js";
import { expectThrown } from "../support/expect-status.js";
import { idle } from "../support/idle.js";
import { ProxyBench } from "../support/proxy-bench.js";

/** A body of `functionCallsStarted` whose context nests as deep as an `llmContext` may, but stands one level deeper. */
function tooDeep() {
  let value: unknown = 1;
  for (let level = 1; level < 31; level++) {
    value = { deeper: value };
  }
  const context = frame("llmContext", { context: { messages: [{ content: value as null }] } }).kind.value.context;
  return frame("functionCallsStarted", { functionCalls: context === undefined ? [] : [{ context }] });
}

describe("a peer that means ill", () => {
  it("can't have a queue hold more than it counts, by bytes that a message no longer shows", async () => {
    const bench = await ProxyBench.start({ side: "server", forwardMessages: ["frame"] });
    const gate = deferred();
    bench.bus.subscribe({ name: "main", onBusMessage: () => gate.promise });
    // Two audio fields, of which the last one counts: it is a byte of a message of a mebibyte.
    const audio = field(1, field(1, new Uint8Array(1_000_000)), field(1, new Uint8Array(1)));
    const bytes = concat(field(1, "helper"), field(2, "main"), field(3, field(1, audio), Uint8Array.of(16, 1)));
    for (let i = 0; i < 40; i++) {
      bench.connection.deliver(bytes);
    }
    expect(bench.crossed).to.have.length(40);
    expect(bench.connection.isPaused).to.equal(true);
    gate.resolve();
    await idle();
    await bench.stop();
  });

  it("can't have much time spent on announcements, which anybody may send", async () => {
    const bench = await ProxyBench.start({ side: "client", forwardMessages: [] });
    const entries = Array.from({ length: 40_000 }, () => field(2));
    bench.connection.deliver(concat(field(1, "anybody"), field(22, ...entries, field(2, field(1, "helper")))));
    expect(bench.denied.map(({ rule }) => rule)).to.deep.equal(["announcement"]);
    expect(bench.registry.remoteAgents).to.deep.equal([]);
    await bench.stop();
  });

  it("can't have many objects made of fields that nobody knows", () => {
    const unknown = (count: number) =>
      concat(field(1, "a"), field(18), ...Array.from({ length: count }, () => concat(varint(7 << 3), varint(1))));
    expect(protobufCodec.decode(unknown(1_000)).$unknown).to.have.length(1_000);
    expectThrown(Code.INVALID_ARGUMENT, () => protobufCodec.decode(unknown(1_001)));
  });

  it("can't make this side send what it could not read itself", () => {
    const message = busMessage("frame", { frame: tooDeep() }, { source: "main", target: "helper" });
    const error = expectThrown(Code.INVALID_ARGUMENT, () => protobufCodec.encode(message));
    expect(error.message).to.match(/functionCalls.*nested/);
    const shallow = busMessage("frame", { frame: tooDeep() }, { source: "main", target: "helper" });
    expect(() => protobufCodec.decode(toBinary(BusMessageSchema, shallow))).to.throw();
  });

  it("can't end the process by leaving with something unsent that can't be read back", async () => {
    const bench = await ProxyBench.start({ side: "server", forwardMessages: ["frame"] });
    const { consumer } = bench.connection;
    const message = busMessage("frame", { frame: tooDeep() }, { source: "main", target: "helper" });
    consumer?.undelivered?.(toBinary(BusMessageSchema, message), status(Code.UNAVAILABLE, "gone"));
    expect(bench.undelivered.map(([{ source, target }, { code }]) => [source, target, code])).to.deep.equal([
      ["main", "helper", Code.UNAVAILABLE],
    ]);
    await bench.stop();
  });
});
