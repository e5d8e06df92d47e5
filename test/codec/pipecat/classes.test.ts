import { create } from "@bufbuild/protobuf";
import { anyPack, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { describe, it } from "mocha";
import { FrameSchema } from "../../../gen/crossbus/v1/frame_pb.js";
import { type BusMessage, BusMessageSchema } from "../../../gen/crossbus/v1/message_pb.js";
import {
  pipecatBodyNames,
  pipecatFrameNames,
  pipecatSubagentsBodyNames,
  pythonClasses,
  pythonEnums,
} from "../../../gen/crossbus/v1/pipecat-names.js";
import { Code } from "../../../src/base/status.js";
import type { Codec } from "../../../src/codec/codec.js";
import { jsonCodec } from "../../../src/codec/pipecat/json-codec.js";
import type { JsonDialect } from "../../../src/codec/pipecat/python-classes.js";
import { busMessage, frame } from "../../../src/message/build.js";
import { expectThrown } from "../../support/expect-status.js";

const encoder = new TextEncoder();
const envelope = { source: "a", target: "b" };

const bodies: Readonly<Record<JsonDialect, Readonly<Record<string, string>>>> = {
  pipecat: pipecatBodyNames,
  "pipecat-subagents": pipecatSubagentsBodyNames,
};
const frames: Readonly<Record<string, string>> = pipecatFrameNames;

function codecFor(dialect: JsonDialect, listed: ReadonlySet<string> | "any"): Codec {
  const codec = jsonCodec({ dialect, pipecatVersion: undefined });
  codec.allowTypes?.(listed);
  return codec;
}

for (const dialect of ["pipecat", "pipecat-subagents"] as const) {
  const nested = Object.values(pythonClasses).map((known) =>
    dialect === "pipecat" ? known.pipecat : known.pipecatSubagents,
  );
  const moved = Object.values(pythonClasses).flatMap(({ movedTo }) => movedTo ?? []);
  const elsewhere = [...nested, ...moved, ...Object.values(pythonEnums)];
  const bodyClasses = Object.values(bodies[dialect]);
  const frameClasses = Object.values(frames);
  const all = new Set([...bodyClasses, ...frameClasses, ...elsewhere]);

  const framed = (className: string) =>
    `{"__type__":"${bodies[dialect]["frame"]}","__data__":{"source":"a","frame":{"__type__":"${className}","__data__":{}},"direction":{"__type__":"pipecat.processors.frame_processor.FrameDirection","__data__":"UPSTREAM"}}}`;

  describe(`the classes of the schema in dialect ${dialect}`, () => {
    // Listing a class of the schema gains nothing: it has its place, and a policy has other entries for it.
    for (const [name, listed] of [
      ["listed", all],
      ["not listed", new Set<string>()],
      ["with any allowed", "any"],
    ] as const) {
      it(`are messages, frames or neither, and can't stand for another: ${name}`, () => {
        for (const className of all) {
          const codec = codecFor(dialect, listed);
          const asMessage = encoder.encode(`{"__type__":"${className}","__data__":{"source":"a"}}`);
          const asFrame = encoder.encode(framed(className));
          if (!bodyClasses.includes(className)) {
            expect(codec.peek(asMessage), className).to.include({ case: "other", typeName: className });
            expect(codec.decode(asMessage), className)
              .to.have.property("invalid")
              .that.matches(/doesn't belong here/);
          }
          if (!frameClasses.includes(className)) {
            expect(codec.peek(asFrame), className).to.include({ case: "frame", kind: "other", typeName: className });
            expect(codec.decode(asFrame), className)
              .to.have.property("invalid")
              .that.matches(/doesn't belong here/);
          }
          const other = { typeName: className, fields: {} };
          expectThrown(Code.INVALID_ARGUMENT, () => codec.encode(busMessage("other", other, envelope)));
          const message = busMessage("frame", { frame: frame("other", other), direction: 1 }, envelope);
          expectThrown(Code.INVALID_ARGUMENT, () => codec.encode(message));
        }
      });
    }

    it("are peeked as the cases and kinds that they are", () => {
      const codec = codecFor(dialect, new Set());
      for (const [name, className] of Object.entries(bodies[dialect]).filter(([name]) => name !== "frame")) {
        const wire = encoder.encode(`{"__type__":"${className}","__data__":{"source":"a","target":null}}`);
        const peeked = { source: "a", target: undefined, case: name, kind: undefined, typeName: undefined };
        expect(codec.peek(wire)).to.deep.equal(peeked);
      }
      for (const [kind, className] of Object.entries(frames)) {
        const peeked = { source: "a", target: undefined, case: "frame", kind, typeName: undefined };
        expect(codec.peek(encoder.encode(framed(className)))).to.deep.equal(peeked);
      }
    });

    it("have no second name that Python would find them by", () => {
      const codec = codecFor(dialect, new Set());
      for (const className of bodyClasses) {
        const short = className.replace(".bus.messages.", ".bus.").replace(".bus.ui.messages.", ".bus.ui.");
        for (const name of [short, ` ${className}`, `${className} `, className.toLowerCase(), `.${className}`]) {
          const wire = encoder.encode(`{"__type__":"${name}","__data__":{"source":"a"}}`);
          expect(codec.peek(wire), name).to.include({ case: "other", typeName: name });
          expect(codec.decode(wire), name).to.have.property("invalid");
        }
      }
    });

    it("are no messages of the other dialect", () => {
      const theirs = bodies[dialect === "pipecat" ? "pipecat-subagents" : "pipecat"];
      for (const className of Object.values(theirs)) {
        const wire = encoder.encode(`{"__type__":"${className}","__data__":{"source":"a"}}`);
        const codec = codecFor(dialect, "any");
        expect(codec.peek(wire)).to.include({ case: "other", typeName: className });
        expect(codec.decode(wire))
          .to.have.property("invalid")
          .that.matches(new RegExp(`is none of dialect ${dialect}`));
        const message = busMessage("other", { typeName: className, fields: {} }, envelope);
        expectThrown(Code.INVALID_ARGUMENT, () => codec.encode(message));
      }
    });

    it("don't include every case: one that has none is refused by its name", () => {
      const codec = codecFor(dialect, "any");
      let refused = 0;
      for (const { localName, message: desc } of BusMessageSchema.oneofs[0]?.fields ?? []) {
        if (bodies[dialect][localName] === undefined && desc !== undefined && localName !== "other") {
          const message = create(BusMessageSchema, envelope);
          message.body = { case: localName, value: create(desc) } as BusMessage["body"];
          const error = expectThrown(Code.UNIMPLEMENTED, () => codec.encode(message));
          expect(error.message).to.include(localName);
          refused += 1;
        }
      }
      expect(refused).to.equal(dialect === "pipecat" ? 1 : 9);
    });

    it("don't include an application's own message, whose type is named", () => {
      const message = create(BusMessageSchema, envelope);
      const content = anyPack(StringValueSchema, create(StringValueSchema, { value: "x" }));
      message.body = { case: "custom", value: { $typeName: "crossbus.v1.CustomMessage", message: content } };
      const error = expectThrown(Code.UNIMPLEMENTED, () => codecFor(dialect, "any").encode(message));
      expect(error.message).to.match(/^custom: .*"google\.protobuf\.StringValue" can't travel in dialect/);
    });

    it("include every kind of frame but other", () => {
      const kinds = FrameSchema.oneofs[0]?.fields.map(({ localName }) => localName) ?? [];
      expect(kinds.filter((kind) => frames[kind] === undefined)).to.deep.equal(["other"]);
    });
  });
}
