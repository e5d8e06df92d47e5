import type { Peer } from "../../transport/transport.js";
import { clientNetwork } from "./client-network.js";

/** Who a client is as far as it is counted: its principal, or its address where there are none. No address reads like a principal. */
export function holderOf({ principal, address }: Peer): string {
  return principal === undefined ? `at ${clientNetwork(address)}` : `as ${principal.name}`;
}
