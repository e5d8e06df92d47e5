import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { endpointOf } from "./network-socket-node.js";
import type { Peer, PeerCertificate } from "./transport.js";

/** What a request to upgrade tells of who has made it. */
export function upgradePeer({ headers, socket, url }: IncomingMessage): Peer {
  const metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) {
      metadata.set(name, typeof value === "string" ? value : value.join(", "));
    }
  }
  const certificate = isEncrypted(socket) ? certificateOf(socket) : undefined;
  return {
    address: endpointOf(socket),
    metadata,
    encrypted: isEncrypted(socket),
    ...(url === undefined ? {} : { url }),
    ...(certificate === undefined ? {} : { certificate }),
  };
}

/** Whether a socket speaks TLS. In Bun those of a server are no instances of TLSSocket, and say it all the same. */
function isEncrypted(socket: Socket): socket is TLSSocket {
  return "encrypted" in socket && socket.encrypted === true;
}

function certificateOf(socket: TLSSocket): PeerCertificate | undefined {
  // A certificate that nobody vouches for says nothing, and anybody can make one.
  if (!socket.authorized) {
    return undefined;
  }
  // Bun checks certificates, but doesn't tell whose they are: there everybody has shown none.
  const certificate = socket.getPeerX509Certificate?.();
  if (certificate === undefined) {
    return undefined;
  }
  // Several common names come as an array, and are as good as none: which one is meant?
  const commonName: unknown = certificate.toLegacyObject().subject?.CN;
  return {
    commonName: typeof commonName === "string" ? commonName : "",
    alternativeNames: splitAlternativeNames(certificate.subjectAltName ?? ""),
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    expiresAt: Date.parse(certificate.validTo),
  };
}

/** Splits the list that Node makes of alternative names. One with a comma in it is quoted there, as in JSON. */
export function splitAlternativeNames(list: string): readonly string[] {
  const names = list.match(/(?:[^",]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return names.map((name) => name.trim().replace(/"(?:[^"\\]|\\.)*"$/, (quoted) => String(JSON.parse(quoted))));
}
