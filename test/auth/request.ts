import type { AuthenticationRequest, Credential } from "../../src/auth/authenticate.js";
import type { PeerCertificate } from "../../src/transport/transport.js";

/** What came with a request to connect. */
export interface Came {
  readonly headers?: Readonly<Record<string, string>>;
  readonly credential?: Credential;
  readonly url?: string;
  readonly certificate?: PeerCertificate;
}

/** What an authenticator is asked. */
export function request({ headers = {}, credential, ...came }: Came = {}): AuthenticationRequest {
  const peer = { address: "192.0.2.7:1234", metadata: new Map(Object.entries(headers)), encrypted: true, ...came };
  return { credential, peer };
}

export function credentialOf(type: string, value: string): Credential {
  return { type, value: new TextEncoder().encode(value) };
}

/** What all ready-made authenticators refuse with. */
export const refusal = "a credential that is valid here is needed";
