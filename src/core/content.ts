import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import type { WaybillError } from "#core/errors.ts";
import type { RawManifest } from "#core/manifest.ts";
import type { Reference } from "#core/reference.ts";

// The content ports. Absence is `undefined` and only ever means that the store said "not there" (a registry: 404);
// everything else that goes wrong is thrown with a code. One contract suite (test/contract) holds for every store.

export interface BlobReader {
  /**
   * Streams a blob's bytes, hashed and counted on the way: SIZE_SHORT, SIZE_LONG or DIGEST_MISMATCH (all before or at the
   * end, so nothing may be believed earlier); NOT_FOUND when absent. Abort ends the transfer.
   */
  readonly readBlob: (ctx: Ctx, blob: Pick<Descriptor, "digest" | "size">) => AsyncIterable<Uint8Array>;
  readonly hasBlob: (ctx: Ctx, digest: Digest) => Promise<boolean>;
}

export interface BlobWriter {
  /** Stores a blob unless it is there; bytes that do not match digest and size are refused with the codes of `readBlob`. */
  readonly writeBlob: (
    ctx: Ctx,
    blob: Pick<Descriptor, "digest" | "size">,
    bytes: Uint8Array | AsyncIterable<Uint8Array>,
  ) => Promise<void>;
}

export interface ManifestReader {
  /** By tag or digest, at most 4 MiB; bytes fetched by digest have that digest. `undefined` only for "not there". */
  readonly readManifest: (ctx: Ctx, name: string | Digest) => Promise<RawManifest | undefined>;
}

export interface WriteCondition {
  /** Write only while the tag still has this ETag; TAG_CONTENDED otherwise. Ignored by stores that know no ETags. */
  readonly ifMatch?: string;
  /** Write only while the tag is not there; otherwise as `ifMatch`. */
  readonly ifAbsent?: boolean;
  /** Never send it twice: what was read before must still be fresh, so the caller reads again instead. */
  readonly once?: boolean;
}

export interface ManifestWriter {
  /** Writes under a tag, or by digest when `tag` is undefined. TAG_IMMUTABLE where the registry keeps tags for ever. */
  readonly writeManifest: (
    ctx: Ctx,
    manifest: RawManifest,
    tag: string | undefined,
    condition?: WriteCondition,
  ) => Promise<void>;
  /** Removes a tag, or a manifest by digest with all its tags; false when it was not there. */
  readonly deleteManifest: (ctx: Ctx, name: string | Digest) => Promise<boolean>;
}

export interface TagLister {
  readonly listTags: (ctx: Ctx) => Promise<readonly string[]>;
}

/** What of a list of referrers is wanted; whoever may push decides how long the list is (attack 26). */
export interface ReferrerQuery {
  /** The others are passed over, and do not count against the limit on how many there may be. */
  readonly wants: (referrer: Descriptor) => boolean;
  /** A list over a limit ends there and this is told why: what was found is kept, and the rest is unknown. */
  readonly onLimit: (error: WaybillError) => void;
}

export interface ReferrerLister {
  /**
   * All referrers of a digest over all pages, through the API or the fallback tag. Descriptors are hints of whoever wrote
   * them: their artifactType may be wrong (cosign up to 3.0.6) and their `subject` is no proof. Without a query all are
   * wanted, and LIMIT_EXCEEDED is thrown.
   */
  readonly listReferrers: (ctx: Ctx, subject: Digest, query?: ReferrerQuery) => Promise<readonly Descriptor[]>;
}

/** What a merge makes of a tag as it is now: nothing to do, or a manifest with the blobs that it needs. */
export type TagMergeResult =
  | { readonly kind: "unchanged" }
  | { readonly kind: "write"; readonly manifest: RawManifest; readonly blobs: readonly TagMergeBlob[] };

interface TagMergeBlob extends Pick<Descriptor, "digest" | "size"> {
  readonly bytes: Uint8Array;
}

/**
 * A tag and what must be in it, for `mergeTag` and `settleTags` (core/mergeTag.ts). `merge` is pure, keeps all that others
 * wrote, and is asked again whenever they write.
 */
export interface TagMerge {
  readonly repository: ManifestReader & ManifestWriter & BlobWriter;
  readonly tag: string;
  readonly merge: (current: RawManifest | undefined) => TagMergeResult;
  /** The longest time from read to written that was seen on this tag, in milliseconds. */
  readonly windowMs?: number;
  /** Looked at with others that settle, and not worth waiting for alone. */
  readonly patient?: boolean;
}

export interface ReferrerWriter {
  /**
   * Writes manifests that carry a `subject`, by digest, and makes them listed: the API does that by itself, elsewhere the
   * fallback tag is merged losslessly. Resolves to what is left to settle, so that the caller waits once for a whole batch.
   */
  readonly writeReferrers: (
    ctx: Ctx,
    subject: Digest,
    manifests: readonly RawManifest[],
  ) => Promise<readonly TagMerge[]>;
}

export interface ReferrerRemover {
  /**
   * Removes referrers by digest, and their entries where the fallback tag lists them; those that are gone are no trouble.
   * Throws what the registry says where it deletes nothing. Resolves to what is left to settle.
   */
  readonly removeReferrers: (ctx: Ctx, subject: Digest, referrers: readonly Digest[]) => Promise<readonly TagMerge[]>;
}

export interface BlobMounter {
  /**
   * Takes a blob over from another repository of the same registry, so that its bytes do not travel (distribution-spec 1.1,
   * "Mounting a blob from another repository"). False where that cannot be: then it is written like any other.
   */
  readonly mountBlob: (ctx: Ctx, blob: Pick<Descriptor, "digest" | "size">, from: Repository) => Promise<boolean>;
}

/** How papers about what is in a repository are kept, where that is not beside it or not as OCI manifests. */
export interface PaperPlace {
  /** Papers are read here and written here, and nowhere else. */
  readonly repository?: Repository;
  /** Media types of manifests that begin one of cosign's tags; one that is there keeps its own. */
  readonly legacyTypes?: "docker";
}

/** One repository of content: a registry's repository, a layout directory, an archive of one, a fake. */
export interface Repository
  extends
    BlobReader,
    BlobWriter,
    ManifestReader,
    ManifestWriter,
    TagLister,
    ReferrerLister,
    ReferrerWriter,
    Partial<ReferrerRemover>,
    Partial<BlobMounter> {
  /** How this repository is called in messages: `host/name` or `oci:PATH`. */
  readonly name: string;
  /** Undefined: papers are kept here, as OCI manifests. */
  readonly papers?: PaperPlace;
}

/** `create` is `write` that makes a layout or an archive where none is. */
export type Access = "read" | "write" | "create";

/** Turns a reference into the repository that holds it. */
export interface Repositories {
  readonly open: (ctx: Ctx, reference: Reference, access: Access) => Promise<Repository>;
}
