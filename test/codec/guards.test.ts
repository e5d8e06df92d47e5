import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import { FrameSchema } from "../../gen/crossbus/v1/frame_pb.js";
import { type BusMessage, BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { Code, StatusError } from "../../src/base/status.js";
import { peek } from "../../src/codec/peek.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { busMessage } from "../../src/message/build.js";
import { concat, field, mistyped } from "../support/arbitrary-bytes.js";

/** Unknown fields that give field 1 the content "x". */
const $unknown = [{ no: 1, wireType: 2, data: Uint8Array.of(1, 0x78) }];

describe("the protobuf codec doesn't encode unknown fields that name another type than the known ones", () => {
  const envelope = { source: "acme", target: "assistant" };
  const nameless: Record<string, BusMessage> = {
    "in a message of a Python class": busMessage("other", { typeName: "" }, envelope),
    "in a frame of a Python class": busMessage(
      "frame",
      { frame: create(FrameSchema, { kind: { case: "other", value: { typeName: "" } } }) },
      envelope,
    ),
  };
  for (const [name, message] of Object.entries(nameless)) {
    it(name, () => {
      const body = message.body;
      const kind = body.case === "frame" ? body.value.frame?.kind : undefined;
      const holder = kind?.case === "other" ? kind.value : body.value;
      Object.assign(holder ?? {}, { $unknown });
      expect(() => protobufCodec.encode(message))
        .to.throw(StatusError, "unknown fields ($unknown) contradict")
        .with.property("code", Code.INVALID_ARGUMENT);
    });
  }

  it("in a message of a user's own", () => {
    const typeUrl = "type.googleapis.com/acme.Order";
    const data = concat(Uint8Array.of(typeUrl.length), typeUrl);
    const message = create(BusMessageSchema, {
      ...envelope,
      body: { case: "custom", value: { message: {} } },
    });
    const holder = message.body.case === "custom" ? message.body.value.message : undefined;
    Object.assign(holder ?? {}, { $unknown: [{ no: 1, wireType: 2, data }] });
    expect(() => protobufCodec.encode(message)).to.throw(StatusError, "unknown fields ($unknown) contradict");
  });
});

describe("peek calls unreadable a number that reaches past its message", () => {
  const unfinished = Uint8Array.of(0x80);
  const behind = field(7, "x");
  const reaching: Record<string, Uint8Array> = {
    "in a frame": concat(field(1, "acme"), field(3, field(1, field(4), mistyped(6, 0, unfinished))), behind),
    "in the body": concat(field(1, "acme"), field(3, field(1, field(4)), mistyped(2, 0, unfinished)), behind),
    "in place of a tag": concat(field(1, "acme"), field(3, field(1, field(4), unfinished)), behind),
  };
  for (const [name, bytes] of Object.entries(reaching)) {
    it(name, () => {
      for (const read of [peek, protobufCodec.decode]) {
        expect(() => read(bytes)).to.throw(StatusError, "end within a field");
      }
    });
  }
});
