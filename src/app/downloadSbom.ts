import { legacyTag, readLegacyLayers } from "#claims/legacyImage.ts";
import type { Repositories, Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { imageToDownload } from "#app/downloadedPapers.ts";
import type { DownloadInput } from "#app/downloadedPapers.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { paperRepository } from "#app/paperRepository.ts";
import { isSbomType, sbomTime, timeOfSbom } from "#app/sbomTime.ts";
import { unverifiedStatement } from "#app/unverifiedStatement.ts";

export interface SbomDownload extends Omit<DownloadInput, "take"> {
  /** URI; undefined takes CycloneDX and SPDX. Given, only attested SBOMs count: an attachment has no such type. */
  readonly predicateType: string | undefined;
}

/** An SBOM as it was found, unverified. */
export interface DownloadedSbom {
  /** The document to the byte: of an attestation its predicate's bytes, and the text in it where that is one string. */
  readonly bytes: Uint8Array;
  readonly from: "attachment" | "attestation";
  /** Media type of the attachment, or predicate type. */
  readonly type: string;
  /** Other attested SBOMs that were passed over, by their times. */
  readonly others: readonly { readonly type: string; readonly time: string }[];
}

/** The SBOM attached to an image by cosign's `.sbom` tag, else the newest that is attested. NOT_FOUND where there is none. */
export const downloadSbom =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, input: SbomDownload): Promise<DownloadedSbom> => {
    const image = await imageToDownload(deps)(ctx, input);
    const attached =
      input.predicateType === undefined
        ? await readAttached(ctx, paperRepository(image.repository), image.digest)
        : undefined;
    if (attached !== undefined) return attached;
    const [newest, ...others] = await findAttested(ctx, image.repository, image.digest, input.predicateType);
    if (newest === undefined) {
      throw new WaybillError("NOT_FOUND", `no SBOM is attached to ${image.repository.name}@${image.digest}`, {
        hint:
          image.manifest.kind === "index"
            ? "This is an index; its images have SBOMs of their own: name one with --platform."
            : "waybill sbom makes one out of the image itself.",
      });
    }
    const { bytes, type } = newest;
    return { bytes, type, from: "attestation", others: others.map(({ type: of, time }) => ({ type: of, time })) };
  };

// COSIGN_MAX_ATTACHMENT_SIZE's default.
const MAX_BYTES = 128 * 1024 * 1024;

const readAttached = async (ctx: Ctx, repository: Repository, subject: Digest): Promise<DownloadedSbom | undefined> => {
  const tag = legacyTag(subject, "sbom");
  const raw = await repository.readManifest(ctx, tag);
  if (raw === undefined) return undefined;
  const [layer, ...more] = readLegacyLayers(raw);
  if (layer === undefined || more.length > 0) {
    const found = layer === undefined ? 0 : more.length + 1;
    throw new WaybillError("INPUT_INVALID", `${repository.name}:${tag} holds ${found} documents; it must hold one`);
  }
  if (layer.size > MAX_BYTES)
    throw new WaybillError(
      "LIMIT_EXCEEDED",
      `the SBOM ${layer.digest} has ${layer.size} bytes, the limit is ${MAX_BYTES}`,
    );
  const bytes = await readAll(repository.readBlob(ctx, layer), MAX_BYTES, `the SBOM ${layer.digest}`);
  return { bytes, from: "attachment", type: layer.mediaType, others: [] };
};

interface AttestedSbom {
  readonly bytes: Uint8Array;
  readonly type: string;
  /** RFC 3339 as the document says; empty where it does not. */
  readonly time: string;
}

/** Distinct documents, newest first; of two of the same time the order is that of their digests. */
const findAttested = async (
  ctx: Ctx,
  repository: Repository,
  subject: Digest,
  predicateType: string | undefined,
): Promise<readonly AttestedSbom[]> => {
  const found = new Map<Digest, AttestedSbom>();
  const gather = { repository, subject, kinds: ["attestation"] as const, predicateType, storage: "both" as const };
  for await (const batch of gatherPapers(ctx, gather)) {
    const [failure] = batch.failures;
    // What could not be read may be the newest one.
    if (failure !== undefined) throw failure;
    for (const { candidate } of batch.papers) {
      const statement = candidate.kind === "dsse" ? unverifiedStatement(candidate) : undefined;
      const bytes = statement?.predicateBytes;
      if (statement === undefined || bytes === undefined) continue;
      if (predicateType === undefined && !isSbomType(statement.predicateType)) continue;
      if (predicateType !== undefined && statement.predicateType !== predicateType) continue;
      if (statement.subjects.every(({ digest }) => digest !== subject)) continue;
      found.set(digestOf(bytes), documentOf(statement.predicateType, bytes));
    }
  }
  return [...found]
    .toSorted(([a, one], [b, other]) => compare(timeOf(other), timeOf(one)) || (a < b ? -1 : 1))
    .map(([, document]) => document);
};

const timeOf = ({ time }: AttestedSbom): number => timeOfSbom(time);
const compare = (a: number, b: number): number => a - b;

/** SPDX tag-value is attested as one JSON string (cosign.md 3.3): the document is the text in it. */
const documentOf = (type: string, bytes: Uint8Array): AttestedSbom => {
  const value = tryParse(bytes);
  return { bytes: typeof value === "string" ? Buffer.from(value) : bytes, type, time: sbomTime(value) };
};

const tryParse = (bytes: Uint8Array): Json | undefined => {
  try {
    return parseStrict(bytes, "predicate");
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return undefined;
  }
};
