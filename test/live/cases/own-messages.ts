import {
  create,
  createRegistry,
  type DescMessage,
  equals,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { StructSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { describe } from "mocha";
import {
  type AnyBusMessage,
  type BusMessage,
  Code,
  customMessage,
  defineTask,
  type ForwardEntry,
  readCustom,
  StatusError,
  TASKS,
} from "../../../src/index.js";
import { isSystem } from "../../../src/message/traits.js";
import { toValue } from "../../../src/message/value.js";
import { BoxSchema, Shade, Size } from "../../message/gen/acme/v1/closed_pb.js";
import { OrderSchema, UrgentOrderSchema } from "../../message/gen/acme/v1/order_pb.js";
import { Grade, type Sample, SampleSchema } from "../../message/gen/acme/v1/sample_pb.js";
import { expectRejected } from "../../support/expect-status.js";
import { eventually } from "../support/eventually.js";
import type { LiveBridge } from "../support/live-bridge.js";
import type { Live } from "../support/live-suite.js";

const types = [OrderSchema, UrgentOrderSchema, SampleSchema, BoxSchema, StructSchema] as const;
const registry = createRegistry(...types);
const forwardMessages: readonly ForwardEntry[] = [...TASKS, ...types];

/** A message with next to everything there is. */
const sample: MessageInitShape<typeof SampleSchema> = {
  doubleField: -0,
  floatField: 0.5,
  int64Field: -(2n ** 63n),
  uint64Field: 2n ** 64n - 1n,
  bytesField: Uint8Array.of(0, 255),
  stringField: "\ufeffé🚀",
  grade: 77 as Grade,
  nested: { choice: { case: "choiceText", value: "" } },
  textInt64: "9007199254740993",
  optionalInt32: 0,
  choice: { case: "choiceSample", value: { grade: Grade.GOOD } },
  numbers: [1, -1],
  samples: [{}, { texts: ["a", ""] }],
  byText: { constructor: 1n, "": -1n },
  byInt32: { [-5]: "x" },
  byUint64: { "18446744073709551615": { boolField: true } },
  byBool: { true: Grade.BETTER },
  when: timestampFromMs(1_700_000_000_000),
  howLong: { seconds: -3n, nanos: -5 },
  properties: { a: [1, null, { b: "c" }] },
  anything: { kind: { case: "nullValue", value: 0 } },
  wrappedInt64: 0n,
  wrappedBytes: Uint8Array.of(1),
  value: toValue({ n: 3, big: 2n ** 70n }),
};

/** A message of proto2, with a closed enumeration, a group, and a field that a newer peer has added. */
const box: MessageInitShape<typeof BoxSchema> = fromBinary(
  BoxSchema,
  Uint8Array.of(
    ...toBinary(
      BoxSchema,
      create(BoxSchema, {
        label: "",
        size: Size.LARGE,
        sizes: [1, 2],
        shade: Shade.BLACK,
        lid: { labels: { a: "b" } },
        inner: { b: { label: "c" } },
      }),
    ),
    ...[0xa0, 0x06, 5],
  ),
);

/** Message types of an application's own, which a Python peer has too. */
export function testOwnMessages(live: Live): void {
  if (live.codec === "json") {
    return;
  }
  const open = () => live.open({ forwardMessages, python: { types } });

  describe("messages of the application's own", () => {
    for (const [schema, init] of [
      [OrderSchema, { id: "a", quantity: 3 }],
      [SampleSchema, sample],
      [BoxSchema, box],
      [OrderSchema, {}],
    ] as const satisfies readonly (readonly [DescMessage, object])[]) {
      live.it(
        `go to Python and come back as they were: ${schema.typeName}, ${Object.keys(init).length} fields`,
        async () => {
          const bridge = await open();
          const back = await echo(bridge, schema, init);
          expect(
            equals<DescMessage>(schema, back, create<DescMessage>(schema, init), { unknown: true, registry }),
          ).to.equal(true);
        },
      );
    }

    live.it("overtake at either side where the option on their type says so", async () => {
      const bridge = await open();
      await bridge.python.send("CustomBusMessage(source='py', target='ts', message=UrgentOrder(id='now'))");
      await eventually(() => arrived(bridge).length === 1);
      const [message] = arrived(bridge);
      expect(message?.body.case === "custom" && isSystem(message as BusMessage)).to.equal(true);
      const back = await echo(bridge, UrgentOrderSchema, { id: "later" });
      expect(back).to.include({ id: "later" });
    });

    live.it("reach Python as deep as they may be", async () => {
      const bridge = await open();
      let deep = create(SampleSchema);
      for (let i = 1; i < 50; i++) {
        deep = create(SampleSchema, i % 2 === 0 ? { byUint64: { "1": deep } } : { nested: deep });
      }
      let object: object = { a: "b" };
      for (let i = 1; i < 33; i++) {
        object = { object };
      }
      for (const init of [deep, { properties: object as never }]) {
        const back = await echo(bridge, SampleSchema, init);
        expect(equals(SampleSchema, back as Sample, create(SampleSchema, init))).to.equal(true);
      }
    });

    live.it("are refused with a key in a map that would make its prototype here", async () => {
      const bridge = await open();
      await bridge.python.send(
        "CustomBusMessage(source='py', target='ts', message=Box(label='a', inner={'__proto__': Box(label='b')}))",
        "CustomBusMessage(source='py', target='ts', message=Struct(fields={'__proto__': {'string_value': 'x'}}))",
      );
      await eventually(() => arrived(bridge).length === 2);
      for (const [index, schema] of [BoxSchema, StructSchema].entries()) {
        const message = arrived(bridge)[index];
        expect(() => message !== undefined && readCustom<DescMessage>(message, schema))
          .to.throw(StatusError, "must not have a key that JavaScript would lose")
          .with.property("code", Code.INVALID_ARGUMENT);
      }
    });

    live.it("have the first of several names of a number in a task, as Python has it", async () => {
      const bridge = await open();
      const task = defineTask("decorated", { request: BoxSchema });
      await bridge.agent.requestTask("py", { task, payload: { label: "a", shade: Shade.BLACK } });
      const { payload } = await bridge.python.message("BusTaskRequestMessage");
      expect(payload).to.include("'shade': 'SHADE_DARK'");
    });

    live.it("have to have what is required in a task too", async () => {
      const bridge = await open();
      const task = defineTask("decorated", { request: OrderSchema, response: BoxSchema });
      // Python answers with what it was sent, which is no box.
      const error = await expectRejected(
        Code.INVALID_ARGUMENT,
        Promise.resolve(bridge.agent.requestTask("py", { task, payload: { id: "a" } })),
      );
      expect(error.message).to.equal('agent "py": response.label: must be set: a string, got undefined');
    });
  });
}

/** The messages of the application's own that came. */
function arrived(bridge: LiveBridge): readonly AnyBusMessage[] {
  return bridge.agent.messages.filter((message) => message.body.case === "custom");
}

/** Sends a message to Python, has it sent back as Python has it, and reads it. */
async function echo(bridge: LiveBridge, schema: DescMessage, init: object) {
  const before = bridge.python.messages("CustomBusMessage").length;
  const count = arrived(bridge).length;
  bridge.agent.send(customMessage(schema, init as never, { target: "py" }));
  const { message } = await bridge.python.message("CustomBusMessage", before + 1);
  const [name, hex = ""] = String(message).split(" ");
  expect(name).to.equal(schema.typeName);
  const simpleName = schema.typeName.slice(schema.typeName.lastIndexOf(".") + 1);
  await bridge.python.send(
    `CustomBusMessage(source='py', target='ts', message=${simpleName}.FromString(bytes.fromhex('${hex}')))`,
  );
  await eventually(() => arrived(bridge).length > count);
  const answer = arrived(bridge)[count];
  const back = answer === undefined ? undefined : readCustom(answer, schema);
  if (back === undefined) {
    throw new Error(`no ${schema.typeName} came back`);
  }
  return back;
}
