export { type BridgeView, type BridgeViewOptions, bridgeView, type ViewedBus } from "./inspect/view/bridge-view.js";
export type { Side } from "./inspect/view/row.js";
