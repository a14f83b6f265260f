import { demandTag, readDerOid, TAG } from "#claims/strictDer.ts";
import { hasCode } from "#core/errors.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import type { Certificate } from "#trust/certificate.ts";
import { checkCmsSignature, cmsHash, isCmsSignature, isDigestOf } from "#trust/cmsAlgorithm.ts";
import { isFault } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import type { SignerInfo } from "#trust/signedData.ts";
import { isMeant, readSigningCertificates } from "#trust/signingCertificate.ts";
import type { SigningCertificate } from "#trust/signingCertificate.ts";
import type { TimestampToken } from "#trust/timestampToken.ts";
import { TST_INFO } from "#trust/timestampToken.ts";

const CONTENT_TYPE = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";

/**
 * Who of the candidates signed the token: the one certificate that the signer is identified by, that the signed attributes
 * name, and whose key made the signature. All else is asked of that certificate alone: what a token encloses besides is of
 * anybody's making (CVE-2026-39984).
 */
export const findTimestampSigner = (token: TimestampToken, candidates: readonly Certificate[]): Certificate | Fault => {
  const { signer } = token;
  const digest = digestOf(token);
  if (digest === undefined) {
    return { code: "timestamp-algorithm", reason: "its timestamp is signed with an algorithm that is not allowed" };
  }
  const meant = checkAttributes(token, digest);
  if (isFault(meant)) return meant;
  const named = candidates.filter((one) => isIdentified(signer.id, one));
  if (named.length === 0) {
    const reason =
      "its timestamp is signed with a certificate that neither it nor a trusted root holds in a readable form";
    return { code: "timestamp-untrusted", reason };
  }
  const certificate = named.find((one) => meant.certificates.every((id) => isMeant(id, one)));
  if (certificate === undefined) {
    return { code: "timestamp-certificate", reason: "its timestamp was signed for another certificate than it names" };
  }
  const algorithm = { identifier: signer.signatureAlgorithm, digest };
  return checkCmsSignature(certificate.key, algorithm, signer.signedBytes, signer.signature)
    ? certificate
    : {
        code: "timestamp-signature",
        reason: "the signature of its timestamp does not fit: it was changed after signing",
      };
};

/** The signer's own hash, where signature and message go along with it (RFC 5652 section 5.3); undefined where it is not allowed. */
const digestOf = ({ signed, signer }: TimestampToken): HashName | undefined => {
  const digest = cmsHash(signer.digestAlgorithm);
  const isAnnounced = signed.digestAlgorithms.some((one) => cmsHash(one) === digest);
  return digest !== undefined && isAnnounced && isCmsSignature(signer.signatureAlgorithm, digest) ? digest : undefined;
};

interface Meant {
  readonly certificates: readonly SigningCertificate[];
}

/** The signed attributes that RFC 3161 section 2.4.2 and RFC 5816 section 2.2.1 want; the others are the authority's own. */
const checkAttributes = ({ signed, signer }: TimestampToken, digest: HashName): Meant | Fault => {
  try {
    const type = soleValue(signer, CONTENT_TYPE);
    if (type === undefined || readDerOid(type, "the content type attribute") !== TST_INFO) {
      return attributeFault("do not say that a timestamp is signed");
    }
    const hash = soleValue(signer, MESSAGE_DIGEST);
    if (hash === undefined) return attributeFault("do not say what is signed");
    if (!isDigestOf(demandTag(hash, TAG.octetString, "the message digest attribute").content, digest, signed.content)) {
      return { code: "timestamp-signature", reason: "its timestamp's content is not what was signed" };
    }
    const certificates = readSigningCertificates(signer.attributes);
    return certificates.length === 0 ? attributeFault("do not name the signing certificate") : { certificates };
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID")) throw error;
    return { code: "timestamp-attributes", reason: `its timestamp has a bad signed attribute: ${error.message}` };
  }
};

const soleValue = ({ attributes }: SignerInfo, oid: string) => {
  const values = attributes.get(oid);
  return values?.length === 1 ? values[0] : undefined;
};

const attributeFault = (why: string): Fault => ({
  code: "timestamp-attributes",
  reason: `the signed attributes of its timestamp ${why}`,
});

const isIdentified = (id: SignerInfo["id"], { issuer, serial, subjectKeyId }: Certificate): boolean =>
  id.kind === "serial"
    ? isEqual(id.issuer, issuer) && isEqual(id.serial, serial)
    : subjectKeyId !== undefined && isEqual(id.keyId, subjectKeyId);

const isEqual = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
