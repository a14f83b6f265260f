import { randomBytes } from "node:crypto";
import {
  authorityConstraints,
  authorityKeyIdentifier,
  extendedKeyUsage,
  keyUsage,
  subjectKeyIdentifier,
} from "#devsigstore/certificateExtensions.ts";
import { newDevKey } from "#devsigstore/devKey.ts";
import type { DevKey } from "#devsigstore/devKey.ts";
import { writeCertificate, writeName } from "#devsigstore/writeCertificate.ts";

/** A key and the certificate that its authority gave it. */
export interface CertifiedKey {
  readonly key: DevKey;
  /** Its Name, DER. */
  readonly name: Uint8Array;
  /** The common name. */
  readonly commonName: string;
  readonly certificate: Uint8Array;
}

/** A root and what it vouches for: a second authority that issues to people, or the signer of timestamps. */
export interface DevAuthority {
  readonly root: CertifiedKey;
  readonly signer: CertifiedKey;
  /** From when on both are valid. */
  readonly start: Date;
}

/** What everything of a local Sigstore says it is run by. */
export const ORGANIZATION = "waybill dev-sigstore, for testing only";

const YEAR_MS = 365 * 86_400_000;
// Tests set their clock back by a while.
const BACKDATED_MS = 86_400_000;

/** A serial number of 159 random bits: positive and within the 20 octets of RFC 5280 section 4.1.2.2. */
export const newSerial = (): Uint8Array => {
  const serial = randomBytes(20);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
};

/** Root and intermediate of P-384, as those of Fulcio are; the intermediate may issue to holders alone. */
export const createCertificateAuthority = (now: number): DevAuthority => {
  const { root, validity } = createRoot("waybill-dev-sigstore", now);
  const signer = certify(root, validity, newDevKey("ecdsa-p384"), "waybill-dev-sigstore-intermediate", [
    keyUsage("authority"),
    extendedKeyUsage("codeSigning"),
    authorityConstraints(0),
  ]);
  return { root, signer, start: validity[0] };
};

/** Root and signer of a timestamp authority; RFC 3161 section 2.3 wants the purpose critical and alone. */
export const createTimestampSigner = (now: number): DevAuthority => {
  const { root, validity } = createRoot("waybill-dev-tsa-root", now);
  const signer = certify(root, validity, newDevKey("ecdsa-p256"), "waybill-dev-tsa", [
    keyUsage("digitalSignature"),
    extendedKeyUsage("timeStamping"),
  ]);
  return { root, signer, start: validity[0] };
};

const createRoot = (commonName: string, now: number) => {
  const start = new Date(Math.floor((now - BACKDATED_MS) / 1000) * 1000);
  const validity = [start, new Date(start.getTime() + 10 * YEAR_MS)] as const;
  const self = { key: newDevKey("ecdsa-p384"), name: writeName(ORGANIZATION, commonName) };
  const extensions = [keyUsage("authority"), authorityConstraints()];
  return { root: certify(self, validity, self.key, commonName, extensions), validity };
};

const certify = (
  issuer: Pick<CertifiedKey, "key" | "name">,
  [notBefore, notAfter]: readonly [Date, Date],
  key: DevKey,
  commonName: string,
  extensions: readonly Uint8Array[],
): CertifiedKey => {
  const { spki } = key.publicKey;
  const name = writeName(ORGANIZATION, commonName);
  const facts = { serial: newSerial(), issuer: issuer.name, subject: name, notBefore, notAfter, spki };
  const identifiers = [subjectKeyIdentifier(spki), authorityKeyIdentifier(issuer.key.publicKey.spki)];
  const certificate = writeCertificate({ ...facts, extensions: [...extensions, ...identifiers] }, issuer.key);
  return { key, name, commonName, certificate };
};
