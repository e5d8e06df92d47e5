import type { DescMessage } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { frameTraits } from "../../src/message/case-traits.js";
import { type ForwardEntry, frameKind } from "../../src/message/forward.js";
import { pythonType } from "../../src/message/python-type.js";
import type { FrameKind } from "../../src/message/types.js";
import { OrderSchema, UrgentOrderSchema } from "../message/gen/acme/v1/order_pb.js";
import { arbitraryBusMessage, arbitraryBusMessageOf, arbitraryFrameMessageOf } from "./arbitrary-message.js";
import { type Agreement, type Described, lifecycleKinds, listedCases, unlistedCases } from "./policy-model.js";

export const schemas: readonly DescMessage[] = [OrderSchema, UrgentOrderSchema];
export const pythonTypes = ["acme.v1.Order", "acme.Order", "pipecat.frames.frames.Other"];
const typeNames = ["acme.v1.Order", "acme.v1.UrgentOrder", ...pythonTypes, "X"];
const kinds = (Object.keys(frameTraits) as FrameKind[]).filter((kind) => kind !== "other");
const allKinds = fc.oneof(
  fc.constantFrom(...kinds, "other" as const),
  fc.constantFrom("text", "llmText", ...lifecycleKinds, "other"),
);

/** Names of agents that like to be mistaken for one another. */
const names = fc.constantFrom("main", "main", "helper", "helper", "third", "Main", "helper ", "proxy2");

/** From whom to whom: often as it has to be, else anything. */
const routes = fc.oneof(
  fc.constantFrom<[string, string | undefined]>(
    ["main", "helper"],
    ["helper", "main"],
    ["main", undefined],
    ["helper", undefined],
  ),
  fc.tuple(names, fc.option(names, { nil: undefined })),
);

/** A message of any case with any content, among agents that matter here. */
export const arbitraryMessage: fc.Arbitrary<BusMessage> = fc
  .tuple(
    fc.oneof(
      { weight: 2, arbitrary: arbitraryBusMessage() },
      { weight: 2, arbitrary: fc.constantFrom(...listedCases, ...unlistedCases).chain(arbitraryBusMessageOf) },
      { weight: 1, arbitrary: fc.constantFrom("activateAgent", "deactivateAgent").chain(arbitraryBusMessageOf) },
      { weight: 2, arbitrary: allKinds.chain(arbitraryFrameMessageOf) },
      { weight: 1, arbitrary: fc.constantFrom("custom", "other").chain(arbitraryBusMessageOf) },
    ),
    routes,
    fc.constantFrom(...typeNames),
  )
  .map(([message, [source, target], typeName]) => {
    message.source = source;
    if (target === undefined) {
      delete message.target;
    } else {
      message.target = target;
    }
    const body = message.body;
    if (body.case === "custom" && body.value.message !== undefined) {
      body.value.message.typeUrl = `type.googleapis.com/${typeName}`;
    } else if (body.case === "other") {
      body.value.typeName = typeName;
    } else if (body.case === "frame" && body.value.frame?.kind.case === "other") {
      body.value.frame.kind.value.typeName = typeName;
    }
    return message;
  });

export const arbitraryAgreement: fc.Arbitrary<Agreement> = fc.record({
  side: fc.constantFrom("client" as const, "server" as const),
  local: fc.constant("main"),
  remote: fc.constant("helper"),
  cases: fc.oneof(
    fc.subarray([...listedCases]),
    fc.constant(["frame"]),
    fc.constant(["taskResponseUrgent"]),
    fc.constant([...listedCases]),
  ),
  kinds: fc.oneof(fc.constant([]), fc.subarray(kinds, { maxLength: 4 }), fc.subarray([...lifecycleKinds])),
  customTypes: fc.subarray(schemas.map(({ typeName }) => typeName)),
  pythonTypes: fc.subarray(pythonTypes),
  activation: fc.boolean(),
});

/** What `forwardMessages` has to be for a proxy to keep an agreement. */
export function entries(agreement: Agreement): readonly ForwardEntry[] {
  return [
    ...agreement.pythonTypes.map(pythonType),
    ...(agreement.cases as ForwardEntry[]),
    ...schemas.filter(({ typeName }) => agreement.customTypes.includes(typeName)),
    ...(agreement.kinds as (typeof kinds)[number][]).map(frameKind),
  ];
}

/** Reads of a message what the model judges by: not with the code that is tested. */
export function described(message: BusMessage): Described {
  const { source, target, body } = message;
  const kind = body.case === "frame" ? body.value.frame?.kind : undefined;
  let typeName: string | undefined;
  if (kind?.case === "other") {
    typeName = kind.value.typeName;
  } else if (body.case === "other") {
    typeName = body.value.typeName;
  } else if (body.case === "custom") {
    typeName = body.value.message?.typeUrl.replace(/^type\.googleapis\.com\/(?=[^/]+$)/, "");
  }
  return { source, target, case: body.case as Described["case"], kind: kind?.case, typeName };
}
