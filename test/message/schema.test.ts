import { create, type DescMessage } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import { ControlFrameSchema } from "../../gen/crossbus/v1/link_pb.js";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { controlFrameType } from "../../src/link/resumable/link-schema.js";
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
    listKind: field.listKind,
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
