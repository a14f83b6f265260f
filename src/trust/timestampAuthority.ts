import type { Certificate } from "#trust/certificate.ts";
import { findPath } from "#trust/certificatePath.ts";
import type { CertificatePath, CertificatePool } from "#trust/certificatePath.ts";
import { isFault } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";
import type { Authority, TrustRoot } from "#trust/trustRoot.ts";
import { isWithin } from "#trust/window.ts";

/** On whose word a time is believed. */
export interface TimestampTrust {
  readonly root: TrustRoot;
  readonly authority: Authority;
  readonly path: CertificatePath;
}

/**
 * The authority of a trusted root that answers for this signer at this time, or the fault of the one that came nearest.
 * `carried` certificates help to build the path and vouch for nothing.
 */
export const findTimestampAuthority = (
  signer: Certificate,
  carried: readonly Certificate[],
  time: Date,
  roots: readonly TrustRoot[],
): TimestampTrust | Fault => {
  let nearest: Fault | undefined;
  for (const root of roots) {
    for (const authority of root.timestampAuthorities) {
      const path = judge(signer, carried, time, authority);
      if (!isFault(path)) return { root, authority, path };
      if (nearest === undefined || ORDER.indexOf(path.code) > ORDER.indexOf(nearest.code)) nearest = path;
    }
  }
  return (
    nearest ?? { code: "timestamp-untrusted", reason: "it has a timestamp, and no timestamp authority is trusted" }
  );
};

// Of several authorities, what was wrong with the one that came farthest is what the user wants to hear.
const ORDER: readonly RefusalCode[] = [
  "timestamp-untrusted",
  "timestamp-purpose",
  "timestamp-not-yet",
  "timestamp-expired",
  "timestamp-window",
];

const judge = (
  signer: Certificate,
  carried: readonly Certificate[],
  time: Date,
  authority: Authority,
): CertificatePath | Fault => {
  const { leaf, anchors, intermediates } = partsOf(authority);
  if (leaf !== undefined && Buffer.compare(leaf.der, signer.der) !== 0) return UNKNOWN;
  const path = findPath(signer, { anchors, intermediates: [...intermediates, ...carried] }, time, "timestamping");
  if (isFault(path)) return asTimestampFault(path);
  if (isWithin(authority.window, time)) return path;
  const reason = `its timestamp is of ${time.toISOString()}, when its authority was not (or no longer) trusted`;
  return { code: "timestamp-window", reason };
};

const UNKNOWN: Fault = {
  code: "timestamp-untrusted",
  reason: "its timestamp is of an authority that is not trusted",
};

/** A root may name the one certificate that signs timestamps; the anchor comes last (sigstore_trustroot.proto). */
const partsOf = ({ certificates }: Authority): CertificatePool & { readonly leaf: Certificate | undefined } => {
  const [first] = certificates;
  const leaf = first?.isCa === false ? first : undefined;
  const authorities = leaf === undefined ? certificates : certificates.slice(1);
  return { leaf, anchors: authorities.slice(-1), intermediates: authorities.slice(0, -1) };
};

const CODES: Readonly<Partial<Record<RefusalCode, RefusalCode>>> = {
  "certificate-purpose": "timestamp-purpose",
  "certificate-is-ca": "timestamp-purpose",
  "certificate-not-yet": "timestamp-not-yet",
  "certificate-expired": "timestamp-expired",
};

/** It is the timestamp's certificate that was looked at, not the signer's. */
const asTimestampFault = ({ code, reason }: Fault): Fault => ({
  code: CODES[code] ?? "timestamp-untrusted",
  reason: `its timestamp does not count: ${reason}`,
});
