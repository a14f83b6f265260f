import { decodeAnyBase64 } from "#claims/base64.ts";
import { readSignedContent } from "#claims/signedContent.ts";
import type { SignedContent } from "#claims/signedContent.ts";
import type { BundleDocument, BundleVersion } from "#claims/bundleDocument.ts";
import { readLogEntry } from "#claims/logEntry.ts";
import type { LogEntry } from "#claims/logEntry.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";

/** What a bundle says it was signed with. Never evidence. */
export type SigningMaterial =
  | { readonly kind: "none" }
  | { readonly kind: "public-key"; readonly hint: string | undefined }
  /** DER, the leaf first; whether anything can read them is not known yet. */
  | { readonly kind: "certificates"; readonly chain: boolean; readonly certificates: readonly Uint8Array[] };

/** Everything in a bundle, read and not believed. */
export interface BundleParts {
  readonly version: BundleVersion;
  readonly content: SignedContent;
  readonly material: SigningMaterial;
  readonly logEntries: readonly LogEntry[];
  /** TimeStampResp, DER. */
  readonly timestamps: readonly Uint8Array[];
}

/**
 * Reads all of a bundle, also one that its version forbids (see `bundleFlaws`), so that it can be shown or turned into
 * another version. Throws INPUT_INVALID or LIMIT_EXCEEDED for what has no meaning at all.
 */
export const readBundleParts = ({ version, members }: BundleDocument): BundleParts => {
  const material = members["verificationMaterial"];
  if (!isJsonObject(material)) throw bad("holds no verificationMaterial");
  const times = isJsonObject(material["timestampVerificationData"]) ? material["timestampVerificationData"] : {};
  return {
    version,
    content: readSignedContent(members),
    material: readSigningMaterial(material),
    logEntries: listOf(material["tlogEntries"]).map(readLogEntry),
    timestamps: listOf((times as JsonObject)["rfc3161Timestamps"]).map((one, at) =>
      readBytes(one["signedTimestamp"], `the timestamp ${at}`),
    ),
  };
};

const readSigningMaterial = (material: JsonObject): SigningMaterial => {
  const { publicKey, certificate, x509CertificateChain: chain } = material;
  const named = [publicKey, certificate, chain].filter((one) => one !== undefined).length;
  if (named !== 1) throw bad(`names ${named} keys or certificates; it must name one`);
  if (isJsonObject(publicKey)) {
    const { hint } = publicKey;
    return { kind: "public-key", hint: typeof hint === "string" && hint !== "" ? hint : undefined };
  }
  const list = isJsonObject(chain) ? listOf(chain["certificates"]) : [certificate as JsonObject];
  const certificates = list.map(({ rawBytes }, at) => readBytes(rawBytes, `the certificate ${at}`));
  return { kind: "certificates", chain: chain !== undefined, certificates };
};

/** A list that its shape has already been checked for. */
const listOf = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonObject[]) : [];

const readBytes = (value: Json | undefined, what: string): Uint8Array => {
  const bytes = typeof value === "string" ? decodeAnyBase64(value) : undefined;
  if (bytes === undefined || bytes.byteLength === 0) throw bad(`holds ${what}, which is not base64, or empty`);
  return bytes;
};

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", `bundle ${reason}`);
