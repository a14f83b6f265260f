import type { BundleParts } from "#claims/bundleParts.ts";
import type { BundleVersion } from "#claims/bundleDocument.ts";
import type { LogEntry } from "#claims/logEntry.ts";

/**
 * What a version of the format forbids and a bundle does all the same, so that verifiers refuse it (sigstore_bundle.proto,
 * cosign.md 2.3), each as a sentence that goes on from "it". None: it may be of that version.
 */
export const bundleFlaws = (parts: Omit<BundleParts, "version">, version: BundleVersion): readonly string[] => [
  ...contentFlaws(parts),
  ...materialFlaws(parts, version),
  ...parts.logEntries.flatMap((entry, at) => entryFlaws(entry, `log entry ${at}`, version)),
];

const contentFlaws = ({ content }: Pick<BundleParts, "content">): readonly string[] => {
  if (content.kind === "message") return [];
  const { length } = content.envelope.signatures;
  if (length !== 1) return [`has ${length} signatures; it must have one`];
  return content.envelope.signatures[0]?.sig.byteLength === 0 ? ["has an empty signature"] : [];
};

const materialFlaws = ({ material }: Pick<BundleParts, "material">, version: BundleVersion): readonly string[] => {
  if (material.kind !== "certificates") return [];
  if (material.certificates.length === 0) return ["holds a certificate chain without certificates"];
  if (version === "0.3") return material.chain ? ["holds a certificate chain, which v0.3 forbids"] : [];
  return material.chain ? [] : [`holds a certificate alone; v${version} takes a chain`];
};

const entryFlaws = (entry: LogEntry, where: string, version: BundleVersion): readonly string[] => {
  const flaws: string[] = entry.body === undefined ? [`has a ${where} without a body`] : [];
  if (version === "0.1" && entry.promise === undefined) flaws.push(`has a ${where} without a promise`);
  if (version !== "0.1" && entry.proof === undefined) flaws.push(`has a ${where} without an inclusion proof`);
  // A proof to a root that nobody signed proves nothing.
  const isOpen = entry.proof !== undefined && entry.proof.checkpoint === undefined;
  return isOpen ? [...flaws, `has a ${where} whose inclusion proof has no checkpoint`] : flaws;
};
