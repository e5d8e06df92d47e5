import { invalidArgument } from "../base/status.js";
import type { PeerCertificate, Principal } from "../transport/transport.js";
import type { Authenticate } from "./authenticate.js";
import { unauthenticated } from "./unauthenticated.js";

/** Says whose certificate it is; undefined for one that isn't welcome. */
export type FindCertificate = (certificate: PeerCertificate) => Principal | undefined | Promise<Principal | undefined>;

/**
 * Authenticates by the certificate that a client has shown in the TLS handshake (mutual TLS). It has to come from an authority
 * that the listener trusts: others never get as far as this. Headers in which a proxy on the way tells of a certificate
 * are not looked at, since everybody can send them.
 *
 * Give the principal the `expiresAt` of the certificate where a session must not outlive it. Throws INVALID_ARGUMENT where `find` isn't
 * a function.
 */
export function clientCertificates(find: FindCertificate): Authenticate {
  if (typeof find !== "function") {
    throw invalidArgument("find", find, "must be a function that tells whose certificate it is");
  }
  return async ({ peer: { certificate } }) => {
    const principal = certificate === undefined ? undefined : await find(certificate);
    if (principal === undefined) {
      throw unauthenticated();
    }
    return principal;
  };
}
