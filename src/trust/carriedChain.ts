import { createHash } from "node:crypto";
import { hasCode } from "#core/errors.ts";
import type { Certificate } from "#trust/certificate.ts";
import { certificateHolder } from "#trust/certificateHolder.ts";
import type { Fault } from "#trust/fault.ts";
import { readCertificate } from "#trust/readCertificate.ts";
import type { RefusalCode } from "#trust/refusalCode.ts";

// Attack 30.
const MAX_CERTIFICATES = 10;
const MAX_CHAIN = 64 * 1024;

const CODES: Readonly<Record<string, RefusalCode>> = {
  INPUT_INVALID: "certificate-malformed",
  KEY_WEAK: "certificate-key",
  LIMIT_EXCEEDED: "certificate-limits",
};

/** The certificates (DER) that a paper brings along, leaf first. Nothing in them throws. */
export const readCarriedChain = (chain: readonly Uint8Array[]): readonly Certificate[] | Fault => {
  const size = chain.reduce((sum, der) => sum + der.byteLength, 0);
  if (chain.length > MAX_CERTIFICATES || size > MAX_CHAIN) {
    return {
      code: "certificate-limits",
      reason: `it brings ${chain.length} certificates of ${size} bytes along; at most ${MAX_CERTIFICATES} of ${MAX_CHAIN} are read`,
    };
  }
  try {
    return chain.map((der, index) =>
      readKnown(der, index === 0 ? "its certificate" : `certificate ${index + 1} of its chain`),
    );
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "KEY_WEAK", "LIMIT_EXCEEDED")) throw error;
    return { code: CODES[error.code] ?? "certificate-malformed", reason: error.message };
  }
};

/**
 * Refuses a chain with a self-signed root in it: a bundle must not bring its own trust along (sigstore_bundle.proto,
 * X509CertificateChain). Not for legacy annotations, in which cosign writes the root, and where it is merely no anchor.
 */
export const checkCarriedChain = (chain: readonly Certificate[]): Fault | undefined => {
  const root = chain.find(({ issuer, subject }) => Buffer.compare(issuer, subject) === 0);
  if (root === undefined) return undefined;
  return {
    code: "certificate-chain-root",
    reason: `its chain holds the self-signed certificate ${certificateHolder(root)}; roots come from the one who verifies`,
  };
};

// Thousands of papers bring the same few authorities along: one object each keeps its decoded key and verified signatures.
const MAX_KNOWN = 64;
const known = new Map<string, Certificate>();

const readKnown = (der: Uint8Array, what: string): Certificate => {
  const digest = createHash("sha256").update(der).digest("hex");
  const one = known.get(digest) ?? readCertificate(der, what);
  if (!one.isCa) return one;
  const [oldest] = known.keys();
  if (known.size === MAX_KNOWN && oldest !== undefined && !known.has(digest)) known.delete(oldest);
  known.set(digest, one);
  return one;
};
