export { type MemoryConnectOptions, MemoryTransport, type MemoryTransportOptions } from "./transport/memory.js";
