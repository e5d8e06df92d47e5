import { create, type DescMessage, getOption } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import { FrameSchema } from "../../gen/crossbus/v1/frame_pb.js";
import { ControlFrameSchema } from "../../gen/crossbus/v1/link_pb.js";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { body_case, Forwarding, frame_kind, Priority } from "../../gen/crossbus/v1/options_pb.js";
import { controlFrameType } from "../../src/link/resumable/link-schema.js";
import { bodyTraits, frameTraits } from "../../src/message/case-traits.js";
import type { FieldType, MessageType } from "../../src/message/message-type.js";
import { newMessage } from "../../src/message/new-message.js";
import { busMessageType } from "../../src/message/schema.js";

/** The types that a type holds, itself included, by their names. */
function closure(root: MessageType): ReadonlyMap<string, MessageType> {
  const types = new Map([[root.typeName, root]]);
  for (const type of types.values()) {
    for (const { message } of type.fields) {
      if (message !== undefined && !types.has(message.typeName)) {
        types.set(message.typeName, message);
      }
    }
  }
  return types;
}

/** All that is said of a field, with names in place of types. */
function describeField({ message, enum: enumType, oneof, parent, ...field }: FieldType) {
  return {
    name: field.name,
    localName: field.localName,
    number: field.number,
    fieldKind: field.fieldKind,
    scalar: field.scalar,
    presence: field.presence,
    message: message?.typeName,
    enum: enumType && [enumType.typeName, ...enumType.values.map(({ localName, number }) => [localName, number])],
    oneof: oneof?.localName,
    parent: parent.typeName,
  };
}

function describeType(type: MessageType) {
  return {
    typeName: type.typeName,
    fields: [...type.fields].sort((a, b) => a.number - b.number).map(describeField),
    members: type.members.map(({ kind, localName }) => [kind, localName]),
    oneofs: type.members.flatMap((member) =>
      member.kind === "oneof" ? [[member.parent.typeName, ...member.fields.map(({ localName }) => localName)]] : [],
    ),
  };
}

describe("the types that are made of the text of the schema", () => {
  const roots: readonly (readonly [string, MessageType, DescMessage, number])[] = [
    ["messages", busMessageType, BusMessageSchema, 150],
    ["control frames", controlFrameType, ControlFrameSchema, 11],
  ];
  for (const [what, root, desc, count] of roots) {
    const types = closure(root);

    it(`say of ${what} what the descriptors say`, () => {
      const described = closure(desc);
      expect(types.size).to.be.at.least(count);
      expect([...types.keys()]).to.have.members([...described.keys()]);
      for (const [name, type] of types) {
        expect(describeType(type), name).to.deep.equal(describeType(described.get(name) as MessageType));
      }
    });

    it(`make empty ${what} as protobuf-es does`, () => {
      for (const [name, type] of closure(desc)) {
        const made = newMessage(types.get(name) as MessageType);
        expect(made, name).to.deep.equal(create(type as DescMessage));
        expect(Object.keys(made), name).to.have.members(Object.keys(create(type as DescMessage)));
      }
    });
  }
});

describe("the traits that are read from the text of the schema", () => {
  it("are what the options say of each case of a bus message", () => {
    const fields = BusMessageSchema.oneofs[0]?.fields ?? [];
    expect(Object.keys(bodyTraits)).to.have.members(fields.map(({ localName }) => localName));
    for (const field of fields) {
      const { priority, untargeted, forwarding } = getOption(field, body_case);
      expect(bodyTraits[field.localName as keyof typeof bodyTraits], field.name).to.include({
        number: field.number,
        system: priority === Priority.SYSTEM,
        untargeted,
        forwarding: ["never", "listed", "activation", "announcement"][forwarding],
      });
      expect(Forwarding[forwarding]).to.be.a("string");
    }
  });

  it("are what the options say of each kind of frame", () => {
    const fields = FrameSchema.oneofs[0]?.fields ?? [];
    expect(Object.keys(frameTraits)).to.have.members(fields.map(({ localName }) => localName));
    for (const field of fields) {
      const { priority, lifecycle, local, droppable } = getOption(field, frame_kind);
      expect(frameTraits[field.localName as keyof typeof frameTraits], field.name).to.include({
        number: field.number,
        system: priority === Priority.SYSTEM,
        lifecycle,
        local,
        droppable,
      });
    }
  });
});
