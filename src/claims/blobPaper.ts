import { decodeAnyBase64 } from "#claims/base64.ts";
import { materialOf, readBundleContent } from "#claims/bundleContent.ts";
import type { BlobCandidate, Found } from "#claims/claim.ts";
import { readEnvelope } from "#claims/dsse.ts";
import { isLocalBundle, readLocalBundle } from "#claims/localBundle.ts";
import { readLocalParts } from "#claims/localParts.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";

/** How a paper about a file is to be read. */
export interface BlobPaperShape {
  /** A bundle of either kind, or a signature or envelope without anything around it. */
  readonly form: "bundle" | "bare";
  /** What a form that does not say it by itself holds. */
  readonly wanted: "message" | "statement";
}

/** Reads a paper about a file. What cannot be read is a value with the reason. */
export const readBlobPaper = (shape: BlobPaperShape, bytes: Uint8Array): BlobCandidate => {
  const manifest = digestOf(bytes);
  try {
    return shape.form === "bundle" ? readEitherBundle(shape, bytes, manifest) : readBare(shape, bytes, manifest);
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    const form = shape.form === "bundle" ? "bundle" : "legacy";
    return { kind: "unreadable", found: { form, manifest }, reason: error.message };
  }
};

// Of RSA with 4096 bits: 512 bytes, 684 letters. What is larger is some other file.
const MAX_SIGNATURE = 4096;

/** Base64 text or the bytes themselves, as cosign takes either. */
const readBare = ({ wanted }: BlobPaperShape, bytes: Uint8Array, manifest: Digest): BlobCandidate => {
  if (bytes.byteLength === 0) throw bad("it is empty");
  const found: Found = { form: "legacy", manifest };
  const inner = decodeText(bytes) ?? bytes;
  if (wanted === "statement") return { kind: "dsse", found, envelope: readEnvelope(inner), material: "none", bytes };
  if (bytes.byteLength > MAX_SIGNATURE)
    throw bad(`it has ${bytes.byteLength} bytes and so is no signature; a bundle is given with --bundle`);
  return { kind: "message", found, signature: inner, digest: undefined, material: "none" };
};

/** No JSON is base64, and no signature is by any chance that counts. */
const decodeText = (bytes: Uint8Array): Uint8Array | undefined =>
  decodeAnyBase64(Buffer.from(bytes).toString("latin1").trim());

// As large as a Sigstore bundle may be.
const LIMITS = { maxBytes: 176 * 1024 * 1024, maxDepth: 16, maxValues: 10_000 };

const readEitherBundle = ({ wanted }: BlobPaperShape, bytes: Uint8Array, manifest: Digest): BlobCandidate => {
  const document = parseStrict(bytes, "bundle", LIMITS);
  if (isJsonObject(document) && isLocalBundle(document)) {
    const { signature } = readLocalBundle(document);
    const material = materialOf(readLocalParts(document));
    const found: Found = { form: "legacy", manifest };
    if (wanted === "message") return { kind: "message", found, signature, digest: undefined, ...material };
    return { kind: "dsse", found, envelope: readEnvelope(signature), ...material, bytes };
  }
  const found: Found = { form: "bundle", manifest };
  const content = readBundleContent(bytes);
  return content.kind === "dsse" ? { ...content, found, bytes } : { ...content, found };
};

const bad = (reason: string): WaybillError => new WaybillError("INPUT_INVALID", reason);
