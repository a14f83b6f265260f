import type { Certificate } from "#trust/certificate.ts";
import { EXTENSION } from "#trust/certificateExtensions.ts";
import type { Fault } from "#trust/fault.ts";

/** What a path is wanted for. */
export type Purpose = "code-signing" | "timestamping";

/** Extended key usages (RFC 5280 section 4.2.1.12). */
export const PURPOSES: Readonly<Record<Purpose, { readonly oid: string; readonly name: string }>> = {
  "code-signing": { oid: "1.3.6.1.5.5.7.3.3", name: "code signing" },
  timestamping: { oid: "1.3.6.1.5.5.7.3.8", name: "timestamping" },
};

/**
 * Why a certificate may not be the signer's: an authority's own, one whose key must not make signatures, or one made for
 * something else. A leaf without keyUsage is not limited in it (RFC 5280 section 4.2.1.3; Fulcio always writes it, sigstore-go
 * does not look). The extended key usage must be there and name the purpose itself, not "any".
 */
export const checkLeaf = (leaf: Certificate, purpose: Purpose): Fault | undefined => {
  if (leaf.isCa)
    return {
      code: "certificate-is-ca",
      reason: "its certificate is an authority's own, which signs certificates alone",
    };
  const refuse = (why: string): Fault => ({ code: "certificate-purpose", reason: `its certificate ${why}` });
  if (!maySign(leaf, purpose))
    return refuse("has a key usage without digital signatures, or with signing certificates");
  const { oid, name } = PURPOSES[purpose];
  const usages = leaf.extendedKeyUsage ?? [];
  if (!usages.includes(oid)) return refuse(`is not for ${name}`);
  if (purpose === "code-signing") return undefined;
  // RFC 3161 section 2.3: this purpose alone, and critical.
  const isCritical = leaf.extensions.get(EXTENSION.extendedKeyUsage)?.critical === true;
  return usages.length === 1 && isCritical ? undefined : refuse("is not for timestamping alone, marked as critical");
};

const maySign = ({ keyUsage }: Certificate, purpose: Purpose): boolean => {
  if (keyUsage === undefined) return true;
  if (keyUsage.has("keyCertSign")) return false;
  return keyUsage.has("digitalSignature") || (purpose === "timestamping" && keyUsage.has("nonRepudiation"));
};
