import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import {
  authorityKeyIdentifier,
  certificateTimestamps,
  extendedKeyUsage,
  keyUsage,
  precertificatePoison,
  subjectAlternativeName,
  subjectKeyIdentifier,
} from "#devsigstore/certificateExtensions.ts";
import { writeCertificateTimestamp } from "#devsigstore/certificateLog.ts";
import type { CertificateLog } from "#devsigstore/certificateLog.ts";
import { newSerial } from "#devsigstore/devAuthority.ts";
import type { DevAuthority } from "#devsigstore/devAuthority.ts";
import type { TokenIdentity } from "#devsigstore/tokenIdentity.ts";
import { writeCertificate, writeName } from "#devsigstore/writeCertificate.ts";

// As long as those of Fulcio.
const LIFETIME_MS = 600_000;

/** INPUT_INVALID unless the holder's key signed the challenge: nobody gets a certificate for somebody else's key. */
export const checkPossession = (key: PublicKey, challenge: string, proof: Uint8Array): void => {
  if (checkSignature(key, Buffer.from(challenge), proof) !== undefined) return;
  throw new WaybillError(
    "INPUT_INVALID",
    "the proof of possession is not the key's signature over the token's subject",
  );
};

/**
 * A certificate for the identity and the key, with the promise of the certificate log in it (RFC 6962 section 3.1), DER.
 * `now` in milliseconds since 1970.
 */
export const issueCertificate = (
  { authority, log }: { readonly authority: DevAuthority; readonly log: CertificateLog },
  { name, extensions }: TokenIdentity,
  key: PublicKey,
  now: number,
): Buffer => {
  const issuer = authority.signer;
  const notBefore = new Date(Math.floor(now / 1000) * 1000);
  const facts = {
    serial: newSerial(),
    issuer: issuer.name,
    subject: writeName(),
    notBefore,
    notAfter: new Date(notBefore.getTime() + LIFETIME_MS),
    spki: key.spki,
  };
  const common = [
    keyUsage("digitalSignature"),
    extendedKeyUsage("codeSigning"),
    subjectKeyIdentifier(key.spki),
    authorityKeyIdentifier(issuer.key.publicKey.spki),
    subjectAlternativeName(name),
    ...extensions,
  ];
  const write = (last: Uint8Array): Buffer => writeCertificate({ ...facts, extensions: [...common, last] }, issuer.key);
  const timestamp = log.addPrecertificate(write(precertificatePoison()));
  return write(certificateTimestamps([writeCertificateTimestamp(timestamp)]));
};
