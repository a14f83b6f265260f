import { readBundleDocument } from "#claims/bundleDocument.ts";
import { bundleFlaws } from "#claims/bundleFlaws.ts";
import { readBundleParts } from "#claims/bundleParts.ts";
import type { BundleParts } from "#claims/bundleParts.ts";
import { certificateFacts } from "#claims/certificateFacts.ts";
import type { CertificateFacts } from "#claims/certificateFacts.ts";
import type { Envelope } from "#claims/claim.ts";
import { isLocalBundle } from "#claims/localBundle.ts";
import { readLocalParts } from "#claims/localParts.ts";
import type { LogEntry } from "#claims/logEntry.ts";
import type { Statement } from "#claims/statement.ts";
import { timestampTime } from "#claims/timestampTime.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import { unverifiedStatement } from "#app/unverifiedStatement.ts";

/** What is in a bundle. Nobody has verified any of it. */
export interface InspectedBundle {
  /** Undefined for cosign's bundle file from before Sigstore bundles. */
  readonly mediaType: string | undefined;
  readonly version: string | undefined;
  readonly content: InspectedContent;
  readonly material: InspectedMaterial;
  readonly logEntries: readonly LogEntry[];
  readonly timestamps: readonly { readonly size: number; readonly time: Date | undefined }[];
  /** What verifiers refuse it for, each as a sentence that goes on from "it". */
  readonly flaws: readonly string[];
}

export type InspectedContent =
  | {
      readonly kind: "message";
      /** Bytes of the signature. */
      readonly signature: number;
      readonly digest: { readonly hash: string; readonly hex: string } | undefined;
    }
  | { readonly kind: "dsse"; readonly envelope: Envelope; readonly statement: Statement | undefined };

export type InspectedMaterial =
  | { readonly kind: "none" }
  | { readonly kind: "public-key"; readonly hint: string | undefined }
  | {
      readonly kind: "certificates";
      /** Undefined for one that cannot be read. */
      readonly certificates: readonly (CertificateFacts | undefined)[];
    };

// As large as a bundle may be.
const LIMITS = { maxBytes: 176 * 1024 * 1024, maxDepth: 16, maxValues: 10_000 };

/** Reads a bundle of any version, cosign's old file among them. INPUT_INVALID or LIMIT_EXCEEDED for what is none. */
export const inspectBundle = (bytes: Uint8Array): InspectedBundle => {
  const document = parseStrict(bytes, "bundle", LIMITS);
  if (isJsonObject(document) && isLocalBundle(document))
    return { mediaType: undefined, version: undefined, ...inspectParts(readLocalParts(document)), flaws: [] };
  const { mediaType, version, members } = readBundleDocument(bytes);
  const parts = readBundleParts({ mediaType, version, members });
  const inspected = inspectParts(parts);
  return { mediaType, version, ...inspected, flaws: [...bundleFlaws(parts, version), ...unreadable(inspected)] };
};

const inspectParts = ({ content, material, logEntries, timestamps }: Omit<BundleParts, "version">) => ({
  content: inspectContent(content),
  material:
    material.kind === "certificates"
      ? { kind: material.kind, certificates: material.certificates.map(certificateFacts) }
      : material,
  logEntries,
  timestamps: timestamps.map((one) => ({ size: one.byteLength, time: timestampTime(one) })),
});

const inspectContent = (content: BundleParts["content"]): InspectedContent => {
  if (content.kind === "dsse") return { ...content, statement: unverifiedStatement(content) };
  const { signature, digest } = content;
  const named =
    digest === undefined ? undefined : { hash: digest.hash, hex: Buffer.from(digest.value).toString("hex") };
  return { kind: "message", signature: signature.byteLength, digest: named };
};

const unreadable = ({ material, timestamps }: Pick<InspectedBundle, "material" | "timestamps">): readonly string[] => [
  ...(material.kind === "certificates"
    ? material.certificates.flatMap((one, at) => (one === undefined ? [`holds a certificate ${at} that is none`] : []))
    : []),
  ...timestamps.flatMap(({ time }, at) => (time === undefined ? [`holds a timestamp ${at} that names no time`] : [])),
];
