import { createHash } from "node:crypto";
import { TAG, contextTag, readDerList, readDerValue } from "#claims/strictDer.ts";
import { writeDer, writeDerInteger, writeDerOid, writeDerTime } from "#claims/writeDer.ts";
import { newSerial } from "#devsigstore/devAuthority.ts";
import type { CertifiedKey } from "#devsigstore/devAuthority.ts";
import type { TimestampRequest } from "#devsigstore/timestampRequest.ts";
import { writeAlgorithm } from "#devsigstore/writeCertificate.ts";

/** The policy of this authority's timestamps, out of the arc for examples (RFC 7299 and ISO's 2.999). */
export const POLICY = "2.999.1.1";

// RFC 3161 section 2.4.2, RFC 5652 sections 5.1 and 11, RFC 5035 section 3.
const OID = {
  signedData: "1.2.840.113549.1.7.2",
  timestampInfo: "1.2.840.113549.1.9.16.1.4",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingTime: "1.2.840.113549.1.9.5",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  sha256: "2.16.840.1.101.3.4.2.1",
} as const;

const sequence = (...members: readonly Uint8Array[]): Buffer => writeDer(TAG.sequence, ...members);

/** TimeStampResp that grants the request (RFC 3161 section 2.4.2); `now` in milliseconds since 1970. */
export const writeTimestamp = (request: TimestampRequest, signer: CertifiedKey, now: number): Buffer => {
  const info = writeInfo(request, now);
  const certificates = request.wantsCertificate ? [writeDer(contextTag(0), signer.certificate)] : [];
  const signedData = sequence(
    writeDerInteger(3),
    writeDer(TAG.set, SHA256),
    sequence(writeDerOid(OID.timestampInfo), writeDer(contextTag(0), writeDer(TAG.octetString, info))),
    ...certificates,
    writeDer(TAG.set, writeSignerInfo(info, signer, now)),
  );
  return sequence(
    sequence(writeDerInteger(0)),
    sequence(writeDerOid(OID.signedData), writeDer(contextTag(0), signedData)),
  );
};

const SHA256 = sequence(writeDerOid(OID.sha256));

/** TSTInfo; `ordering` is left out, where it is false. */
const writeInfo = ({ imprint, nonce }: TimestampRequest, now: number): Buffer =>
  sequence(
    writeDerInteger(1),
    writeDerOid(POLICY),
    imprint,
    writeDerInteger(newSerial()),
    writeDer(TAG.generalizedTime, Buffer.from(generalizedTime(now))),
    ACCURACY,
    ...(nonce === undefined ? [] : [nonce]),
  );

// One millisecond: the clock has no more.
const ACCURACY = sequence(writeDer(contextTag(0, false), Buffer.of(1)));

/** To the millisecond; DER cuts trailing zeros off, and the point where nothing is left behind it (X.690 section 11.7). */
const generalizedTime = (now: number): string => {
  const [whole = "", fraction = ""] = new Date(now).toISOString().slice(0, -1).replace(/[-:T]/g, "").split(".");
  const kept = fraction.replace(/0+$/, "");
  return `${whole}${kept === "" ? "" : `.${kept}`}Z`;
};

const writeSignerInfo = (info: Uint8Array, { key, certificate }: CertifiedKey, now: number): Buffer => {
  // SET OF is in the order of the encodings (X.690 section 11.6).
  const attributes = [
    writeAttribute(OID.contentType, writeDerOid(OID.timestampInfo)),
    writeAttribute(OID.signingTime, writeDerTime(new Date(now))),
    writeAttribute(OID.messageDigest, writeDer(TAG.octetString, sha256(info))),
    // ESSCertIDv2, whose hash is SHA-256 where none is named.
    writeAttribute(
      OID.signingCertificateV2,
      sequence(sequence(sequence(writeDer(TAG.octetString, sha256(certificate))))),
    ),
  ].toSorted((a, b) => Buffer.compare(a, b));
  const { issuer, serial } = readIssuerAndSerial(certificate);
  return sequence(
    writeDerInteger(1),
    sequence(issuer, serial),
    SHA256,
    writeDer(contextTag(0), ...attributes),
    writeAlgorithm(key),
    // RFC 5652 section 5.4: signed as the SET that they are, not under the tag that they are sent with.
    writeDer(TAG.octetString, key.sign(writeDer(TAG.set, ...attributes))),
  );
};

const writeAttribute = (type: string, value: Uint8Array): Buffer =>
  sequence(writeDerOid(type), writeDer(TAG.set, value));

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** The second and the fourth member of a TBSCertificate, exact DER. */
const readIssuerAndSerial = (certificate: Uint8Array): { readonly issuer: Uint8Array; readonly serial: Uint8Array } => {
  const what = "the signer's certificate";
  const [tbs] = readDerList(readDerValue(certificate, what), TAG.sequence, what);
  const [, serial, , issuer] = readDerList(tbs, TAG.sequence, what);
  return { issuer: issuer?.bytes ?? new Uint8Array(), serial: serial?.bytes ?? new Uint8Array() };
};
