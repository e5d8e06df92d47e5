/** A message of the application's own, from a .proto file that imports those of crossbus. */
import { create, fromBinary, getOption, toBinary } from "@bufbuild/protobuf";
import { Priority, priority } from "crossbus/gen/crossbus/v1/options_pb.js";
import { type Order, OrderSchema } from "./gen/shop/v1/order_pb.js";

/** What comes out at the other end. */
export function roundTrip(item: string): Order {
  const order = create(OrderSchema, { item, details: { kind: { case: "intValue", value: 3n } } });
  return fromBinary(OrderSchema, toBinary(OrderSchema, order));
}

export const isUrgent: boolean = getOption(OrderSchema, priority) === Priority.SYSTEM;
