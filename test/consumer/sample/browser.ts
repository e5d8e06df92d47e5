/** What an application in a browser imports. It is compiled without the types of Node. */
import * as crossbus from "crossbus";
import * as conversation from "crossbus/conversation";
import { BusMessageSchema } from "crossbus/gen/crossbus/v1/message_pb.js";
import * as inspect from "crossbus/inspect";
import * as view from "crossbus/inspect/view";
import * as memory from "crossbus/memory";
import * as testing from "crossbus/testing";
import * as websocket from "crossbus/websocket";

export const names: readonly string[] = [crossbus, conversation, inspect, memory, testing, view, websocket].map(
  (entry) => {
    return Object.keys(entry).sort().join(" ");
  },
);

export const typeName: string = BusMessageSchema.typeName;
