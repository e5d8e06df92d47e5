import { invalidArgument } from "../base/status.js";

/** The TLS of a client outside browsers. Keys and certificates are in PEM. */
export interface ClientTls {
  /** The authorities to trust, in place of those that the platform does. */
  readonly ca?: string | Uint8Array;
  /** The certificate to show to a server that asks for one. It needs `key`. */
  readonly cert?: string | Uint8Array;
  /** The private key of `cert`. */
  readonly key?: string | Uint8Array;
  /** The name that the server's certificate must be for. By default the host of the URL. */
  readonly servername?: string;
}

/** Checks a client's TLS, and copies of it what is known: nothing that turns a check off. Throws INVALID_ARGUMENT. */
export function checkClientTls(tls: ClientTls): ClientTls {
  if (typeof tls !== "object" || tls === null) {
    throw invalidArgument("tls", tls, "must be an object with ca, cert, key or servername");
  }
  const { ca, cert, key, servername } = tls;
  for (const [name, value] of Object.entries({ ca, cert, key })) {
    if (value !== undefined && (value.length === 0 || (typeof value !== "string" && !(value instanceof Uint8Array)))) {
      throw invalidArgument(`tls.${name}`, typeof value, "must be PEM, as a string or a Uint8Array");
    }
  }
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? ["key", "cert"] : ["cert", "key"];
    throw invalidArgument(`tls.${missing}`, undefined, `is needed with tls.${there}`);
  }
  if (servername !== undefined && (typeof servername !== "string" || servername === "")) {
    // An empty one would have the certificate be for nobody in particular.
    throw invalidArgument("tls.servername", servername, "must be a host name");
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
  };
}
