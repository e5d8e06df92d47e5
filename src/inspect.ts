export { Tap, type TapEvents, type TapOptions, type TapStats } from "./inspect/tap.js";
export type { MessageFacts, TapEvent, TapRecord } from "./inspect/tap-record.js";
