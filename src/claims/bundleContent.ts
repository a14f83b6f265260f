import { readBundleDocument } from "#claims/bundleDocument.ts";
import { bundleFlaws } from "#claims/bundleFlaws.ts";
import { readBundleParts } from "#claims/bundleParts.ts";
import type { BundleParts } from "#claims/bundleParts.ts";
import type { DsseClaim } from "#claims/claim.ts";
import type { SignedContent } from "#claims/signedContent.ts";
import { WaybillError } from "#core/errors.ts";

/** What a bundle says of who made it and of what proves it. Never evidence by itself. */
export type BundleMaterial = Pick<DsseClaim, "material" | "keyHint" | "carried">;

export type BundleContent = BundleMaterial & SignedContent;

/**
 * Reads a bundle v0.1 to v0.3 with one DSSE signature or one message signature (cosign.md 2.3). Throws INPUT_INVALID or
 * LIMIT_EXCEEDED, also for what its version forbids (`bundleFlaws`).
 */
export const readBundleContent = (bytes: Uint8Array): BundleContent => {
  const document = readBundleDocument(bytes);
  const parts = readBundleParts(document);
  const [flaw] = bundleFlaws(parts, document.version);
  if (flaw !== undefined) throw new WaybillError("INPUT_INVALID", `bundle ${flaw}`);
  return { ...parts.content, ...materialOf(parts) };
};

/** The parts as a claim has them: only what is there. */
export const materialOf = ({
  material,
  logEntries,
  timestamps,
}: Omit<BundleParts, "version" | "content">): BundleMaterial => {
  const certificates = material.kind === "certificates" ? material.certificates : [];
  const isBare = certificates.length + logEntries.length + timestamps.length === 0;
  return {
    material: material.kind === "certificates" ? "certificate" : material.kind,
    ...(material.kind === "public-key" && material.hint !== undefined ? { keyHint: material.hint } : {}),
    ...(isBare ? {} : { carried: { certificates, logEntries, timestamps } }),
  };
};
