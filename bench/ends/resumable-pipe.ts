/** This package, with the links that it has by default: what a lost connection takes is sent again over the next. */
import { makeBridge } from "./crossbus-bridge.js";

export const { serve, connect } = makeBridge({});
