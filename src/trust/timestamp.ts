import { hasCode } from "#core/errors.ts";
import type { HashName } from "#core/keyAlgorithm.ts";
import type { Certificate } from "#trust/certificate.ts";
import type { CertificatePath } from "#trust/certificatePath.ts";
import { cmsHash, isDigestOf } from "#trust/cmsAlgorithm.ts";
import { isFault } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { holderName } from "#trust/holderName.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import { findTimestampAuthority } from "#trust/timestampAuthority.ts";
import type { TimestampInfo } from "#trust/timestampInfo.ts";
import { findTimestampSigner } from "#trust/timestampSigner.ts";
import { readTimestampToken } from "#trust/timestampToken.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";

/** A time that a trusted authority vouches for: the stamped bytes were there by then. */
export interface VerifiedTimestamp {
  /** As the trusted root names it; where it gives no URI, what its certificate calls it. */
  readonly authority: string;
  /** Where the trusted root came from. */
  readonly root: string;
  /** To the millisecond, the rest cut off. */
  readonly time: Date;
  /** All digits after the seconds, as signed; empty where there are none. */
  readonly fraction: string;
  /** Object identifier of the policy that the authority says it followed: reported, not judged. */
  readonly policy: string;
  /** Hexadecimal. */
  readonly serial: string;
  /** Hexadecimal. Whoever asked for the timestamp chose it and could compare it; nobody else can. */
  readonly nonce: string | undefined;
  /** Of the bytes that were stamped. */
  readonly hash: HashName;
  readonly path: CertificatePath;
}

/**
 * Verifies an RFC 3161 timestamp: a TimeStampResp or the token alone, over `over`, by an authority of one of the roots.
 * Of a signature, `over` are its raw bytes; of an attestation in the legacy form, its whole envelope. A fault with a code of
 * its own for each thing that can be wrong; no bytes make it throw.
 */
export const verifyTimestamp = (
  response: Uint8Array,
  over: Uint8Array,
  roots: readonly TrustRoot[],
): VerifiedTimestamp | Fault => {
  const token = readTimestampToken(response);
  if (isFault(token)) return token;
  const { info } = token;
  const hash = checkInfo(info, over);
  if (typeof hash !== "string") return hash;
  const known = roots.flatMap(({ timestampAuthorities }) => timestampAuthorities.flatMap((one) => one.certificates));
  // The root's own are read already, and so are the signatures on them.
  const isKnown = (der: Uint8Array): boolean => known.some((one) => Buffer.compare(one.der, der) === 0);
  const carried = token.signed.certificates.filter((der) => !isKnown(der)).flatMap(readCarried);
  const signer = findTimestampSigner(token, [...known, ...carried]);
  if (isFault(signer)) return signer;
  const trust = findTimestampAuthority(signer, carried, info.time, roots);
  if (isFault(trust)) return trust;
  const { time, fraction, policy, serial, nonce } = info;
  const authority = trust.authority.uri === "" ? (holderName(signer) ?? "") : trust.authority.uri;
  return { authority, root: trust.root.source, time, fraction, policy, serial, nonce, hash, path: trust.path };
};

const checkInfo = (info: TimestampInfo, over: Uint8Array): HashName | Fault => {
  const hash = cmsHash(info.imprintAlgorithm);
  if (hash === undefined) {
    const reason = "its timestamp is over a hash that is not allowed: SHA-256, SHA-384 and SHA-512 are";
    return { code: "timestamp-hash", reason };
  }
  if (!isDigestOf(info.imprint, hash, over)) {
    return { code: "timestamp-imprint", reason: "its timestamp is of something else: the hash in it is another" };
  }
  const [extension] = info.criticalExtensions;
  if (extension === undefined) return hash;
  // RFC 3161 section 2.4.2 defines none.
  const reason = `its timestamp has the critical extension ${extension}, which is unknown`;
  return { code: "timestamp-extension", reason };
};

/** Of what is enclosed, what cannot be read is as if it were not there: nobody answers for it. */
const readCarried = (der: Uint8Array): readonly Certificate[] => {
  try {
    return [readCertificate(der, "a certificate in the timestamp")];
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "KEY_WEAK", "LIMIT_EXCEEDED", "TRUST_INVALID")) throw error;
    return [];
  }
};
