import { createHash, sign } from "node:crypto";
import { TAG } from "#claims/strictDer.ts";
import { writeDer } from "#claims/writeDer.ts";
import type { Keys } from "./makeCertificate.ts";
import { extension } from "./makeCertificate.ts";

/** Whatever a test wants to be otherwise in a promise of a certificate log (RFC 6962 section 3.2). */
export interface SctWish {
  readonly keys: Keys;
  readonly time: Date;
  /** What was logged: a whole certificate, or the body of one with its issuer's key. */
  readonly entry: { readonly der: Uint8Array } | { readonly tbs: Uint8Array; readonly issuerSpki: Uint8Array };
  readonly extensions?: Buffer;
  readonly version?: number;
  /** HashAlgorithm and SignatureAlgorithm. */
  readonly algorithm?: readonly [number, number];
}

const uint = (value: number | bigint, octets: number): Buffer =>
  Buffer.from(value.toString(16).padStart(2 * octets, "0"), "hex");
export const vector = (bytes: Uint8Array): Buffer => Buffer.concat([uint(bytes.byteLength, 2), bytes]);

/** SHA-256 of the SPKI. */
export const logIdOf = ({ publicKey }: Keys): Buffer =>
  createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();

/** DigitallySigned, as Fulcio's JSON has it. */
export const signSct = ({ keys, time, entry, extensions = Buffer.alloc(0), algorithm }: SctWish): Buffer => {
  const logged =
    "der" in entry
      ? [uint(0, 2), uint(entry.der.byteLength, 3), entry.der]
      : [uint(1, 2), createHash("sha256").update(entry.issuerSpki).digest(), uint(entry.tbs.byteLength, 3), entry.tbs];
  const signed = Buffer.concat([uint(0, 2), uint(BigInt(time.getTime()), 8), ...logged, vector(extensions)]);
  const kind = keys.publicKey.asymmetricKeyType === "rsa" ? 1 : 3;
  return Buffer.concat([Buffer.from(algorithm ?? [4, kind]), vector(sign("sha256", signed, keys.privateKey))]);
};

/** The TLS structure. */
export const makeSct = (wish: SctWish): Buffer =>
  Buffer.concat([
    uint(wish.version ?? 0, 1),
    logIdOf(wish.keys),
    uint(BigInt(wish.time.getTime()), 8),
    vector(wish.extensions ?? Buffer.alloc(0)),
    signSct(wish),
  ]);

/** The extension of a certificate that holds a list of them. */
export const sctList = (...scts: readonly Buffer[]): Buffer => sctExtension(vector(Buffer.concat(scts.map(vector))));
export const sctExtension = (list: Buffer): Buffer =>
  extension("1.3.6.1.4.1.11129.2.4.2", writeDer(TAG.octetString, list));
