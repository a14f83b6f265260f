import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readBundle } from "#claims/bundle.ts";
import { bundleLayerOf } from "#claims/bundleManifest.ts";
import type { Candidate, Found } from "#claims/claim.ts";
import { claimFromLegacyLayer, legacyTag, readLegacyImage } from "#claims/legacyImage.ts";
import { readDescriptor } from "#core/descriptor.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { digestHex, isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { parseManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import type { Json, JsonObject } from "#core/strictJson.ts";
import { checkBytes } from "#core/verifiedBytes.ts";
import { parsePublicKey } from "#trust/publicKey.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

/** The golden data made by cosign: ../shared/data/papers, see its README. */
export const papersPath = (...parts: readonly string[]): string => resolve("../shared/data/papers", ...parts);

/** A pipeline must have the data; elsewhere its tests are skipped. */
export const papersMissing = !existsSync(papersPath("cases.json")) && process.env["CI"] !== "true";

export const readPaperKey = (path: string): TrustMaterial => ({
  keys: [{ name: path, key: parsePublicKey(readFileSync(papersPath(path))) }],
});

/** An OCI layout as a store that checks digests and sizes, and that may hold damaged and missing blobs. */
export interface PaperLayout {
  readonly resolve: (ref: string) => Digest;
  readonly readManifest: (name: string) => RawManifest | undefined;
  readonly readBlob: (blob: Pick<Descriptor, "digest" | "size">) => Uint8Array;
  /** Manifests that name the subject, in digest order; only those of the fallback tag where `fallback` is set. */
  readonly referrers: (subject: Digest, fallback: boolean) => readonly RawManifest[];
}

const TAG = "org.opencontainers.image.ref.name";

export const openPaperLayout = (name: string): PaperLayout => {
  const root = papersPath(name);
  const index = JSON.parse(readFileSync(join(root, "index.json"), "utf8")) as JsonObject;
  const entries = (index["manifests"] as readonly Json[]).map((entry) => readDescriptor(entry, name));
  const path = (digest: Digest): string => join(root, "blobs/sha256", digestHex(digest));
  const manifestOf = (entry: Descriptor): RawManifest => {
    const bytes = readFileSync(path(entry.digest));
    checkBytes(entry, bytes);
    return { bytes, mediaType: entry.mediaType, digest: entry.digest };
  };
  const find = (ref: string) => entries.find((entry) => entry.digest === ref || entry.annotations?.[TAG] === ref);
  return {
    resolve: (ref) => (isDigest(ref) ? ref : (find(ref)?.digest ?? fail(`${name} has no ${ref}`))),
    readManifest: (ref) => {
      const entry = find(ref);
      return entry === undefined ? undefined : manifestOf(entry);
    },
    readBlob: (blob) => {
      if (!existsSync(path(blob.digest))) throw new WaybillError("NOT_FOUND", `${blob.digest} is not there`);
      const bytes = readFileSync(path(blob.digest));
      checkBytes(blob, bytes);
      return bytes;
    },
    referrers: (subject, fallback) => {
      const raws = fallback
        ? fromFallback(find(subject.replace(":", "-")), manifestOf, entries)
        : entries.map(manifestOf);
      const bySubject = raws.filter((raw) => subjectOf(raw) === subject);
      const unique = new Map(bySubject.map((raw) => [raw.digest, raw]));
      return [...unique.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
    },
  };
};

const fail = (message: string): never => {
  throw new WaybillError("NOT_FOUND", message);
};

const fromFallback = (
  tag: Descriptor | undefined,
  manifestOf: (entry: Descriptor) => RawManifest,
  entries: readonly Descriptor[],
): readonly RawManifest[] => {
  if (tag === undefined) return [];
  const manifest = parseManifest(manifestOf(tag));
  const listed = manifest.kind === "index" ? manifest.manifests.map(({ digest }) => digest) : [];
  return entries.filter(({ digest }) => listed.includes(digest)).map(manifestOf);
};

const subjectOf = (raw: RawManifest): Digest | undefined => {
  const { subject } = JSON.parse(Buffer.from(raw.bytes).toString()) as { subject?: { digest: Digest } };
  return subject?.digest;
};

/** All papers of one kind on a digest, in both forms; a paper that cannot be had is a candidate with the reason. */
export const gatherCandidates = (
  layout: PaperLayout,
  subject: Digest,
  suffix: "sig" | "att",
  fallback = false,
): readonly Candidate[] => [
  ...legacyCandidates(layout, subject, suffix),
  ...bundleCandidates(layout, subject, fallback),
];

const legacyCandidates = (layout: PaperLayout, subject: Digest, suffix: "sig" | "att"): readonly Candidate[] => {
  const tag = legacyTag(subject, suffix);
  const raw = layout.readManifest(tag);
  if (raw === undefined) return [];
  const found: Found = { form: "legacy", manifest: raw.digest, tag };
  return guard(found, () =>
    readLegacyImage(raw, suffix).layers.flatMap((layer) => {
      const one: Found = { ...found, layer: layer.position };
      return guard(one, () => [claimFromLegacyLayer(one, layer, layout.readBlob(layer), suffix)]);
    }),
  );
};

const bundleCandidates = (layout: PaperLayout, subject: Digest, fallback: boolean): readonly Candidate[] =>
  layout.referrers(subject, fallback).flatMap((raw) => {
    const found: Found = { form: "bundle", manifest: raw.digest };
    return guard(found, () => {
      const layer = raw.mediaType === MEDIA_TYPE.ociManifest ? bundleLayerOf(parseManifest(raw)) : undefined;
      return layer === undefined ? [] : [readBundle(layout.readBlob(layer), found)];
    });
  });

const guard = (found: Found, read: () => readonly Candidate[]): readonly Candidate[] => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    return [{ kind: "unreadable", found, reason: error.message }];
  }
};
