export {
  type ConformanceCase,
  type ConformanceRig,
  type ConformanceSetup,
  transportConformance,
} from "./testing/transport-conformance.js";
export { VirtualClock } from "./testing/virtual-clock.js";
