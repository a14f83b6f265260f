import { writeDer, writeDerBits, writeDerInteger, writeDerOid, writeDerTime } from "#claims/writeDer.ts";
import { TAG, contextTag } from "#claims/strictDer.ts";
import type { DevKey } from "#devsigstore/devKey.ts";

/** What a certificate says (RFC 5280 section 4.1.2). */
export interface CertificateFacts {
  /** At most 20 octets, an unsigned number. */
  readonly serial: Uint8Array;
  /** Names as DER, see `writeName`. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** Extensions as DER, see certificateExtensions.ts. */
  readonly extensions: readonly Uint8Array[];
}

// RFC 5758 section 3.2; parameters are absent.
const ALGORITHMS = { "ecdsa-p256": "1.2.840.10045.4.3.2", "ecdsa-p384": "1.2.840.10045.4.3.3" } as const;

// RFC 4519 sections 2.19 and 2.3.
const ORGANIZATION = "2.5.4.10";
const COMMON_NAME = "2.5.4.3";

/** A Name of an organization and a common name; without either, the empty one, as of people's certificates. */
export const writeName = (organization?: string, commonName?: string): Buffer => {
  const parts = [
    [ORGANIZATION, organization],
    [COMMON_NAME, commonName],
  ] as const;
  return writeDer(
    TAG.sequence,
    ...parts.flatMap(([type, value]) => (value === undefined ? [] : [writeDer(TAG.set, writePart(type, value))])),
  );
};

const writePart = (type: string, value: string): Buffer =>
  writeDer(TAG.sequence, writeDerOid(type), writeDer(TAG.utf8String, Buffer.from(value)));

/** A signed certificate, DER; the signer's key must be ECDSA. */
export const writeCertificate = (facts: CertificateFacts, signer: DevKey): Buffer => {
  const algorithm = writeAlgorithm(signer);
  const tbs = writeTbs(facts, algorithm);
  return writeDer(TAG.sequence, tbs, algorithm, writeDerBits(signer.sign(tbs)));
};

/** The AlgorithmIdentifier of what this key signs. */
export const writeAlgorithm = ({ publicKey: { kind } }: DevKey): Buffer =>
  writeDer(TAG.sequence, writeDerOid(ALGORITHMS[kind === "ecdsa-p384" ? kind : "ecdsa-p256"]));

const VERSION_3 = writeDer(contextTag(0), writeDerInteger(2));

const writeTbs = (facts: CertificateFacts, algorithm: Uint8Array): Buffer =>
  writeDer(
    TAG.sequence,
    VERSION_3,
    writeDerInteger(facts.serial),
    algorithm,
    facts.issuer,
    writeDer(TAG.sequence, writeDerTime(facts.notBefore), writeDerTime(facts.notAfter)),
    facts.subject,
    facts.spki,
    writeDer(contextTag(3), writeDer(TAG.sequence, ...facts.extensions)),
  );
