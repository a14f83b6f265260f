import { createHash } from "node:crypto";
import { contextTag, readDerList, readDerValue, TAG } from "#claims/strictDer.ts";
import { writeDer, writeDerOid } from "#claims/writeDer.ts";
import { hasCode } from "#core/errors.ts";
import type { Certificate } from "#trust/certificate.ts";
import { EXTENSION } from "#trust/certificateExtensions.ts";
import { checkNamedSignature } from "#trust/checkNamedSignature.ts";
import { isFault } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { readDetachedSct, readSctList } from "#trust/readScts.ts";
import type { Sct } from "#trust/readScts.ts";
import type { TrustedLog, TrustRoot } from "#trust/trustRoot.ts";
import { isWithin } from "#trust/window.ts";

/** A certificate log that is trusted has promised to publish the certificate. */
export interface VerifiedSct {
  readonly log: TrustedLog;
  /** Source of the trusted root that names the log. */
  readonly root: string;
  readonly time: Date;
  readonly form: "embedded" | "detached";
}

interface Asked {
  /** What `--sct` names: the structure, or Fulcio's JSON. */
  readonly detached?: Uint8Array | undefined;
  /** The moment of verification (not of signing): a promise cannot have been made after it. */
  readonly at: Date;
}

/**
 * The promises of trusted certificate logs for `leaf` (RFC 6962 section 3.2), embedded and detached, each log once; never
 * empty. Those of unknown logs, and from outside of the log's validity, do not count. A fault where none counts, and where one
 * of a trusted log is wrong: somebody made it up.
 */
export const verifyScts = (
  leaf: Certificate,
  issuer: Certificate,
  roots: readonly TrustRoot[],
  { detached, at }: Asked,
): readonly VerifiedSct[] | Fault => {
  const promises = readPromises(leaf, detached);
  if (isFault(promises)) return promises;
  const verified = new Map<string, VerifiedSct>();
  let skipped: Fault = MISSING;
  for (const { sct, form } of promises) {
    const found = checkPromise(
      sct,
      form === "embedded" ? precertificateEntry(leaf, issuer) : x509Entry(leaf),
      roots,
      at,
    );
    if (!isFault(found)) verified.set(Buffer.from(found.log.keyId).toString("hex"), { ...found, form });
    else if (found.code !== "sct-unknown-log" && found.code !== "sct-log-window") return found;
    else if (skipped.code !== "sct-log-window") skipped = found;
  }
  return verified.size > 0 ? [...verified.values()] : skipped;
};

const MISSING: Fault = {
  code: "sct-missing",
  reason: "its certificate has no proof (SCT) that a certificate log knows of it, and none was given with --sct",
};

interface CarriedSct {
  readonly sct: Sct;
  readonly form: VerifiedSct["form"];
}

const readPromises = (leaf: Certificate, detached: Uint8Array | undefined): readonly CarriedSct[] | Fault => {
  const embedded = leaf.extensions.get(EXTENSION.sctList)?.value;
  try {
    const list = embedded === undefined ? [] : readSctList(embedded, "the list of SCTs in its certificate");
    const given = detached === undefined ? [] : [readDetachedSct(detached, "the detached SCT")];
    return [
      ...list.map((sct) => ({ sct, form: "embedded" }) as const),
      ...given.map((sct) => ({ sct, form: "detached" }) as const),
    ];
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return { code: "sct-malformed", reason: error.message };
  }
};

const checkPromise = (
  sct: Sct,
  entry: Buffer,
  roots: readonly TrustRoot[],
  at: Date,
): Omit<VerifiedSct, "form"> | Fault => {
  // Logs go by their key (section 3.2), whatever else a trusted root calls them.
  const known = roots
    .flatMap(({ source, ctLogs }) => ctLogs.map((log) => ({ log, root: source })))
    .filter(({ log }) => Buffer.compare(log.keyId, sct.logId) === 0);
  const [first] = known;
  const id = Buffer.from(sct.logId).toString("base64");
  if (first === undefined) {
    return {
      code: "sct-unknown-log",
      reason: `the SCT of its certificate is of a log that no trusted root names (${id})`,
    };
  }
  if (!checkNamedSignature(first.log.key, sct.algorithm, signedBytes(sct, entry), sct.signature)) {
    return {
      code: "sct-signature",
      reason: `the SCT of its certificate was not signed by the log it names (${first.log.uri})`,
    };
  }
  if (sct.timestamp > BigInt(at.getTime())) {
    return { code: "sct-future", reason: "the SCT of its certificate is from after the moment of verification" };
  }
  const time = new Date(Number(sct.timestamp));
  const valid = known.find(({ log }) => isWithin(log.window, time));
  if (valid !== undefined) return { ...valid, time };
  return {
    code: "sct-log-window",
    reason: `the SCT of its certificate is of ${time.toISOString()}, when the log ${first.log.uri} was not trusted`,
  };
};

const uint = (value: number, octets: number): Buffer => {
  const bytes = Buffer.alloc(octets);
  bytes.writeUIntBE(value, 0, octets);
  return bytes;
};

// LogEntryType (section 3.1).
const X509_ENTRY = 0;
const PRECERT_ENTRY = 1;

/** digitally-signed of section 3.2: version 1, certificate_timestamp, when, what, extensions. */
const signedBytes = (sct: Sct, entry: Buffer): Buffer => {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(sct.timestamp);
  return Buffer.concat([uint(0, 2), time, entry, uint(sct.extensions.byteLength, 2), sct.extensions]);
};

const x509Entry = ({ der }: Certificate): Buffer => Buffer.concat([uint(X509_ENTRY, 2), uint(der.byteLength, 3), der]);

/** What was logged before the SCT was known: the certificate's body without it, and whose key signs it. */
const precertificateEntry = (leaf: Certificate, issuer: Certificate): Buffer => {
  const issuerKeyHash = createHash("sha256").update(issuer.key.spki).digest();
  const body = withoutScts(leaf.tbs);
  return Buffer.concat([uint(PRECERT_ENTRY, 2), issuerKeyHash, uint(body.byteLength, 3), body]);
};

const BODY = "the body of its certificate";

const SCT_LIST = writeDerOid(EXTENSION.sctList);

/** The exact bytes of everything else, under lengths that fit; `tbs` was read before, and its extensions stand last. */
const withoutScts = (tbs: Uint8Array): Buffer => {
  const parts = readDerList(readDerValue(tbs, BODY), TAG.sequence, BODY);
  const [list] = readDerList(parts.at(-1), contextTag(3), BODY);
  const kept = readDerList(list, TAG.sequence, BODY).filter(
    ({ content }) => Buffer.compare(content.subarray(0, SCT_LIST.byteLength), SCT_LIST) !== 0,
  );
  const extensions = writeDer(TAG.sequence, ...kept.map(({ bytes }) => bytes));
  return writeDer(TAG.sequence, ...parts.slice(0, -1).map(({ bytes }) => bytes), writeDer(contextTag(3), extensions));
};
