import { createSecureContext, type TlsOptions } from "node:tls";
import { Code, invalidArgument, StatusError } from "../base/status.js";

/** The TLS of a listener. Keys and certificates are in PEM. */
export interface ListenerTls {
  /** The private key of the certificate. */
  readonly key: string | Uint8Array;
  /** The certificate that clients are shown, with the intermediate ones behind it. */
  readonly cert: string | Uint8Array;
  /** The authorities whose certificates clients may show. With them clients are asked for one; by default they aren't. */
  readonly ca?: string | Uint8Array;
  /**
   * With `ca`: whether a client without a certificate that one of these authorities has signed is refused in the TLS
   * handshake (`"required"`, the default), or let in as one that has shown none (`"optional"`), for `admit` to decide on.
   */
  readonly clientCertificates?: "required" | "optional";
}

/** Checks what is said about TLS, and makes of it what Node's servers take. Throws INVALID_ARGUMENT, which shows no key. */
export function checkListenerTls(tls: ListenerTls): TlsOptions {
  if (typeof tls !== "object" || tls === null) {
    throw invalidArgument("tls", tls, "must be an object with a key and a certificate");
  }
  const { clientCertificates } = tls;
  if (clientCertificates !== undefined && clientCertificates !== "required" && clientCertificates !== "optional") {
    throw invalidArgument("tls.clientCertificates", clientCertificates, 'must be "required" or "optional"');
  }
  if (clientCertificates !== undefined && tls.ca === undefined) {
    // Without it Node would trust whom it trusts to sign the certificates of web sites, which says nothing of clients.
    throw invalidArgument("tls.clientCertificates", clientCertificates, "needs tls.ca, the authorities to trust");
  }
  const options: TlsOptions = {
    key: pem("tls.key", tls.key),
    cert: pem("tls.cert", tls.cert),
    minVersion: "TLSv1.2",
    ...(tls.ca === undefined ? {} : { ca: pem("tls.ca", tls.ca) }),
    requestCert: tls.ca !== undefined,
    rejectUnauthorized: clientCertificates !== "optional",
  };
  try {
    createSecureContext(options);
  } catch (error) {
    throw new StatusError(Code.INVALID_ARGUMENT, "tls: key and certificate must be in PEM, and belong together", {
      details: [{ type: "badRequest", field: "tls" }],
      cause: error,
    });
  }
  return options;
}

function pem(name: string, value: string | Uint8Array): string | Buffer {
  if (typeof value === "string" && value !== "") {
    return value;
  }
  if (value instanceof Uint8Array && value.length > 0) {
    return Buffer.from(value);
  }
  throw invalidArgument(name, typeof value, "must be PEM, as a string or a Uint8Array");
}
