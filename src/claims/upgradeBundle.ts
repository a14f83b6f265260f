import { readBundleDocument } from "#claims/bundleDocument.ts";
import type { BundleDocument } from "#claims/bundleDocument.ts";
import { bundleFlaws } from "#claims/bundleFlaws.ts";
import { readBundleParts } from "#claims/bundleParts.ts";
import { writeProtoJson } from "#claims/goJson.ts";
import { WaybillError } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

export interface UpgradedBundle {
  /** The bundle as v0.3; the given bytes where it is that already. */
  readonly bytes: Uint8Array;
  readonly from: BundleDocument["version"];
  /** Certificates above the leaf that were left out. */
  readonly dropped: number;
}

/**
 * Turns a bundle v0.1 or v0.2 into v0.3 (sigstore_bundle.proto): what is signed, the signature and every proof stay letter by
 * letter. INPUT_INVALID for what v0.3 cannot hold: log entries without an inclusion proof, which only the log could give,
 * and a chain of certificates, of which `leafOnly` keeps the first.
 */
export const upgradeBundle = (bytes: Uint8Array, { leafOnly }: { readonly leafOnly: boolean }): UpgradedBundle => {
  const document = readBundleDocument(bytes);
  const { logEntries } = readBundleParts(document);
  if (logEntries.some(({ proof }) => proof === undefined))
    throw bad("has a log entry without an inclusion proof, which v0.3 demands", NO_PROOF);
  if (document.version === "0.3") {
    demandWhole(document);
    return { bytes, from: "0.3", dropped: 0 };
  }
  const { material, dropped } = upgradeMaterial(document.members["verificationMaterial"], leafOnly);
  const { mediaType: _, verificationMaterial: __, ...signed } = document.members;
  const members = { mediaType: MEDIA_TYPE.bundle, verificationMaterial: material, ...signed };
  demandWhole({ mediaType: MEDIA_TYPE.bundle, version: "0.3", members });
  return { bytes: writeProtoJson(members), from: document.version, dropped };
};

const upgradeMaterial = (value: Json | undefined, leafOnly: boolean) => {
  if (!isJsonObject(value)) throw bad("holds no verificationMaterial");
  const { x509CertificateChain: chain, ...proofs } = value;
  const certificates = isJsonObject(chain) ? ((chain["certificates"] ?? []) as readonly JsonObject[]) : [];
  const [leaf, ...above] = certificates;
  if (leaf === undefined) return { material: value, dropped: 0 };
  if (above.length > 0 && !leafOnly) {
    throw bad(
      `holds a chain of ${certificates.length} certificates, and v0.3 the leaf alone`,
      "--leaf-only leaves the others out; who verifies must then have them, as trusted roots do.",
    );
  }
  return { material: { certificate: leaf, ...proofs }, dropped: above.length };
};

/** Nothing is handed on as v0.3 that every verifier of v0.3 refuses. */
const demandWhole = (document: BundleDocument): void => {
  const [flaw] = bundleFlaws(readBundleParts(document), "0.3");
  if (flaw !== undefined) throw bad(`${flaw}, so it cannot be of v0.3`);
};

const NO_PROOF = "Only the log can give the proof: cosign bundle upgrade asks it, where it can be reached.";

const bad = (reason: string, hint?: string): WaybillError =>
  new WaybillError("INPUT_INVALID", `bundle ${reason}`, hint === undefined ? {} : { hint });
