import { expect } from "chai";
import { describe, it } from "mocha";
import { FrameSchema } from "../../gen/crossbus/v1/frame_pb.js";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { Code, StatusError } from "../../src/base/status.js";
import { peek } from "../../src/codec/peek.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { concat, field, mistyped, varint } from "../support/arbitrary-bytes.js";
import { asRead } from "../support/bytes.js";

const source = field(1, "acme");
const target = field(2, "assistant");
const end = field(18);
const endMessage = concat(source, target, end);

/** A frame message whose frame holds these fields. */
const frame = (...fields: Uint8Array[]): Uint8Array => concat(source, field(3, field(1, ...fields)));
const text = field(4, field(1, "hi"));
const custom = (...any: Uint8Array[]): Uint8Array => concat(source, field(90, field(1, ...any)));
const typeUrl = field(1, "type.googleapis.com/acme.Order");
const group = concat(varint(7 * 8 + 3), varint(7 * 8 + 4));
const invalidUtf8 = Uint8Array.of(0x61, 0xff);
const surrogate = Uint8Array.of(0xed, 0xa0, 0x80);

describe("peek reads what a policy decides on", () => {
  const plain = { source: "acme", target: undefined, kind: undefined, typeName: undefined };
  const readable: Record<string, [Uint8Array, object]> = {
    "source, target and case": [endMessage, { ...plain, target: "assistant", case: "end" }],
    "in any order of fields": [concat(end, target, source), { ...plain, target: "assistant", case: "end" }],
    "no target as a message for all": [concat(source, end), { ...plain, case: "end" }],
    "an empty target as a target": [concat(source, field(2), end), { ...plain, target: "", case: "end" }],
    "no source as an empty one, which policies deny": [end, { ...plain, source: "", case: "end" }],
    "the kind of a frame": [frame(text), { ...plain, case: "frame", kind: "text" }],
    "the kind of a frame behind its common fields": [
      frame(field(7, "name"), mistyped(6, 0, varint(1)), text),
      { ...plain, case: "frame", kind: "text" },
    ],
    "the type name of a frame of kind other": [
      frame(field(200, field(1, "x.Frame"))),
      { ...plain, case: "frame", kind: "other", typeName: "x.Frame" },
    ],
    "the type name of a custom message": [
      custom(typeUrl, field(2, "x")),
      { ...plain, case: "custom", typeName: "acme.Order" },
    ],
    "the type name of another message": [
      concat(source, field(91, field(1, "x.Message"))),
      { ...plain, case: "other", typeName: "x.Message" },
    ],
    "past unknown fields of the envelope": [
      concat(field(7, "x"), mistyped(8, 0, varint(2n ** 64n - 1n)), mistyped(9, 5, new Uint8Array(4)), endMessage),
      { ...plain, target: "assistant", case: "end" },
    ],
    "names beyond ASCII": [concat(field(1, "zoë 🦊"), end), { ...plain, source: "zoë 🦊", case: "end" }],
    "names with a byte order mark, which is kept": [
      concat(field(1, "\ufeffacme"), end),
      { ...plain, source: "\ufeffacme", case: "end" },
    ],
    "long names": [concat(field(1, "é".repeat(300)), end), { ...plain, source: "é".repeat(300), case: "end" }],
  };
  for (const [name, [bytes, expected]] of Object.entries(readable)) {
    it(name, () => {
      expect(peek(bytes)).to.deep.equal(expected);
      // What the platform has read, somewhere within its memory, reads the same.
      expect(peek(asRead(bytes))).to.deep.equal(expected);
      const message = protobufCodec.decode(bytes);
      expect(message).to.deep.include({ source: (expected as typeof plain).source });
    });
  }

  it("for every case of the schema", () => {
    for (const member of BusMessageSchema.oneofs[0]?.fields ?? []) {
      const content =
        member.localName === "frame"
          ? field(1, text)
          : member.localName === "custom"
            ? field(1, typeUrl)
            : member.localName === "other"
              ? field(1, "x")
              : "";
      expect(peek(field(member.number, content))).to.have.property("case", member.localName);
    }
  });

  it("for every kind of the schema", () => {
    for (const member of FrameSchema.oneofs[0]?.fields ?? []) {
      const content = member.localName === "other" ? field(1, "x") : "";
      expect(peek(frame(field(member.number, content)))).to.have.property("kind", member.localName);
    }
  });

  it("knows the fields of the envelope as the schema has them", () => {
    const envelope = BusMessageSchema.fields.filter((member) => member.oneof === undefined && member.message);
    expect(envelope.map(({ number }) => number).sort()).to.deep.equal([4, 5, 6]);
    const common = FrameSchema.fields.filter((member) => member.oneof === undefined);
    expect(common.every(({ number }) => number >= 6 && number <= 15)).to.equal(true);
  });
});

describe("peek calls unreadable", () => {
  const unreadable: Record<string, [Uint8Array, string]> = {
    "a repeated source": [concat(source, endMessage), "source occurs twice"],
    "a repeated source, also when the first is empty": [concat(field(1), endMessage), "source occurs twice"],
    "a repeated target": [concat(target, endMessage), "target occurs twice"],
    "a body that occurs twice": [concat(endMessage, end), "body occurs twice"],
    "two bodies of different cases": [concat(endMessage, field(20)), "body occurs twice"],
    "a mistyped source": [concat(mistyped(1, 0, varint(1)), target, end), "source has wire type 0"],
    "a mistyped target": [concat(source, mistyped(2, 5, new Uint8Array(4)), end), "target has wire type 5"],
    "a mistyped body": [concat(source, mistyped(18, 0, varint(0))), "body has wire type 0"],
    "a mistyped body beside a body": [concat(endMessage, mistyped(20, 1, new Uint8Array(8))), "body has wire type 1"],
    "a mistyped trace context": [concat(mistyped(4, 0, varint(0)), endMessage), "envelope has wire type 0"],
    "mistyped extra": [concat(mistyped(5, 0, varint(0)), endMessage), "envelope has wire type 0"],
    "mistyped frame fields": [concat(mistyped(6, 0, varint(0)), endMessage), "envelope has wire type 0"],
    "a repeated frame": [concat(source, field(3, field(1, text), field(1))), "frame occurs twice"],
    "a mistyped frame": [concat(source, field(3, mistyped(1, 0, varint(1)))), "frame has wire type 0"],
    "a frame of one kind twice": [frame(text, text), "kind of the frame occurs twice"],
    "a frame of two kinds": [frame(text, field(64)), "kind of the frame occurs twice"],
    "a mistyped kind": [frame(mistyped(4, 0, varint(1))), "kind of the frame has wire type 0"],
    "a repeated type name of a frame": [frame(field(200, field(1, "x"), field(1, "y"))), "occurs twice"],
    "a mistyped type name of a frame": [frame(field(200, mistyped(1, 0, varint(1)))), "has wire type 0"],
    "a repeated message of custom": [
      concat(source, field(90, field(1, typeUrl), field(1))),
      "message of custom occurs twice",
    ],
    "a mistyped message of custom": [concat(source, field(90, mistyped(1, 0, varint(1)))), "has wire type 0"],
    "a repeated type URL": [custom(typeUrl, typeUrl), "type_url of custom occurs twice"],
    "a mistyped type URL": [custom(mistyped(1, 1, new Uint8Array(8))), "type_url of custom has wire type 1"],
    "a repeated type name of other": [concat(source, field(91, field(1, "x"), field(1))), "occurs twice"],
    "a mistyped type name of other": [concat(source, field(91, mistyped(1, 0, varint(1)))), "has wire type 0"],
    "a source that isn't UTF-8": [concat(field(1, invalidUtf8), end), "UTF-8"],
    "a target that isn't UTF-8": [concat(source, field(2, surrogate), end), "UTF-8"],
    "a type name that isn't UTF-8": [concat(source, field(91, field(1, invalidUtf8))), "UTF-8"],
    "a type URL that isn't UTF-8": [custom(field(1, "type.googleapis.com/", invalidUtf8)), "UTF-8"],
    "groups in the message": [concat(group, endMessage), "wire type 3"],
    "groups in the frame": [frame(concat(varint(14 * 8 + 3), varint(14 * 8 + 4)), text), "wire type 3"],
    "an end of a group": [concat(endMessage, varint(7 * 8 + 4)), "wire type 4"],
    "wire types 6 and 7": [concat(endMessage, varint(7 * 8 + 6)), "wire type 6"],
    "field number 0": [concat(endMessage, Uint8Array.of(0x02, 0x00)), "number 0"],
    "field number 0 in the frame": [frame(text, Uint8Array.of(0x00, 0x00)), "number 0"],
    "a tag beyond 32 bits": [concat(endMessage, Uint8Array.of(0x82, 0x80, 0x80, 0x80, 0x10, 0)), "over 32 bits"],
    "a tag of six bytes": [concat(endMessage, Uint8Array.of(0x82, 0x80, 0x80, 0x80, 0x80, 0x01)), "over 32 bits"],
    "a padded tag": [concat(varint(10, 2), varint(4), "acme", end), "padded"],
    "a padded length": [concat(varint(10), varint(4, 2), "acme", end), "padded"],
    "a length beyond 32 bits": [concat(endMessage, varint(7 * 8 + 2), varint(2n ** 32n)), "over 32 bits"],
    "a length past the end": [concat(endMessage, varint(7 * 8 + 2), varint(1)), "past the end"],
    "a length of the frame past its message": [
      concat(source, field(3, varint(10), varint(9)), field(7, "x".repeat(20))),
      "past the end",
    ],
    "a kind that reaches past its frame": [
      concat(source, field(3, field(1, varint(4 * 8 + 2), varint(4)), "    ")),
      "past the end",
    ],
    "a type name that reaches past its kind": [
      frame(field(200, varint(10), varint(4), "x"), field(7, "name")),
      "past the end",
    ],
    "a type name that reaches past its message": [
      concat(source, field(91, varint(10), varint(4), "x"), field(7, "name")),
      "past the end",
    ],
    "a varint without end": [concat(endMessage, mistyped(7, 0, Uint8Array.of(0x80, 0x80))), "end within"],
    "a varint beyond 64 bits": [concat(endMessage, mistyped(7, 0, varint(2n ** 64n))), "over 64 bits"],
    "a varint of eleven bytes": [concat(endMessage, mistyped(7, 0, varint(1, 11))), "over 64 bits"],
    "a fixed32 cut short": [concat(endMessage, mistyped(7, 5, new Uint8Array(3))), "end within"],
    "a fixed64 cut short": [concat(endMessage, mistyped(7, 1, new Uint8Array(7))), "end within"],
    "trailing garbage": [concat(endMessage, Uint8Array.of(0xff)), "end within"],
    "what is unreadable beside an unknown case": [
      concat(field(10), source, field(3, field(1, text, text))),
      "occurs twice",
    ],
    "what is unreadable beside an unknown kind": [
      frame(field(15), field(17), field(250), field(200, field(1, "x"), field(1))),
      "occurs twice",
    ],
  };
  for (const [name, [bytes, reason]] of Object.entries(unreadable)) {
    it(name, () => {
      for (const read of [peek, protobufCodec.decode]) {
        expect(() => read(bytes))
          .to.throw(StatusError, reason)
          .with.property("code", Code.INVALID_ARGUMENT);
      }
    });
  }

  it("every message that is cut short, unless it is cut between fields", () => {
    const bytes = concat(target, source, field(3, field(1, text)));
    const between = [0, target.length, target.length + source.length];
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      if (between.includes(length)) {
        expect(peek(cut)).to.have.property("invalid");
      } else {
        expect(() => peek(cut)).to.throw(StatusError);
      }
    }
  });
});

describe("peek calls invalid", () => {
  const invalid: Record<string, [Uint8Array, string]> = {
    "a message of no bytes": [new Uint8Array(), "body is missing"],
    "a message without a body": [concat(source, target), "body is missing"],
    "an unknown case": [concat(source, target, field(10)), "unknown case 10"],
    "an unknown case of any wire type": [concat(source, mistyped(99, 0, varint(1))), "unknown case 99"],
    "an unknown case beside a known one": [concat(endMessage, field(76)), "unknown case 76 beside end"],
    "a frame message without a frame": [concat(source, field(3)), "frame has no frame"],
    "a frame without a kind": [frame(field(7, "name")), "frame has no kind"],
    "a frame of an unknown kind": [frame(field(16 + 64)), "unknown kind 80"],
    "a frame of a kind from 201": [frame(field(201)), "unknown kind 201"],
    "an unknown kind beside a known one": [frame(text, field(80)), "unknown kind 80"],
    "a frame of kind other without a type name": [frame(field(200)), "no type name"],
    "a frame of kind other with an empty type name": [frame(field(200, field(1))), "no type name"],
    "custom without a message": [concat(source, field(90)), "custom has no message"],
    "custom without a type URL": [custom(), "type URL"],
    "a type URL without a name": [custom(field(1, "type.googleapis.com/")), "type URL"],
    "a type URL of another host": [custom(field(1, "example.com/acme.Order")), "type URL"],
    "a type URL with a scheme": [custom(field(1, "https://type.googleapis.com/acme.Order")), "type URL"],
    "a type URL without a host": [custom(field(1, "/acme.Order")), "type URL"],
    "a type URL with a path": [custom(field(1, "type.googleapis.com/x/acme.Order")), "type URL"],
    "other without a type name": [concat(source, field(91)), "no type name"],
    "other with an empty type name": [concat(source, field(91, field(1))), "no type name"],
  };
  for (const [name, [bytes, reason]] of Object.entries(invalid)) {
    it(name, () => {
      expect(peek(bytes)).to.have.property("invalid").that.includes(reason);
      expect(() => protobufCodec.decode(bytes))
        .to.throw(StatusError, reason)
        .with.property("code", Code.INVALID_ARGUMENT);
    });
  }

  it("no unknown common field of a frame, nor of the envelope", () => {
    expect(peek(frame(field(14, "x"), field(15, "x"), text))).to.have.property("kind", "text");
    expect(peek(concat(field(9, "x"), endMessage))).to.have.property("case", "end");
  });
});
