export {
  type ConformanceCase,
  type ConformanceRig,
  type ConformanceSetup,
  transportConformance,
} from "./testing/transport-conformance.js";
