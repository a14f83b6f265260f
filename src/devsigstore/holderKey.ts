import { X509Certificate } from "node:crypto";
import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { TAG, readDerBits, readDerList, readDerValue } from "#claims/strictDer.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import { formatPublicKey, parsePublicKey, readSpki } from "#trust/publicKey.ts";

/** What a signature is checked with: a key, or a certificate around it. */
export interface SignatureVerifier {
  readonly key: PublicKey;
  /** DER of the SPKI or of the certificate. */
  readonly der: Uint8Array;
  readonly kind: "publicKey" | "certificate";
  /** In the one form that logs keep. */
  readonly pem: string;
}

/** A key or a certificate in PEM. INPUT_INVALID, TRUST_INVALID or KEY_WEAK for anything else. */
export const readVerifierPem = (pem: Uint8Array): SignatureVerifier => {
  const text = Buffer.from(pem).toString("latin1");
  if (!text.includes("-----BEGIN CERTIFICATE-----")) return keyVerifier(parsePublicKey(text));
  return certificateVerifier(openCertificate(text).raw);
};

/** The same in DER. */
export const readVerifierDer = (der: Uint8Array, kind: SignatureVerifier["kind"]): SignatureVerifier =>
  kind === "certificate" ? certificateVerifier(der) : keyVerifier(readSpki(der, "the public key"));

/** A key as Fulcio's clients send it: PEM, or base64 of PEM or of an SPKI. */
export const readSentKey = (bytes: Uint8Array): PublicKey =>
  bytes[0] === TAG.sequence ? readSpki(bytes, "the public key") : parsePublicKey(bytes, "the public key");

/** The key of a certificate request (RFC 2986), given that the request is signed with it. INPUT_INVALID. */
export const readRequestedKey = (pem: Uint8Array): PublicKey => {
  const what = "the certificate request";
  const [, body = ""] =
    /-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE REQUEST-----/.exec(
      Buffer.from(pem).toString("latin1"),
    ) ?? [];
  const [info, , bits] = readDerList(readDerValue(Buffer.from(body, "base64"), what), TAG.sequence, what);
  const spki = readDerList(info, TAG.sequence, what)[2];
  const key = readSpki(spki?.bytes ?? new Uint8Array(), `${what}'s key`);
  if (info === undefined || checkSignature(key, info.bytes, readDerBits(bits, what)) === undefined)
    throw new WaybillError("INPUT_INVALID", `${what} is not signed with its own key`);
  return key;
};

const keyVerifier = (key: PublicKey): SignatureVerifier => ({
  key,
  der: key.spki,
  kind: "publicKey",
  pem: formatPublicKey(key),
});

const certificateVerifier = (der: Uint8Array): SignatureVerifier => {
  const { publicKey, raw } = openCertificate(der);
  const key = readSpki(publicKey.export({ type: "spki", format: "der" }), "the certificate's key");
  return { key, der: raw, kind: "certificate", pem: toPem("CERTIFICATE", raw) };
};

const openCertificate = (certificate: Uint8Array | string): X509Certificate => {
  try {
    return new X509Certificate(certificate);
  } catch (cause) {
    throw new WaybillError("INPUT_INVALID", "the verifier is no certificate", { cause });
  }
};

/** Lines of 64 characters and a final line feed, as Go writes it. */
export const toPem = (label: string, der: Uint8Array): string => {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
};
