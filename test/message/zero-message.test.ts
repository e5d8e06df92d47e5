import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import { file_crossbus_v1_frame_kinds } from "../../gen/crossbus/v1/frame_kinds_pb.js";
import { file_crossbus_v1_frame } from "../../gen/crossbus/v1/frame_pb.js";
import { file_crossbus_v1_message } from "../../gen/crossbus/v1/message_pb.js";
import { file_crossbus_v1_value } from "../../gen/crossbus/v1/value_pb.js";
import { zeroMessage } from "../../src/message/zero-message.js";

const files = [file_crossbus_v1_message, file_crossbus_v1_frame, file_crossbus_v1_frame_kinds, file_crossbus_v1_value];
const types: readonly DescMessage[] = files.flatMap(({ messages }) => messages);

describe("a message without anything set", () => {
  it("is what create() makes, for every type of the schema", () => {
    expect(types.length).to.be.greaterThan(100);
    for (const type of types) {
      const message = zeroMessage(type);
      expect(message, type.typeName).to.deep.equal(create(type));
      expect(Object.keys(message), type.typeName).to.deep.equal(Object.keys(create(type)));
      expect(Object.getPrototypeOf(message), type.typeName).to.equal(Object.prototype);
    }
  });

  it("shares nothing that can be changed with another", () => {
    for (const type of types) {
      const [a, b] = [zeroMessage(type), zeroMessage(type)] as [Message, Message] as unknown as Record<
        string,
        unknown
      >[];
      for (const [name, value] of Object.entries(a ?? {})) {
        // An empty Uint8Array holds nothing that could be changed.
        if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
          expect(value, `${type.typeName}.${name}`).not.to.equal(b?.[name]);
        }
      }
    }
  });
});
