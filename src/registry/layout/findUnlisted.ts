import { isCosignLayout } from "#archive/foreignTags.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { MANIFEST_TYPES } from "#core/mediaType.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { StoredBlobs } from "#registry/layout/storedBlobs.ts";

// The manifest of a bundle has some 900 bytes; one of a thousand layers would still fit.
const MAX_BYTES = 512 * 1024;
const MAX_BLOBS = 100_000;
const READS = 16;
const BRACE = 0x7b;

/**
 * Papers that `cosign save` puts into a layout and lists nowhere: blobs that are manifests with a subject (airgap.md 1.3), as
 * `cosign load` looks for them. Layouts of other tools are not searched.
 */
export const findUnlisted = async (index: LayoutIndex, blobs: StoredBlobs): Promise<readonly Descriptor[]> => {
  if (!isCosignLayout(index.entries)) return [];
  const digests = [...(await blobs.list())].filter((digest) => !index.byDigest.has(digest));
  if (digests.length > MAX_BLOBS)
    throw new WaybillError("LIMIT_EXCEEDED", `the layout has more than ${MAX_BLOBS} blobs to search for papers`);
  const found = await mapLimited(digests, READS, (digest) => describePaper(blobs, digest));
  return found.flatMap((one) => one ?? []);
};

const describePaper = async (blobs: StoredBlobs, digest: Digest): Promise<Descriptor | undefined> => {
  const size = await blobs.size(digest);
  if (size === undefined || size > MAX_BYTES) return undefined;
  const blob = await blobs.open(digest);
  try {
    const bytes = blob?.whole ?? Buffer.concat(await Array.fromAsync(blob?.read(0, size) ?? []));
    const mediaType = bytes[0] === BRACE ? paperType(bytes) : undefined;
    return mediaType === undefined ? undefined : { mediaType, digest, size };
  } finally {
    await blob?.close();
  }
};

/** The media type of a manifest that refers to another one. */
const paperType = (bytes: Uint8Array): string | undefined => {
  try {
    const value = parseStrict(bytes, "blob");
    if (!isJsonObject(value) || !isJsonObject(value["subject"])) return undefined;
    const type = value["mediaType"];
    return typeof type === "string" && MANIFEST_TYPES.includes(type) ? type : undefined;
  } catch (error) {
    // Any JSON, or what only begins like it: a blob like others.
    if (hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) return undefined;
    throw error;
  }
};
