import { create } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { ListValueSchema, type Value, ValueSchema } from "../../gen/crossbus/v1/value_pb.js";
import { busMessage, frame } from "../../src/message/build.js";
import { approximateSize } from "../../src/message/size.js";
import { toStruct, toValue, type ValueInit } from "../../src/message/value.js";

const ofPayload = (payload: ValueInit) => approximateSize(busMessage("taskRequest", { payload }));
const ofAudio = (length: number, extra?: object) => {
  const made = frame("inputAudioRaw", { audio: new Uint8Array(length) });
  return approximateSize(busMessage("frame", { frame: { ...made, ...extra } }));
};

describe("approximateSize", () => {
  it("grows with strings, keys and bytes as they do", () => {
    expect(ofPayload("x".repeat(1000)) - ofPayload("")).to.equal(1000);
    expect(ofPayload({ ["k".repeat(1000)]: 1 }) - ofPayload({ "": 1 })).to.equal(1000);
    expect(ofPayload(new Uint8Array(1000)) - ofPayload(new Uint8Array())).to.equal(1000);
  });

  it("counts the audio of a frame, and a constant around it", () => {
    expect(ofAudio(1000) - ofAudio(0)).to.equal(1000);
    expect(ofAudio(0)).to.be.within(100, 2000);
  });

  it("counts what else an audio frame carries", () => {
    const bulk = toStruct({ a: "x".repeat(100_000) });
    const unknown = [{ no: 999, wireType: WireType.LengthDelimited, data: new Uint8Array(100_000) }];
    for (const extra of [{ metadata: bulk }, { extra: bulk }, { $unknown: unknown }]) {
      // Built without the builder, which would drop what is unknown.
      const made = { ...frame("inputAudioRaw", { audio: new Uint8Array(10) }), ...extra };
      expect(approximateSize(busMessage("frame", { frame: made }))).to.be.greaterThan(100_000);
    }
    const message = busMessage("frame", { frame: frame("inputAudioRaw") });
    expect(approximateSize({ ...message, extra: bulk })).to.be.greaterThan(100_000);
    expect(approximateSize({ ...message, $unknown: unknown })).to.be.greaterThan(100_000);
  });

  it("counts every object, so that many small ones aren't free", () => {
    expect(ofPayload(new Array<null>(1000).fill(null)) - ofPayload([])).to.be.greaterThan(64_000);
    expect(approximateSize(create(BusMessageSchema))).to.be.greaterThan(64);
  });

  it("counts what occurs twice as often as it is encoded, and once where there are many objects", () => {
    const shared = toValue("x".repeat(1000));
    expect(ofPayload([shared, shared]) - ofPayload([shared])).to.be.within(1000, 1300);
    const many = (count: number) => new Array<Value>(count).fill(shared);
    expect(ofPayload(many(20_000)) - ofPayload(many(10_000))).to.equal(10_000 * 8);
  });

  it("doesn't take twice as long for each level at which something occurs twice", () => {
    let doubled = toValue("x");
    for (let i = 0; i < 90; i++) {
      doubled = create(ValueSchema, {
        kind: { case: "listValue", value: create(ListValueSchema, { values: [doubled, doubled] }) },
      });
    }
    const message = busMessage("taskRequest");
    message.body.value.payload = doubled;
    expect(approximateSize(message)).to.be.within(10_000, 100_000);
  });

  it("doesn't take as long as a list has elements for each place where it occurs", () => {
    const shared = new Array<number>(1_000_000).fill(1);
    const message = busMessage("taskRequest");
    message.body.value.payload = create(ValueSchema, {
      kind: { case: "listValue", value: { values: new Array(9_000).fill(shared) } as never },
    });
    expect(approximateSize(message)).to.be.within(8_000_000, 9_000_000);
  });

  it("comes to an end at any depth and in a cycle", () => {
    let deep: Value = create(ValueSchema);
    const first = create(ListValueSchema);
    for (let i = 0; i < 100_000; i++) {
      const list = i === 0 ? first : create(ListValueSchema, { values: [deep] });
      deep = create(ValueSchema, { kind: { case: "listValue", value: list } });
    }
    const message = busMessage("taskRequest");
    message.body.value.payload = deep;
    const size = approximateSize(message);
    expect(size).to.be.greaterThan(100_000);
    first.values.push(deep);
    expect(approximateSize(message)).to.be.within(size, size + 100);
  });
});
