import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import type { TagMerge } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import { digestAlgorithm } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { parseManifest } from "#core/manifest.ts";
import type { Manifest, RawManifest } from "#core/manifest.ts";
import { copyContent } from "#app/copyContent.ts";
import type { CopiedKind, CopiedPaper } from "#app/copiedPaper.ts";
import { copyLegacyTag } from "#app/copyLegacyTag.ts";
import type { CopyRoute } from "#app/copyRoute.ts";

export interface FailedCopy {
  readonly subject: Digest;
  /** A tag, a digest, or what was being looked for. */
  readonly paper: string;
  readonly error: WaybillError;
}

export interface CopiedPapers {
  readonly papers: readonly CopiedPaper[];
  readonly failed: readonly FailedCopy[];
  readonly settling: readonly TagMerge[];
}

export interface PaperChoice {
  /** Undefined: papers of every kind. */
  readonly kinds: ReadonlySet<CopiedKind> | undefined;
  readonly force: boolean;
}

const SUFFIXES = ["sig", "att", "sbom"] as const;
const PARALLEL_SUBJECTS = 4;
const PARALLEL_PAPERS = 6;
// After each batch the target lists what it has, so that an interrupted run begins where it was.
const BATCH = 100;
// Papers of papers of papers: a chain this long was made to keep us busy.
const MAX_DEPTH = 8;
const MAX_SUBJECTS = 100_000;

/**
 * Brings all papers of the subjects to the target: cosign's tags, referrers, and their own papers, at any depth. What the
 * target has is kept. One paper's trouble is told in the result and keeps back no other; a list of papers that cannot be
 * read is told the same way, since nobody knows what would be on it. Only an interruption is thrown.
 */
export const copyPapers = async (
  ctx: Ctx,
  route: CopyRoute,
  subjects: readonly Digest[],
  choice: PaperChoice,
): Promise<CopiedPapers> => {
  const seen = new Set<Digest>();
  const all: CopiedPapers[] = [];
  let level: readonly Subject[] = subjects.map((digest) => ({ digest, tags: true }));
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH || seen.size > MAX_SUBJECTS)
      throw new WaybillError("LIMIT_EXCEEDED", `${route.from.name}: papers of papers without an end`);
    const fresh = level.filter(({ digest }) => !seen.has(digest) && seen.add(digest));
    const done = await mapLimited(fresh, PARALLEL_SUBJECTS, (subject) => copySubject(ctx, route, subject, choice));
    all.push(...done.map(({ copied }) => copied));
    level = done.flatMap(({ next }) => next);
  }
  return join(all);
};

/** Something that papers may be about. `tags`: cosign's tags may be, too. */
interface Subject {
  readonly digest: Digest;
  readonly tags: boolean;
}

interface SubjectDone {
  readonly copied: CopiedPapers;
  readonly next: readonly Subject[];
}

const NOTHING: CopiedPapers = { papers: [], failed: [], settling: [] };

const join = (parts: readonly CopiedPapers[]): CopiedPapers => ({
  papers: parts.flatMap((part) => part.papers),
  failed: parts.flatMap((part) => part.failed),
  settling: parts.flatMap((part) => part.settling),
});

const copySubject = async (ctx: Ctx, route: CopyRoute, subject: Subject, choice: PaperChoice): Promise<SubjectDone> => {
  const tags = subject.tags ? await copyTags(ctx, route, subject.digest, choice) : [];
  const referrers = await copyReferrers(ctx, route, subject.digest, choice);
  // What is attached as an SBOM may be signed in its turn (cosign sign --attachment).
  const sboms = tags.flatMap(({ papers }) => papers.filter(({ kind }) => kind === "sbom"));
  return {
    copied: join([...tags, referrers.copied]),
    next: [...sboms.map(({ digest }) => ({ digest, tags: true })), ...referrers.next],
  };
};

const copyTags = (
  ctx: Ctx,
  route: CopyRoute,
  subject: Digest,
  { kinds, force }: PaperChoice,
): Promise<readonly CopiedPapers[]> => {
  // The name of a longer digest is too long for a tag: cosign knows sha256 alone (cosign.md 1.1).
  const wanted = digestAlgorithm(subject) === "sha256" ? SUFFIXES.filter((suffix) => kinds?.has(suffix) ?? true) : [];
  return mapLimited(wanted, wanted.length, async (suffix) => {
    try {
      const copied = await copyLegacyTag(ctx, route, subject, suffix, force);
      return copied === undefined ? NOTHING : { papers: [copied.paper], failed: [], settling: copied.settling };
    } catch (thrown) {
      return failure(subject, `.${suffix} tag`, thrown);
    }
  });
};

const copyReferrers = async (
  ctx: Ctx,
  route: CopyRoute,
  subject: Digest,
  choice: PaperChoice,
): Promise<SubjectDone> => {
  try {
    const listed = await route.from.listReferrers(ctx, subject);
    if (listed.length === 0) return { copied: NOTHING, next: [] };
    const there = new Set((await route.to.listReferrers(ctx, subject)).map(({ digest }) => digest));
    const batches: SubjectDone[] = [];
    for (let at = 0; at < listed.length; at += BATCH)
      batches.push(await copyBatch(ctx, route, { subject, there, choice }, listed.slice(at, at + BATCH)));
    return { copied: join(batches.map(({ copied }) => copied)), next: batches.flatMap(({ next }) => next) };
  } catch (thrown) {
    return { copied: failure(subject, "referrers", thrown), next: [] };
  }
};

interface Referred {
  readonly subject: Digest;
  /** What the target lists. */
  readonly there: ReadonlySet<Digest>;
  readonly choice: PaperChoice;
}

const copyBatch = async (
  ctx: Ctx,
  route: CopyRoute,
  referred: Referred,
  listed: readonly Descriptor[],
): Promise<SubjectDone> => {
  const { subject } = referred;
  const read = await mapLimited(listed, PARALLEL_PAPERS, (one) => copyReferrer(ctx, route, referred, one));
  const failed = read.flatMap((one) => (one.kind === "failed" ? [one.failure] : []));
  const papers = read.flatMap((one) => (one.kind === "paper" ? [one] : []));
  const next = papers.map(({ paper }) => ({ digest: paper.digest, tags: paper.kind === "other" }));
  const fresh = papers.filter(({ paper }) => paper.state === "copied");
  const there = papers.flatMap(({ paper }) => (paper.state === "present" ? [paper] : []));
  const written = await writeReferrers(ctx, route, subject, fresh);
  return { copied: join([{ papers: there, failed, settling: [] }, written]), next };
};

/** All together, or, where the target refuses that, one by one: it may mind a single one. */
const writeReferrers = async (
  ctx: Ctx,
  route: CopyRoute,
  subject: Digest,
  fresh: readonly ReferrerRead[],
): Promise<CopiedPapers> => {
  const papers = fresh.map(({ paper }) => paper);
  if (route.dryRun || fresh.length === 0) return { papers, failed: [], settling: [] };
  try {
    const manifests = fresh.map(({ raw }) => raw);
    return { papers, failed: [], settling: await route.to.writeReferrers(ctx, subject, manifests) };
  } catch (thrown) {
    const [only, ...others] = fresh;
    if (only !== undefined && others.length === 0) return failure(subject, only.paper.digest, thrown);
    const each = await mapLimited(fresh, 1, (one) => writeReferrers(ctx, route, subject, [one]));
    return join(each);
  }
};

interface ReferrerRead {
  readonly kind: "paper";
  readonly paper: CopiedPaper;
  readonly raw: RawManifest;
}

type ReadReferrer =
  | ReferrerRead
  | { readonly kind: "failed"; readonly failure: FailedCopy }
  | { readonly kind: "passed over" };

/** Reads a paper and brings its content over; its manifest is left for the batch. */
const copyReferrer = async (
  ctx: Ctx,
  route: CopyRoute,
  { subject, there, choice }: Referred,
  { digest }: Descriptor,
): Promise<ReadReferrer> => {
  try {
    const raw = await route.from.readManifest(ctx, digest);
    if (raw === undefined)
      throw new WaybillError("NOT_FOUND", `${route.from.name} lists the paper ${digest} and does not have it`);
    const manifest = parseManifest(raw);
    // A list is only a hint (attack 26): a paper about something else is not carried as one about this.
    if (manifest.subject?.digest !== subject) {
      ctx.emit({ kind: "warning", message: `${digest} is listed as a paper of ${subject} and is not one` });
      return { kind: "passed over" };
    }
    const kind = kindOf(manifest);
    if (choice.kinds?.has(kind) === false) return { kind: "passed over" };
    const state = there.has(digest) && !choice.force ? "present" : "copied";
    if (state === "copied") await copyContent(ctx, route, raw);
    const artifactType = artifactTypeOf(manifest);
    const type = artifactType === undefined ? {} : { artifactType };
    return { kind: "paper", paper: { subject, form: "referrer", kind, digest, ...type, state }, raw };
  } catch (thrown) {
    const [failed] = failure(subject, digest, thrown).failed;
    return failed === undefined ? { kind: "passed over" } : { kind: "failed", failure: failed };
  }
};

const artifactTypeOf = (manifest: Manifest): string | undefined =>
  manifest.artifactType ?? (manifest.kind === "image" ? manifest.config.mediaType : undefined);

/** Bundles say what they hold in an annotation (cosign.md 2.1); it is not signed, and only good for choosing. */
const kindOf = (manifest: Manifest): CopiedKind => {
  if (artifactTypeOf(manifest)?.startsWith("application/vnd.dev.sigstore.bundle") !== true) return "other";
  return manifest.annotations["dev.sigstore.bundle.predicateType"] === SIGNATURE_TYPE ? "sig" : "att";
};

/** Throws an interruption on. */
const failure = (subject: Digest, paper: string, thrown: unknown): CopiedPapers => {
  const error = asWaybillError(thrown);
  if (hasCode(error, "ABORTED", "INTERNAL")) throw error;
  return { ...NOTHING, failed: [{ subject, paper, error }] };
};
