export type { Incoming, Link, LinkConsumer } from "./link/link.js";
export type {
  CutFault,
  DelayFault,
  DuplicateFault,
  Fault,
  FaultDirection,
  FaultEvent,
  FaultStep,
  HalfOpenFault,
  RefuseFault,
  ThrottleFault,
  TruncateFault,
} from "./testing/fault.js";
export { type FaultOptions, type Faults, type Faulty, faulty } from "./testing/faulty.js";
export { type LinkPair, type LinkRig, type LinkSetup, linkConformance } from "./testing/link-conformance.js";
export {
  type ConformanceCase,
  type ConformanceRig,
  type ConformanceSetup,
  transportConformance,
} from "./testing/transport-conformance.js";
export { VirtualClock } from "./testing/virtual-clock.js";
