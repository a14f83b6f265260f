import { legacyTag } from "#claims/legacyImage.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { digestAlgorithm } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { asWaybillError, hasCode } from "#core/errors.ts";
import type { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { parseManifest } from "#core/manifest.ts";
import type { Manifest } from "#core/manifest.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import { mergeCopies } from "#app/mergeCopies.ts";
import { paperRepository } from "#app/paperRepository.ts";
import type { TreePaper } from "#app/paperTree.ts";

/** A paper, and the manifests on which more may hang. */
export interface HangingPaper {
  readonly paper: Omit<TreePaper, "papers">;
  /** `tags`: cosign's tags may be there, too. */
  readonly carriers: readonly { readonly digest: Digest; readonly tags: boolean }[];
}

export interface Hanging {
  readonly papers: readonly HangingPaper[];
  readonly failures: readonly WaybillError[];
}

const PARALLEL_READS = 6;

/**
 * What hangs on one manifest: cosign's tags, bundles, and referrers of every other type. One that cannot be read is told
 * as such, and a list that cannot be read is a failure beside what was found otherwise. Only an interruption is thrown.
 */
export const readHanging = async (
  ctx: Ctx,
  repository: Repository,
  subject: Digest,
  tags: boolean,
): Promise<Hanging> => {
  // The name of a longer digest is too long for a tag: cosign knows sha256 alone (cosign.md 1.1).
  const withTags = tags && digestAlgorithm(subject) === "sha256";
  const claims = await readClaims(ctx, repository, subject, withTags);
  const bundles = new Set(claims.papers.flatMap(({ carriers }) => carriers.map(({ digest }) => digest)));
  const parts = [
    claims,
    ...(withTags ? [await guarded(() => readAttachment(ctx, paperRepository(repository), subject))] : []),
    await guarded(() => readOthers(ctx, paperRepository(repository), subject, bundles)),
  ];
  return { papers: parts.flatMap(({ papers }) => papers), failures: parts.flatMap(({ failures }) => failures) };
};

const NOTHING: Hanging = { papers: [], failures: [] };

const guarded = async (read: () => Promise<Hanging>): Promise<Hanging> => {
  try {
    return await read();
  } catch (thrown) {
    const error = asWaybillError(thrown);
    if (hasCode(error, "ABORTED", "INTERNAL")) throw error;
    return { papers: [], failures: [error] };
  }
};

const readClaims = async (ctx: Ctx, repository: Repository, subject: Digest, tags: boolean): Promise<Hanging> => {
  const merged = mergeCopies(subject);
  const failures: WaybillError[] = [];
  const search = { repository, subject, kinds: ["signature", "attestation"] as const };
  for await (const batch of gatherPapers(ctx, { ...search, storage: tags ? "both" : "bundle" })) {
    batch.papers.forEach(merged.add);
    failures.push(...batch.failures);
  }
  const papers = merged.list().map((paper): HangingPaper => {
    const bundles = paper.copies.filter(({ form }) => form === "bundle");
    return { paper, carriers: bundles.map(({ manifest }) => ({ digest: manifest, tags: false })) };
  });
  return { papers, failures };
};

/** What is attached as an SBOM; one that is no such thing is told as unreadable. */
const readAttachment = async (ctx: Ctx, repository: Repository, subject: Digest): Promise<Hanging> => {
  const tag = legacyTag(subject, "sbom");
  const raw = await repository.readManifest(ctx, tag);
  if (raw === undefined) return NOTHING;
  const copies = [{ form: "legacy", manifest: raw.digest, tag }] as const;
  const manifest = parseManifest(raw);
  const [layer] = manifest.kind === "image" ? manifest.layers : [];
  const paper =
    layer === undefined
      ? ({ kind: "unreadable", type: "", copies, trouble: "the tag holds no document" } as const)
      : ({ kind: "sbom", type: layer.mediaType, copies } as const);
  return { papers: [{ paper, carriers: [{ digest: raw.digest, tags: true }] }], failures: [] };
};

/** Referrers that are not among the `known` bundles. */
const readOthers = async (
  ctx: Ctx,
  repository: Repository,
  subject: Digest,
  known: ReadonlySet<Digest>,
): Promise<Hanging> => {
  const failures: WaybillError[] = [];
  const listed = await repository.listReferrers(ctx, subject, {
    wants: ({ digest }) => !known.has(digest),
    onLimit: (error) => void failures.push(error),
  });
  const others = await mapLimited(listed, PARALLEL_READS, (one) =>
    guarded(() => readReferrer(ctx, repository, subject, one)),
  );
  return {
    papers: others.flatMap(({ papers }) => papers),
    failures: [...failures, ...others.flatMap((one) => one.failures)],
  };
};

/** A list is only a hint (attack 26): what it calls a referrer is one if it says so itself. */
const readReferrer = async (
  ctx: Ctx,
  repository: Repository,
  subject: Digest,
  listed: Descriptor,
): Promise<Hanging> => {
  const copies = [{ form: "referrer", manifest: listed.digest }] as const;
  const type = listed.artifactType ?? "";
  const broken = (trouble: string): Hanging => ({
    papers: [{ paper: { kind: "unreadable", type, copies, trouble }, carriers: [] }],
    failures: [],
  });
  const raw = await repository.readManifest(ctx, listed.digest);
  if (raw === undefined) return broken("it is listed and is not there");
  try {
    const manifest = parseManifest(raw);
    if (manifest.subject?.digest !== subject) return broken("it is listed and refers to something else");
    const paper = { kind: "other", type: artifactTypeOf(manifest) ?? type, copies } as const;
    return { papers: [{ paper, carriers: [{ digest: raw.digest, tags: true }] }], failures: [] };
  } catch (error) {
    if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    return broken(error.message);
  }
};

const artifactTypeOf = (manifest: Manifest): string | undefined =>
  manifest.artifactType ?? (manifest.kind === "image" ? manifest.config.mediaType : undefined);
