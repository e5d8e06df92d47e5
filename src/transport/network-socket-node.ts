import type { Socket } from "node:net";

/** Where a network socket comes from, as `Peer.address` has it. */
export function endpointOf({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? "unknown" : `${bracket(remoteAddress)}:${remotePort}`;
}

/**
 * What tells connections apart: where they come from, since TLS puts a socket of its own above that of the connection. That
 * of a pipe has no address, and is told by itself.
 */
export function connectionKey(socket: Socket): unknown {
  return socket.remotePort === undefined ? socket : endpointOf(socket);
}

/** An address as URLs have it, with brackets where it has colons. */
export function bracket(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
