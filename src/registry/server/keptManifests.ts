import type { LayoutEntry } from "#archive/layoutEntry.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import { isDigest } from "#core/digest.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";

/** What the collector must know of one manifest. */
export interface ManifestUse {
  readonly subject: Digest | undefined;
  readonly children: readonly Descriptor[];
  /** Everything that its JSON calls by digest: config, layers wherever they may also lie, whatever else somebody wrote. */
  readonly mentions: readonly Digest[];
  /** Pushed so lately that what it belongs to may be on its way. */
  readonly recent: boolean;
}

/** The use of a manifest; undefined where its bytes are not there. Throws where they cannot be read. */
export type ReadUse = (descriptor: Descriptor) => Promise<ManifestUse | undefined>;

export interface Kept {
  readonly manifests: ReadonlySet<Digest>;
  /** Manifests, and all that they mention. */
  readonly digests: ReadonlySet<Digest>;
}

type Uses = ReadonlyMap<Digest, ManifestUse | undefined>;

/**
 * What of a repository must stay: with `untagged` every manifest that is listed, else those under a tag, those pushed
 * lately, papers whose subject is not here, and what these need, recursively: children, subjects, and all papers on them.
 * A paper under a tag of its own (`sha256-HEX.sig` and the like) is no reason to keep an image that nothing else names.
 */
export const findKept = async (index: LayoutIndex, readUse: ReadUse, untagged: boolean): Promise<Kept> => {
  const uses = await readAllUses(index, readUse);
  const roots = untagged ? [...uses.keys()] : findRoots(index, uses);
  const manifests = closeOver(roots, uses, papersBySubject(index, uses));
  const digests = new Set(manifests);
  for (const digest of manifests) for (const mentioned of uses.get(digest)?.mentions ?? []) digests.add(mentioned);
  return { manifests, digests };
};

const readAllUses = async (index: LayoutIndex, readUse: ReadUse): Promise<Uses> => {
  const uses = new Map<Digest, ManifestUse | undefined>();
  let level = index.entries.map((entry) => entry.descriptor);
  while (level.length > 0) {
    const next: Descriptor[] = [];
    for (const one of level) {
      if (uses.has(one.digest)) continue;
      const use = await readUse(one);
      uses.set(one.digest, use);
      next.push(...(use?.children ?? []));
    }
    level = next;
  }
  return uses;
};

const findRoots = (index: LayoutIndex, uses: Uses): readonly Digest[] => {
  const named = index.entries.filter((entry) => isRoot(entry, uses)).map((entry) => entry.descriptor.digest);
  const recent = [...uses].filter(([, use]) => use?.recent === true).map(([digest]) => digest);
  return [...named, ...recent];
};

const isRoot = ({ descriptor, tag }: LayoutEntry, uses: Uses): boolean => {
  // Some tools write a name that is no tag.
  const isNamed = tag !== undefined || descriptor.annotations?.["org.opencontainers.image.ref.name"] !== undefined;
  const use = uses.get(descriptor.digest);
  // Nobody knows what it was.
  if (use === undefined) return true;
  const subject = (tag === undefined ? undefined : subjectOfTag(tag)) ?? use.subject;
  // Papers may be kept in another repository than their image (COSIGN_REPOSITORY): nothing here says that they can go.
  if (subject !== undefined && !uses.has(subject)) return true;
  return isNamed && (tag === undefined || subjectOfTag(tag) === undefined);
};

/** The image that cosign's tags and the fallback tag of the referrers API are about (cosign.md 2.3). */
const subjectOfTag = (tag: string): Digest | undefined => {
  const [, algorithm, hex] = /^(sha256|sha512)-([0-9a-f]+)(?:\.(?:sig|att|sbom))?$/.exec(tag) ?? [];
  const digest = `${algorithm ?? ""}:${hex ?? ""}`;
  return isDigest(digest) ? digest : undefined;
};

const papersBySubject = (index: LayoutIndex, uses: Uses): ReadonlyMap<Digest, readonly Digest[]> => {
  const papers = new Map<Digest, Digest[]>();
  const add = (subject: Digest | undefined, paper: Digest): void => {
    if (subject === undefined) return;
    const others = papers.get(subject);
    if (others === undefined) papers.set(subject, [paper]);
    else others.push(paper);
  };
  for (const [digest, use] of uses) add(use?.subject, digest);
  for (const { tag, descriptor } of index.entries) if (tag !== undefined) add(subjectOfTag(tag), descriptor.digest);
  return papers;
};

const closeOver = (
  roots: readonly Digest[],
  uses: Uses,
  papers: ReadonlyMap<Digest, readonly Digest[]>,
): ReadonlySet<Digest> => {
  const kept = new Set<Digest>();
  const waiting = [...roots];
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    if (kept.has(digest) || !uses.has(digest)) continue;
    kept.add(digest);
    const use = uses.get(digest);
    waiting.push(...(use?.children ?? []).map((child) => child.digest), ...(papers.get(digest) ?? []));
    if (use?.subject !== undefined) waiting.push(use.subject);
  }
  return kept;
};
