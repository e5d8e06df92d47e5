import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

/** A certificate with its key, both in PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is to say. */
export interface Subject {
  readonly commonName: string;
  /** The host names and IPv4 addresses that it is for. */
  readonly names?: readonly string[];
}

/** An authority that signs certificates, made for one test: nothing of it is kept, and nothing can expire. */
export class CertificateAuthority {
  readonly cert: string;
  readonly #key: KeyObject;
  readonly #name: Uint8Array;

  constructor(commonName: string) {
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#key = keys.privateKey;
    this.#name = nameOf(commonName);
    this.cert = this.#certificate({ commonName }, keys.publicKey, [extension("551d13", true, sequence(isTrue))]);
  }

  issue(subject: Subject): Issued {
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const names = (subject.names ?? []).map((name) =>
      isIPv4(name) ? tagged(0x87, Uint8Array.from(name.split("."), Number)) : tagged(0x82, Buffer.from(name)),
    );
    return {
      cert: this.#certificate(subject, keys.publicKey, [
        ...(names.length === 0 ? [] : [extension("551d11", false, sequence(...names))]),
      ]),
      key: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    };
  }

  #certificate(subject: Subject, publicKey: KeyObject, extensions: readonly Uint8Array[]): string {
    const hour = 3_600_000;
    const body = sequence(
      tagged(0xa0, tagged(0x02, Uint8Array.of(2))),
      // A positive number that is new each time.
      tagged(0x02, Uint8Array.of(1, ...randomBytes(8))),
      ecdsaWithSha256,
      this.#name,
      sequence(time(Date.now() - hour), time(Date.now() + 24 * hour)),
      nameOf(subject.commonName),
      publicKey.export({ type: "spki", format: "der" }),
      ...(extensions.length === 0 ? [] : [tagged(0xa3, sequence(...extensions))]),
    );
    const signature = tagged(0x03, Uint8Array.of(0), sign("sha256", body, this.#key));
    const base64 = Buffer.from(sequence(body, ecdsaWithSha256, signature)).toString("base64");
    // No empty line at the end, whatever the length is: OpenSSL doesn't read such a one.
    const lines = base64.match(/.{1,64}/g) ?? [];
    return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
  }
}

/** A value of DER: its tag, its length and its content. */
function tagged(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  const { length } = content;
  // As short as it can be: BoringSSL and rustls take no longer one.
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  const header = length < 0x80 ? [tag, length] : [tag, ...long];
  return Buffer.concat([Uint8Array.from(header), content]);
}

function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, ...items);
}

function objectId(hex: string): Uint8Array {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

function nameOf(commonName: string): Uint8Array {
  return sequence(tagged(0x31, sequence(objectId("550403"), tagged(0x0c, Buffer.from(commonName)))));
}

function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\..*/g, "");
  return tagged(0x18, Buffer.from(`${digits}Z`));
}

const isTrue = tagged(0x01, Uint8Array.of(0xff));

function extension(id: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  return sequence(objectId(id), ...(isCritical ? [isTrue] : []), tagged(0x04, value));
}

const ecdsaWithSha256 = sequence(objectId("2a8648ce3d040302"));
