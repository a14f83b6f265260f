import { hasCode } from "#core/errors.ts";
import type { Certificate } from "#trust/certificate.ts";
import { certificateHolder } from "#trust/certificateHolder.ts";
import { checkLeaf, PURPOSES } from "#trust/certificatePurpose.ts";
import type { Purpose } from "#trust/certificatePurpose.ts";
import { checkNamedSignature } from "#trust/checkNamedSignature.ts";
import { isFault, quoted } from "#trust/fault.ts";
import type { Fault } from "#trust/fault.ts";
import { findForbiddenName } from "#trust/nameConstraints.ts";

/** Anchors end a path and are believed; intermediates, trusted or brought along by a paper, only help to get there. */
export interface CertificatePool {
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
}

/** From the leaf to the anchor. */
export interface CertificatePath {
  readonly certificates: readonly Certificate[];
}

// Attack 30: so many certificates in a path, and so many signatures tried to find one, whatever a paper brings along.
const MAX_PATH = 10;
const MAX_TRIES = 50;

/**
 * A path from `leaf` to an anchor in which every certificate, the anchor among them, is valid at `at` (CVE-2026-24122), each
 * issuer is an authority that may sign certificates for this purpose and these names, and each signature verifies (RFC 5280
 * section 6.1; names are chained by their exact bytes). An anchor need not be self-signed: a trusted root may end with an
 * intermediate. Where there is none: the fault of the path that came nearest.
 */
export const findPath = (
  leaf: Certificate,
  pool: CertificatePool,
  at: Date,
  purpose: Purpose,
): CertificatePath | Fault => {
  const fault = checkLeaf(leaf, purpose) ?? checkValidity(leaf, at, () => "its certificate");
  if (fault !== undefined) return fault;
  const found = search([leaf], { pool, at, purpose, left: MAX_TRIES });
  return isFault(found) ? found : { certificates: found };
};

interface Walk {
  readonly pool: CertificatePool;
  readonly at: Date;
  readonly purpose: Purpose;
  /** Signatures that may still be tried. */
  left: number;
}

type Certificates = readonly [Certificate, ...Certificate[]];

const search = (path: Certificates, walk: Walk): Certificates | Fault => {
  const child = path.at(-1) ?? path[0];
  let nearest: Fault | undefined;
  for (const [issuer, isAnchor] of issuersOf(child, walk.pool)) {
    if (path.includes(issuer)) continue;
    if (walk.left === 0 || path.length === MAX_PATH) return tooLong;
    walk.left -= 1;
    const next: Certificates = [...path, issuer];
    const found = checkIssuer(issuer, path, walk) ?? (isAnchor ? (checkNames(next) ?? next) : search(next, walk));
    if (!isFault(found)) return found;
    // "Signed by nobody who is trusted" says less than what is wrong with somebody who is.
    if (nearest === undefined || nearest.code === "certificate-path") nearest = found;
  }
  return nearest ?? { code: "certificate-path", reason: `${nameOf(child, path)} is issued by nobody who is trusted` };
};

const tooLong: Fault = {
  code: "certificate-limits",
  reason: `no chain of at most ${MAX_PATH} certificates leads from its certificate to a trusted one within ${MAX_TRIES} attempts`,
};

/** Those that go by the name of the child's issuer and, where both say so, have the key that signed it; anchors first. */
const issuersOf = (child: Certificate, pool: CertificatePool): readonly (readonly [Certificate, boolean])[] => [
  ...pool.anchors.filter((issuer) => isNamed(issuer, child)).map((issuer) => [issuer, true] as const),
  ...pool.intermediates.filter((issuer) => isNamed(issuer, child)).map((issuer) => [issuer, false] as const),
];

const isNamed = (issuer: Certificate, child: Certificate): boolean => {
  if (Buffer.compare(issuer.subject, child.issuer) !== 0) return false;
  const [wanted, has] = [child.authorityKeyId, issuer.subjectKeyId];
  return wanted === undefined || has === undefined || Buffer.compare(wanted, has) === 0;
};

type Naming = () => string;

/** Why `issuer` may not have signed what stands before it, or did not. */
const checkIssuer = (issuer: Certificate, path: Certificates, { at, purpose }: Walk): Fault | undefined => {
  const child = path.at(-1) ?? path[0];
  // Read only to be printed.
  const name: Naming = () => `the authority ${certificateHolder(issuer)} of its certificate`;
  const refuse = (why: string): Fault => ({ code: "certificate-path", reason: `${name()} ${why}` });
  if (!issuer.isCa || issuer.keyUsage?.has("keyCertSign") === false) return refuse("may not sign certificates");
  if (!checkCertificateSignature(child, issuer)) return refuse(`did not sign ${nameOf(child, path)}`);
  if (issuer.pathLength !== undefined && path.length - 1 > issuer.pathLength) {
    return refuse(`allows ${issuer.pathLength} authorities below it and has ${path.length - 1}`);
  }
  return checkUsage(issuer, purpose, name) ?? checkValidity(issuer, at, name);
};

const ANY_PURPOSE = "2.5.29.37.0";

/** Go's reading, beyond the RFC: what an authority is limited to, all below it are limited to. */
const checkUsage = ({ extendedKeyUsage: usages }: Certificate, purpose: Purpose, name: Naming): Fault | undefined =>
  usages === undefined || usages.includes(PURPOSES[purpose].oid) || usages.includes(ANY_PURPOSE)
    ? undefined
    : { code: "certificate-purpose", reason: `${name()} may not vouch for ${PURPOSES[purpose].name}` };

/**
 * Names are held against every authority above them once a path has come to an anchor: before, anybody could bring along
 * thousands of names and constraints that cost minutes to compare (attack 30).
 */
const checkNames = (path: Certificates): Fault | undefined => {
  for (const [index, issuer] of path.entries()) {
    const below = path.slice(0, index).flatMap(({ names }) => names);
    const fault = index === 0 ? undefined : checkNamesBelow(issuer, below);
    if (fault !== undefined) return fault;
  }
  return undefined;
};

const checkNamesBelow = (issuer: Certificate, names: Certificate["names"]): Fault | undefined => {
  try {
    const forbidden = findForbiddenName(issuer, names);
    if (forbidden === undefined) return undefined;
    const name = `the authority ${certificateHolder(issuer)} of its certificate`;
    return { code: "certificate-names", reason: `${name} may not vouch for the name ${quoted(forbidden)}` };
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID")) throw error;
    return { code: "certificate-names", reason: error.message };
  }
};

/** Both ends of the validity count (RFC 5280 section 4.1.2.5). */
const checkValidity = ({ notBefore, notAfter }: Certificate, at: Date, name: Naming): Fault | undefined => {
  const when = `at ${at.toISOString()}`;
  if (at < notBefore) {
    return {
      code: "certificate-not-yet",
      reason: `${name()} was not valid ${when}, but from ${notBefore.toISOString()}`,
    };
  }
  if (at <= notAfter) return undefined;
  return {
    code: "certificate-expired",
    reason: `${name()} was not valid ${when}, but until ${notAfter.toISOString()}`,
  };
};

const nameOf = (certificate: Certificate, path: Certificates): string =>
  certificate === path[0] ? "its certificate" : `the authority ${certificateHolder(certificate)} of its certificate`;

// Issuers stay and leaves go: what was verified once is known as long as both live.
const verified = new WeakMap<Certificate, WeakMap<Certificate, boolean>>();

/** True if the issuer's key made this certificate's signature, with an algorithm of that kind of key. */
export const checkCertificateSignature = (certificate: Certificate, issuer: Certificate): boolean => {
  const links = verified.get(certificate) ?? new WeakMap<Certificate, boolean>();
  verified.set(certificate, links);
  const known = links.get(issuer);
  if (known !== undefined) return known;
  const { tbs, signature, signatureAlgorithm } = certificate;
  const isSigned = checkNamedSignature(issuer.key, signatureAlgorithm, tbs, signature);
  links.set(issuer, isSigned);
  return isSigned;
};
