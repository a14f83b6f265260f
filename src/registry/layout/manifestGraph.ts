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
  /** Manifests that are missing or cannot be read, as they are described where they are listed: anybody's referrers. */
  readonly unreadable: (index: LayoutIndex) => Promise<readonly Descriptor[]>;
  /** To be told of a manifest whose bytes were removed. */
  readonly forget: (digest: Digest) => void;
}

/** Something worked out from one value of the index. */
interface Derived<T> {
  readonly of: LayoutIndex;
  readonly value: Promise<T>;
}

type Known = ReadonlyMap<Digest, Descriptor>;

interface Referrers {
  readonly bySubject: ReadonlyMap<Digest, readonly Descriptor[]>;
  readonly unreadable: readonly Descriptor[];
}

/** What is known of a manifest: its links, or that it links to nobody, or why nobody knows. */
type Seen = ManifestLinks | "nobody" | "unreadable" | "absent";

const READS = 16;
// An index of indexes of indexes: more manifests than this under one layout are made to exhaust us.
const MAX_MANIFESTS = 1_000_000;

/**
 * `read` gives a manifest's bytes, undefined when they are not there; `findUnlisted` manifests that index.json does not list. What a digest links to never changes, so it is read
 * once; the rest is worked out again when index.json has changed. A manifest that cannot be read links to nothing: one
 * damaged paper must not hide the good ones.
 */
export const createManifestGraph = (
  read: (descriptor: Descriptor) => Promise<RawManifest | undefined>,
  report: (digest: Digest, reason: string) => void,
  findUnlisted: (index: LayoutIndex) => Promise<readonly Descriptor[]> = async () => [],
): ManifestGraph => {
  const links = new Map<Digest, Seen>();
  const missed = new Set<Digest>();
  let known: Derived<Known> | undefined;
  let subjects: Derived<Referrers> | undefined;

  const linksOf = async (descriptor: Descriptor): Promise<Seen> => {
    const { digest } = descriptor;
    const remembered = links.get(digest);
    if (remembered !== undefined) return remembered;
    const found = await readLinks(descriptor);
    // What is not there may come.
    if (found !== "absent") links.set(digest, found);
    return found;
  };

  const readLinks = async (descriptor: Descriptor): Promise<Seen> => {
    try {
      const raw = await read(descriptor);
      if (raw === undefined) return "absent";
      const found = readManifestLinks(raw);
      // Most manifests link to nobody; of those only the digest is kept.
      return found.subject === undefined && found.children.length === 0 ? "nobody" : found;
    } catch (error) {
      if (!hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
      report(descriptor.digest, error.message);
      return "unreadable";
    }
  };

  /**
   * Children that were never copied are no damage, and whoever asks for an image by its tag is told then. What index.json
   * lists without a tag is there for others to find, papers above all.
   */
  const reportMissing = (index: LayoutIndex, digest: Digest): void => {
    const entry = index.byDigest.get(digest);
    if (missed.has(digest) || entry === undefined || entry.tag !== undefined) return;
    missed.add(digest);
    report(digest, "index.json lists it and it is not there");
  };

  const collect = async (index: LayoutIndex): Promise<Known> => {
    const all = new Map<Digest, Descriptor>();
    let level = [...index.entries.map((entry) => entry.descriptor), ...(await findUnlisted(index))];
    while (level.length > 0 && all.size < MAX_MANIFESTS) {
      const fresh = level.filter((one) => !all.has(one.digest) && all.set(one.digest, one));
      const found = await mapLimited(
        fresh.filter((one) => isIndexType(one.mediaType)),
        READS,
        linksOf,
      );
      level = found.flatMap((one) => (typeof one === "string" ? [] : one.children));
    }
    return all;
  };

  const knownIn = (index: LayoutIndex): Promise<Known> => {
    if (known?.of !== index) known = { of: index, value: collect(index) };
    // What failed once (the disk) is tried again next time.
    known.value.catch(() => (known = undefined));
    return known.value;
  };

  const group = async (index: LayoutIndex): Promise<Referrers> => {
    const all = [...(await knownIn(index)).values()];
    const bySubject = new Map<Digest, Descriptor[]>();
    const unreadable: Descriptor[] = [];
    const seen = await mapLimited(all, READS, async (descriptor) => ({ descriptor, found: await linksOf(descriptor) }));
    for (const { descriptor, found } of seen) {
      if (found === "absent") reportMissing(index, descriptor.digest);
      if (found === "absent" || found === "unreadable") unreadable.push(descriptor);
      if (typeof found === "string" || found.subject === undefined) continue;
      const others = bySubject.get(found.subject);
      if (others === undefined) bySubject.set(found.subject, [found.referrer]);
      else others.push(found.referrer);
    }
    for (const list of bySubject.values()) list.sort((a, b) => (a.digest < b.digest ? -1 : 1));
    return { bySubject, unreadable };
  };

  const referrersIn = (index: LayoutIndex): Promise<Referrers> => {
    if (subjects?.of !== index) subjects = { of: index, value: group(index) };
    subjects.value.catch(() => (subjects = undefined));
    return subjects.value;
  };

  return {
    find: async (index, digest) => index.byDigest.get(digest)?.descriptor ?? (await knownIn(index)).get(digest),
    referrers: async (index, subject) => (await referrersIn(index)).bySubject.get(subject) ?? [],
    unreadable: async (index) => (await referrersIn(index)).unreadable,
    forget: (digest) => {
      links.delete(digest);
      [known, subjects] = [undefined, undefined];
    },
  };
};
