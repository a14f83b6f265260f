import { createHash, X509Certificate } from "node:crypto";
import { DER, derMember, derWithin, readDer } from "#claims/der.ts";
import type { DerValue } from "#claims/der.ts";

/** What a certificate says of itself. Nobody has verified it. */
export interface CertificateFacts {
  /** SHA-256 of the certificate, hex. */
  readonly sha256: string;
  /** As OpenSSL writes names, parts divided by commas; empty where there is none. */
  readonly subject: string;
  readonly issuer: string;
  /** Subject alternative names with their kind, such as `email:a@b.example`, as OpenSSL writes them. */
  readonly names: string | undefined;
  /** Who vouched for the identity (Fulcio's extensions 1.1 and 1.8, cosign.md 5.5). */
  readonly oidcIssuer: string | undefined;
  readonly notBefore: Date | undefined;
  readonly notAfter: Date | undefined;
}

/** Reads a certificate for people; undefined where nothing can. */
export const certificateFacts = (der: Uint8Array): CertificateFacts | undefined => {
  const certificate = parse(der);
  if (certificate === undefined) return undefined;
  return {
    sha256: createHash("sha256").update(der).digest("hex"),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: certificate.subjectAltName,
    oidcIssuer: oidcIssuerOf(der),
    notBefore: dateOf(certificate.validFromDate),
    notAfter: dateOf(certificate.validToDate),
  };
};

/** OpenSSL would also read PEM, and what follows the certificate. */
const parse = (der: Uint8Array): X509Certificate | undefined => {
  if (readDer(der)?.length !== 1) return undefined;
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
};

// Undefined for a name without any part, whatever the types say.
const oneLine = (name: string | undefined): string => (name ?? "").trim().replaceAll("\n", ", ");

const dateOf = (date: Date): Date | undefined => (Number.isNaN(date.getTime()) ? undefined : date);

// 1.3.6.1.4.1.57264.1.8, and 1.1, whose value is the bare text.
const ISSUER_V2 = "2b0601040183bf300108";
const ISSUER_V1 = "2b0601040183bf300101";

const oidcIssuerOf = (der: Uint8Array): string | undefined => {
  const body = derWithin(derWithin(readDer(der), 0, DER.sequence), 0, DER.sequence);
  const at = body?.findIndex(({ tag }) => tag === derMember(3)) ?? -1;
  const extensions = derWithin(derWithin(body, at, derMember(3)), 0, DER.sequence);
  const second = readDer(extensionOf(extensions, ISSUER_V2) ?? new Uint8Array())?.[0];
  const text = second?.tag === DER.utf8String ? second.content : extensionOf(extensions, ISSUER_V1);
  return text === undefined ? undefined : Buffer.from(text).toString();
};

const extensionOf = (extensions: readonly DerValue[] | undefined, oid: string): Uint8Array | undefined => {
  for (const [index] of (extensions ?? []).entries()) {
    const extension = derWithin(extensions, index, DER.sequence);
    const value = extension?.at(-1);
    const named = Buffer.from(extension?.[0]?.content ?? []).toString("hex") === oid;
    if (named && value?.tag === DER.octetString) return value.content;
  }
  return undefined;
};
