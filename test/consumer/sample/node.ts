/** What an application in Node imports: every public entry point. It is compiled and run. */
import * as server from "crossbus/websocket/server";
import { order } from "./bridge.js";
import { names, typeName } from "./browser.js";
import { isUrgent, roundTrip } from "./own-message.js";

const { item, details } = roundTrip("teapot");
console.log(
  JSON.stringify({
    entries: [...names, Object.keys(server).sort().join(" ")],
    typeName,
    isUrgent,
    answer: await order(),
    item,
    details: `${details?.kind.value}`,
  }),
);
