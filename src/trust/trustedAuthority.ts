import type { Certificate } from "#trust/certificate.ts";
import { checkCertificateSignature } from "#trust/certificatePath.ts";
import { trustFlaw } from "#trust/trustFlaw.ts";
import type { Authority } from "#trust/trustRoot.ts";

export type AuthorityKind = "certificate authority" | "timestamp authority";

/**
 * The authority itself, given that its chain can vouch for anything: the last certificate is a CA, each other one was issued
 * by a later one, and all are CAs but the leaf with which a timestamp authority's may begin. TRUST_INVALID.
 */
export const checkAuthority = (authority: Authority, kind: AuthorityKind, what: string): Authority => {
  const { certificates } = authority;
  if (certificates.length === 0) throw trustFlaw("broken-chain", `${what} has no certificate`);
  certificates.forEach((certificate, index) => {
    const isLeaf = kind === "timestamp authority" && index === 0 && certificates.length > 1;
    const where = `${what}, certificate ${index + 1} of ${certificates.length}`;
    if (!isLeaf && !mayIssue(certificate)) throw trustFlaw("not-a-ca", `${where} is no certificate authority`);
    const later = certificates.slice(index + 1);
    if (later.some(({ der }) => isSame(der, certificate.der)))
      throw trustFlaw("duplicate", `${where} stands there twice`);
    if (later.length > 0 && !later.some((issuer) => isIssuer(issuer, certificate))) {
      throw trustFlaw("broken-chain", `${where} was issued by none of those after it`);
    }
  });
  return authority;
};

// RFC 5280 sections 4.2.1.3 and 4.2.1.9.
const mayIssue = ({ isCa, keyUsage }: Certificate): boolean => isCa && (keyUsage?.has("keyCertSign") ?? true);

/** By name and by signature. */
export const isIssuer = (issuer: Certificate, certificate: Certificate): boolean =>
  isSame(issuer.subject, certificate.issuer) && checkCertificateSignature(certificate, issuer);

export const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
