import { decodeBase64 } from "#claims/base64.ts";

const BLOCK = /-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;

/** The certificates in PEM, DER each; none: there are none. */
export const pemCertificates = (pem: Uint8Array): readonly Uint8Array[] =>
  [...Buffer.from(pem).toString("latin1").matchAll(BLOCK)].flatMap(
    ([, body = ""]) => decodeBase64(body.replace(/\s/g, "")) ?? [],
  );
