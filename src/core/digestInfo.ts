// RFC 8017 section 9.2, note 1.
const PREFIX = Buffer.from("3031300d060960864801650304020105000420", "hex");

/** DigestInfo of a SHA-256, DER: what PKCS#1 v1.5 pads. */
export const sha256DigestInfo = (digest: Uint8Array): Uint8Array => Buffer.concat([PREFIX, digest]);
