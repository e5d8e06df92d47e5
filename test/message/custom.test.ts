import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack, ListValueSchema, StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { describe, it } from "mocha";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { busMessage } from "../../src/message/build.js";
import { withSource } from "../../src/message/copy.js";
import { customMessage, readCustom } from "../../src/message/custom.js";
import { customSchema, customTypeName, isSystemType, setCustomSchema } from "../../src/message/custom-schema.js";
import { isSystem } from "../../src/message/traits.js";
import { expectInvalid } from "./expect-invalid.js";
import { BoxSchema } from "./gen/acme/v1/closed_pb.js";
import { OrderSchema, UrgentOrderSchema } from "./gen/acme/v1/order_pb.js";
import { SampleSchema } from "./gen/acme/v1/sample_pb.js";

describe("a message of the user's own", () => {
  it("travels in an Any with the type URL of its name", () => {
    const message = customMessage(OrderSchema, { id: "a1", quantity: 2 }, { source: "shop", target: "assistant" });
    expect(message.body.value.message?.typeUrl).to.equal("type.googleapis.com/acme.v1.Order");
    expect([message.source, message.target]).to.deep.equal(["shop", "assistant"]);
    const read = fromBinary(BusMessageSchema, toBinary(BusMessageSchema, message));
    expect(readCustom(read, OrderSchema)).to.deep.equal(create(OrderSchema, { id: "a1", quantity: 2 }));
  });

  it("is made of a message that exists already, or of nothing", () => {
    const order = create(OrderSchema, { id: "a1" });
    expect(readCustom(customMessage(OrderSchema, order), OrderSchema)).to.deep.equal(order);
    expect(readCustom(customMessage(OrderSchema), OrderSchema)).to.deep.equal(create(OrderSchema));
  });

  it("comes with its text as it was, a byte order mark at its start included", () => {
    const message = customMessage(OrderSchema, { id: "\ufeffa1" });
    expect(readCustom(message, OrderSchema)?.id).to.equal("\ufeffa1");
  });

  it("reads as undefined when it is of another type", () => {
    expect(readCustom(customMessage(UrgentOrderSchema, { id: "a1" }), OrderSchema)).to.equal(undefined);
    expect(readCustom(busMessage("end"), OrderSchema)).to.equal(undefined);
    expect(readCustom(busMessage("custom"), OrderSchema)).to.equal(undefined);
  });

  it("is refused when its bytes aren't of its type", () => {
    const message = customMessage(OrderSchema, { id: "a1" });
    const any = { typeUrl: "type.googleapis.com/acme.v1.Order", value: Uint8Array.of(0x0a, 0x05, 0x61) };
    const broken = busMessage("custom", { message: any }, { source: "a" });
    expectInvalid(
      () => readCustom(broken, OrderSchema),
      "custom.message",
      /acme\.v1\.Order, which its 3 bytes aren't: \w/,
    );
    expect(readCustom(message, OrderSchema)?.id).to.equal("a1");
  });

  it("is refused when a field has a wrong type or a lone surrogate", () => {
    const text = "two" as unknown as number;
    expectInvalid(() => customMessage(OrderSchema, { quantity: text }), "acme.v1.Order.quantity", 'integer.*got "two"');
    expectInvalid(() => customMessage(OrderSchema, { id: "\udc00" }), "acme.v1.Order.id", "surrogate");
  });

  it("is refused with a field that its type doesn't have, which would be gone without a word", () => {
    const misspelt = { id: "a1", quantitiy: 2 };
    expectInvalid(() => customMessage(OrderSchema, misspelt), "acme.v1.Order.quantitiy", 'has no field "quantitiy"');
  });

  it("is refused when what has to be set isn't", () => {
    expectInvalid(() => customMessage(BoxSchema, { count: 1 }), "acme.v1.Box", "acme.v1.Box.label.*required");
  });

  it("is refused when it nests deeper than anybody could read it", () => {
    let sample = create(SampleSchema);
    for (let i = 1; i < 100; i++) {
      sample = create(SampleSchema, { nested: sample });
    }
    const message = customMessage(SampleSchema, sample);
    expect(readCustom(message, SampleSchema)).to.deep.equal(sample);
    expectInvalid(() => customMessage(SampleSchema, { nested: sample }), "acme.v1.Sample", "at most 100 deep");
  });

  it("is refused when a peer puts the key __proto__ into one of its maps", () => {
    const { value } = anyPack(
      BoxSchema,
      Object.assign(create(BoxSchema, { label: "a" }), {
        inner: { ["__proto__"]: create(BoxSchema, { label: "of the peer" }) },
      }),
    );
    const broken = busMessage("custom", { message: { typeUrl: "type.googleapis.com/acme.v1.Box", value } });
    expectInvalid(() => readCustom(broken, BoxSchema), "custom.message", "the map inner must not have a key");
  });

  it("is made and read with a schema, not with anything else", () => {
    const message = customMessage(OrderSchema);
    for (const nothing of [
      undefined,
      {},
      { kind: "enum", typeName: "acme.v1.Order" },
    ] as unknown as (typeof OrderSchema)[]) {
      expectInvalid(() => customMessage(nothing), "schema", "must be the schema of a message");
      expectInvalid(() => readCustom(message, nothing), "schema", "must be the schema of a message");
      expectInvalid(() => readCustom(busMessage("end"), nothing), "schema", "must be the schema of a message");
    }
  });

  it("is refused when a key of a map has a lone surrogate, or when it contains itself", () => {
    const fields = { "\ud800": { kind: { case: "boolValue", value: true } } } as const;
    const name = "google.protobuf.Struct";
    expectInvalid(() => customMessage(StructSchema, { fields }), `${name}.fields["\\ud800"]`, "surrogate");
    const list = create(ListValueSchema);
    list.values.push(create(ValueSchema, { kind: { case: "listValue", value: list } }));
    expectInvalid(() => customMessage(ListValueSchema, list), "google.protobuf.ListValue");
  });

  it("takes the system lane when the option on its type says so", () => {
    expect(isSystemType(OrderSchema)).to.equal(false);
    expect(isSystemType(UrgentOrderSchema)).to.equal(true);
    expect(isSystem(customMessage(OrderSchema))).to.equal(false);
    const urgent = customMessage(UrgentOrderSchema);
    expect(isSystem(urgent)).to.equal(true);
    expect(isSystem(withSource(urgent, "another"))).to.equal(true);
  });

  it("has the priority that this process knows of, never one from the wire", () => {
    const read = fromBinary(BusMessageSchema, toBinary(BusMessageSchema, customMessage(UrgentOrderSchema)));
    expect(isSystem(read)).to.equal(false);
    const body = read.body.case === "custom" ? read.body.value : busMessage("custom").body.value;
    expect(customSchema(body)).to.equal(undefined);
    setCustomSchema(body, UrgentOrderSchema);
    expect(customSchema(body)).to.equal(UrgentOrderSchema);
    expect(isSystem(read)).to.equal(true);
  });
});

describe("customTypeName", () => {
  it("takes the one prefix and a name, and nothing else", () => {
    expect(customTypeName("type.googleapis.com/acme.v1.Order")).to.equal("acme.v1.Order");
    const refused = [
      "",
      "acme.v1.Order",
      "/acme.v1.Order",
      "type.googleapis.com/",
      "type.googleapis.com",
      "type.googleapis.com//acme.v1.Order",
      "type.googleapis.com/x/acme.v1.Order",
      "type.googleapis.com/acme.v1.Order/",
      "Type.googleapis.com/acme.v1.Order",
      "https://type.googleapis.com/acme.v1.Order",
      "type.example.com/acme.v1.Order",
    ];
    for (const typeUrl of refused) {
      expect(customTypeName(typeUrl), typeUrl).to.equal(undefined);
    }
  });
});
