import { WaybillError } from "#core/errors.ts";
import { TAG, contextTag, readDerBits, readDerList, readDerOid, readDerValue } from "#claims/strictDer.ts";
import { writeDer } from "#claims/writeDer.ts";
import { checkSignature } from "#trust/checkSignature.ts";
import { PRECERTIFICATE_POISON_OID } from "#devsigstore/certificateExtensions.ts";
import type { CertifiedKey, DevAuthority } from "#devsigstore/devAuthority.ts";
import type { DevKey } from "#devsigstore/devKey.ts";
import { createDevLog } from "#devsigstore/devLog.ts";
import type { DevLog } from "#devsigstore/devLog.ts";

/** A signed certificate timestamp (RFC 6962 section 3.2). */
export interface CertificateTimestamp {
  readonly logId: Uint8Array;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** DigitallySigned: hash and signature algorithm, length, signature. */
  readonly signature: Uint8Array;
}

/** What get-entries shows of an entry. */
export interface CertificateLogEntry {
  readonly leaf: Uint8Array;
  readonly extraData: Uint8Array;
}

/** A log of certificates as RFC 6962 has it. */
export interface CertificateLog {
  readonly key: DevKey;
  readonly log: DevLog<CertificateLogEntry>;
  /** Takes a precertificate of its one authority. INPUT_INVALID for anything else. */
  readonly addPrecertificate: (precertificate: Uint8Array) => CertificateTimestamp;
  /** tree_head_signature over the tree as it is at that time (section 3.5). */
  readonly signTreeHead: (timestamp: number) => Uint8Array;
}

/** An empty log that takes what `authority` issues. `now` in milliseconds since 1970. */
export const createCertificateLog = (authority: DevAuthority, key: DevKey, now: () => number): CertificateLog => {
  const log = createDevLog<CertificateLogEntry>();
  const issuer = authority.signer;
  const chain = vector(
    3,
    ...[issuer.certificate, authority.root.certificate].map((certificate) => vector(3, certificate)),
  );
  return {
    key,
    log,
    addPrecertificate: (precertificate) => {
      const tbs = vector(3, readPrecertificate(precertificate, issuer));
      const timestamp = now();
      const leaf = Buffer.concat([HEAD, number(8, timestamp), PRECERT_ENTRY, issuer.key.fingerprint, tbs, vector(2)]);
      log.append(leaf, { leaf, extraData: Buffer.concat([vector(3, precertificate), chain]) });
      // What is signed has the same bytes as the leaf: version and signature_type are both 0, as version and leaf_type are.
      return { logId: key.fingerprint, timestamp, signature: digitallySigned(key, leaf) };
    },
    signTreeHead: (timestamp) => {
      const head = [TREE_HEAD, number(8, timestamp), number(8, Number(log.tree.size)), log.tree.root()];
      return digitallySigned(key, Buffer.concat(head));
    },
  };
};

/** An SCT as certificates carry it (RFC 6962 section 3.2), without extensions. */
export const writeCertificateTimestamp = ({ logId, timestamp, signature }: CertificateTimestamp): Buffer =>
  Buffer.concat([Buffer.of(0), logId, number(8, timestamp), vector(2), signature]);

// Section 3.4: version v1, MerkleLeafType timestamped_entry; section 3.1: LogEntryType precert_entry.
const HEAD = Buffer.of(0, 0);
const PRECERT_ENTRY = Buffer.of(0, 1);
// Section 3.5: version v1, SignatureType tree_hash.
const TREE_HEAD = Buffer.of(0, 1);

/** RFC 5246 section 4.7: SHA-256 with ECDSA. */
const digitallySigned = (key: DevKey, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(4, 3), vector(2, key.sign(bytes))]);

/** Big-endian, of up to 2^53. */
const number = (octets: number, value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes.subarray(8 - octets);
};

/** A vector of TLS (RFC 5246 section 4.3): its length in so many octets before it. */
const vector = (octets: number, ...contents: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(contents);
  return Buffer.concat([number(octets, content.byteLength), content]);
};

/** What a precertificate says without its poison (RFC 6962 section 3.2), given that the issuer signed it. */
const readPrecertificate = (precertificate: Uint8Array, issuer: CertifiedKey): Buffer => {
  const what = "the precertificate";
  const [tbs, , bits] = readDerList(readDerValue(precertificate, what), TAG.sequence, what);
  const parts = readDerList(tbs, TAG.sequence, what);
  const [extensions] = readDerList(parts.at(-1), contextTag(3), what);
  const list = readDerList(extensions, TAG.sequence, what);
  const kept = list.filter(
    (one) => readDerOid(readDerList(one, TAG.sequence, what)[0], what) !== PRECERTIFICATE_POISON_OID,
  );
  if (kept.length !== list.length - 1) throw new WaybillError("INPUT_INVALID", `${what} has no poison`);
  if (tbs === undefined || checkSignature(issuer.key.publicKey, tbs.bytes, readDerBits(bits, what)) === undefined)
    throw new WaybillError("INPUT_INVALID", `${what} is not signed by the authority that this log is for`);
  const rest = parts.slice(0, -1).map(({ bytes }) => bytes);
  const members = kept.map(({ bytes }) => bytes);
  return writeDer(TAG.sequence, ...rest, writeDer(contextTag(3), writeDer(TAG.sequence, ...members)));
};
