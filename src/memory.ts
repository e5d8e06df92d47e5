export { MemoryTransport, type MemoryTransportOptions } from "./transport/memory.js";
