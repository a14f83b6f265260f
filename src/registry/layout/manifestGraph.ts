import type { LayoutIndex } from "#archive/ociLayout.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import { isIndexType } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { readManifestLinks } from "#registry/layout/manifestLinks.ts";
import type { ManifestLinks } from "#registry/layout/manifestLinks.ts";

/** How the manifests of one layout hang together. */
export interface ManifestGraph {
  /** A manifest by digest: listed in index.json, or a child, at any depth, of an index that is. */
  readonly find: (index: LayoutIndex, digest: Digest) => Promise<Descriptor | undefined>;
  /** All manifests whose `subject` is this digest, in the order of their digests. */
  readonly referrers: (index: LayoutIndex, subject: Digest) => Promise<readonly Descriptor[]>;
  /** To be told of a manifest whose bytes were removed. */
  readonly forget: (digest: Digest) => void;
}

/** Something worked out from one value of the index. */
interface Derived<T> {
  readonly of: LayoutIndex;
  readonly value: Promise<T>;
}

type Known = ReadonlyMap<Digest, Descriptor>;
type BySubject = ReadonlyMap<Digest, readonly Descriptor[]>;

const READS = 16;
// An index of indexes of indexes: more manifests than this under one layout are made to exhaust us.
const MAX_MANIFESTS = 1_000_000;

/**
 * `read` gives a manifest's bytes, undefined when they are not there. What a digest links to never changes, so it is read
 * once; the rest is worked out again when index.json has changed. A manifest that cannot be read links to nothing: one
 * damaged paper must not hide the good ones.
 */
export const createManifestGraph = (
  read: (descriptor: Descriptor) => Promise<RawManifest | undefined>,
  report: (digest: Digest, reason: string) => void,
): ManifestGraph => {
  const links = new Map<Digest, ManifestLinks | undefined>();
  let known: Derived<Known> | undefined;
  let subjects: Derived<BySubject> | undefined;

  const linksOf = async (descriptor: Descriptor): Promise<ManifestLinks | undefined> => {
    const { digest } = descriptor;
    if (links.has(digest)) return links.get(digest);
    const found = await readLinks(descriptor);
    if (found === "absent") return undefined;
    // Most manifests link to nobody; of those only the digest is kept.
    links.set(digest, found?.subject === undefined && found?.children.length === 0 ? undefined : found);
    return found;
  };

  const readLinks = async (descriptor: Descriptor): Promise<ManifestLinks | undefined | "absent"> => {
    try {
      const raw = await read(descriptor);
      return raw === undefined ? "absent" : readManifestLinks(raw);
    } catch (error) {
      if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
      report(descriptor.digest, error.message);
      return undefined;
    }
  };

  const collect = async (index: LayoutIndex): Promise<Known> => {
    const all = new Map<Digest, Descriptor>();
    let level = index.entries.map((entry) => entry.descriptor);
    while (level.length > 0 && all.size < MAX_MANIFESTS) {
      const fresh = level.filter((one) => !all.has(one.digest) && all.set(one.digest, one));
      const found = await mapLimited(
        fresh.filter((one) => isIndexType(one.mediaType)),
        READS,
        linksOf,
      );
      level = found.flatMap((one) => one?.children ?? []);
    }
    return all;
  };

  const knownIn = (index: LayoutIndex): Promise<Known> => {
    if (known?.of !== index) known = { of: index, value: collect(index) };
    // What failed once (the disk) is tried again next time.
    known.value.catch(() => (known = undefined));
    return known.value;
  };

  const group = async (index: LayoutIndex): Promise<BySubject> => {
    const all = [...(await knownIn(index)).values()];
    const grouped = new Map<Digest, Descriptor[]>();
    for (const one of await mapLimited(all, READS, linksOf)) {
      if (one?.subject === undefined) continue;
      const others = grouped.get(one.subject);
      if (others === undefined) grouped.set(one.subject, [one.referrer]);
      else others.push(one.referrer);
    }
    for (const list of grouped.values()) list.sort((a, b) => (a.digest < b.digest ? -1 : 1));
    return grouped;
  };

  return {
    find: async (index, digest) => index.byDigest.get(digest)?.descriptor ?? (await knownIn(index)).get(digest),
    referrers: async (index, subject) => {
      if (subjects?.of !== index) subjects = { of: index, value: group(index) };
      subjects.value.catch(() => (subjects = undefined));
      return (await subjects.value).get(subject) ?? [];
    },
    forget: (digest) => {
      links.delete(digest);
      [known, subjects] = [undefined, undefined];
    },
  };
};
