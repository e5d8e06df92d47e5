/** This package, with plain links: no byte but those of the messages. */
import { makeBridge } from "./crossbus-bridge.js";

export const { serve, connect } = makeBridge({ dialect: "protobuf" });
