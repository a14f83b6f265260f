import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { digestAlgorithm, isDigest, sha256Digest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { parseManifest } from "#core/manifest.ts";
import { isAttestationChild } from "#app/resolveImage.ts";

/** What of a repository papers may be about. */
export interface SubjectList {
  /** Each digest once, with what is in it where it is an index. */
  readonly subjects: ReadonlyMap<Digest, readonly Digest[]>;
  /** Tags and digests that name nothing that could be read, each with the reason. */
  readonly unreadable: readonly string[];
}

/** Tags of papers (cosign.md 1.1) and of fallback lists of referrers (distribution-spec 1.1) name the digest they are about. */
const PAPER_TAG = /^sha256-([0-9a-f]{64})(?:\.[a-z]+)?$/;

const WIDTH = 8;
// As many as a client lists tags; an index may hold as many images again.
const MAX_SUBJECTS = 500_000;

/**
 * Every digest of a repository that a tag names, that the tag of a paper names, or that is in an index of these. An image
 * without a tag whose only papers are referrers, in a registry that lists these through its API, is named by nothing. NOT_FOUND
 * for a repository without tags, LIMIT_EXCEEDED for too much in it; whatever the registry fails with is thrown.
 */
export const listSubjects = async (ctx: Ctx, repository: Repository): Promise<SubjectList> => {
  const tags = await repository.listTags(ctx);
  if (tags.length === 0) {
    throw new WaybillError("NOT_FOUND", `${repository.name} has no tags`, {
      hint: "Check the repository's name; the registry lists nothing in it.",
    });
  }
  const subjects = new Map<Digest, readonly Digest[]>();
  const unreadable: string[] = [];
  let names: readonly string[] = [...new Set(tags.map(nameOf))];
  while (names.length > 0) {
    const read = await mapLimited(names, WIDTH, (name) => readSubject(ctx, repository, name));
    for (const one of read) {
      if (one.reason !== undefined) unreadable.push(one.reason);
      if (one.digest !== undefined) subjects.set(one.digest, one.inner);
    }
    // Ends with any content: a digest is looked at once.
    names = [...new Set(read.flatMap(({ inner }) => inner))].filter((digest) => !subjects.has(digest));
    if (subjects.size + names.length > MAX_SUBJECTS)
      throw new WaybillError("LIMIT_EXCEEDED", `${repository.name} has more than ${MAX_SUBJECTS} images`);
  }
  return { subjects, unreadable };
};

const nameOf = (tag: string): string => {
  const hex = PAPER_TAG.exec(tag)?.[1];
  return hex === undefined ? tag : sha256Digest(hex);
};

interface ReadSubject {
  /** Undefined: there is nothing of that name. */
  readonly digest: Digest | undefined;
  readonly inner: readonly Digest[];
  readonly reason: string | undefined;
}

/** Papers outlive their image, so a digest stays a subject where nothing of that name can be read. */
const readSubject = async (ctx: Ctx, repository: Repository, name: string): Promise<ReadSubject> => {
  let digest = isDigest(name) ? name : undefined;
  try {
    const raw = await repository.readManifest(ctx, name);
    if (raw === undefined) return { digest, inner: [], reason: undefined };
    digest ??= raw.digest;
    const manifest = parseManifest(raw);
    if (manifest.kind === "image") return { digest, inner: [], reason: undefined };
    const images = manifest.manifests.filter((child) => !isAttestationChild(child)).map((child) => child.digest);
    return { digest, inner: images.filter((one) => digestAlgorithm(one) === "sha256"), reason: undefined };
  } catch (error) {
    const { exitCode, message } = asWaybillError(error);
    // Content at fault: whoever may push one bad manifest must not hide the others.
    if (exitCode !== 3 && exitCode !== 7) throw error;
    return { digest, inner: [], reason: `${repository.name}: ${message}` };
  }
};
