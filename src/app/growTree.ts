import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor } from "#core/descriptor.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { limit, mapLimited } from "#core/limit.ts";
import { parseReference } from "#core/reference.ts";
import type { PaperTree, TreeImage, TreePaper } from "#app/paperTree.ts";
import { readHanging } from "#app/readHanging.ts";
import type { HangingPaper } from "#app/readHanging.ts";
import { formatPlatform, isAttestationChild, readChild, resolveImage } from "#app/resolveImage.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";

export interface TreeInput {
  readonly reference: string;
  readonly platform?: string | undefined;
  /** Papers and images shown at most; undefined: 5000. */
  readonly maxNodes?: number | undefined;
}

const MAX_NODES = 5000;
// Papers of papers of papers: a chain this long was made to keep us busy.
const MAX_DEPTH = 8;
const MAX_NESTING = 4;
const PARALLEL_SUBJECTS = 4;

/**
 * Everything that hangs on an image and, of an index, on the images in it, at any depth. Nothing is verified. What cannot
 * be read is told beside what can; NOT_FOUND and the like are thrown only for the image itself.
 */
export const growTree =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, input: TreeInput): Promise<PaperTree> => {
    const reference = parseReference(input.reference);
    const image = await resolveImage(deps)(ctx, { reference, access: "read", platform: input.platform });
    const growth: Growth = {
      ctx,
      seen: new Set(),
      left: input.maxNodes ?? MAX_NODES,
      failures: [],
      inTurn: limit(PARALLEL_SUBJECTS),
    };
    const tree = await growImage(growth, image, 0);
    return { reference: input.reference, name: image.repository.name, tree, failures: growth.failures };
  };

interface Growth {
  readonly ctx: Ctx;
  /** Manifests whose papers are shown already: a tag may name the very thing that it hangs on. */
  readonly seen: Set<Digest>;
  left: number;
  readonly failures: WaybillError[];
  readonly inTurn: ReturnType<typeof limit>;
}

const growImage = async (growth: Growth, image: ResolvedImage, nesting: number): Promise<TreeImage> => {
  const { digest, manifest } = image;
  const base = { digest, mediaType: manifest.mediaType, kind: manifest.kind };
  if (growth.seen.has(digest)) return { ...base, repeated: true, papers: [], images: [] };
  const papers = await growPapers(growth, image, { digest, tags: true }, 0);
  if (manifest.kind === "image") return { ...base, papers, images: [] };
  const members = manifest.manifests.filter((child) => !isAttestationChild(child));
  const statements = await readBuilds(growth, image);
  const images = await growMembers(growth, image, members, nesting);
  const about = Map.groupBy(statements, (one) => one.about);
  const placed = images.map((one) => {
    const own = about.get(one.digest) ?? [];
    about.delete(one.digest);
    return { ...one, papers: [...one.papers, ...own.map(({ paper }) => paper)] };
  });
  const homeless = [...about.values()].flat().map(({ paper }) => paper);
  return { ...base, papers: [...papers, ...homeless], images: placed };
};

const growMembers = async (
  growth: Growth,
  image: ResolvedImage,
  members: readonly Descriptor[],
  nesting: number,
): Promise<readonly TreeImage[]> => {
  if (nesting === MAX_NESTING) {
    if (members.length > 0) growth.failures.push(tooMuch(`indexes are nested more than ${MAX_NESTING} deep`));
    return [];
  }
  const grown = await mapLimited(members, PARALLEL_SUBJECTS, async (child) => {
    if (!take(growth)) return [];
    const read = await guarded(growth, () => readChild(growth.ctx, image, child));
    if (read === undefined) return [];
    return [{ platform: formatPlatform(child.platform), ...(await growImage(growth, read, nesting + 1)) }];
  });
  return grown.flat();
};

interface Build {
  /** The image that BuildKit says it is about. */
  readonly about: string | undefined;
  readonly paper: TreePaper;
}

/** BuildKit's statements: layers of members that are no images (see `isAttestationChild`). */
const readBuilds = async (growth: Growth, image: ResolvedImage): Promise<readonly Build[]> => {
  const members = image.manifest.kind === "index" ? image.manifest.manifests.filter(isAttestationChild) : [];
  const read = await mapLimited(members, PARALLEL_SUBJECTS, async (child) => {
    const found = await guarded(growth, () => readChild(growth.ctx, image, child));
    if (found?.manifest.kind !== "image") return [];
    const about = child.annotations?.["vnd.docker.reference.digest"];
    return found.manifest.layers.flatMap(({ annotations, mediaType }, layer): readonly Build[] => {
      if (!take(growth)) return [];
      const type = annotations?.["in-toto.io/predicate-type"] ?? mediaType;
      const copies = [{ form: "index", manifest: found.digest, layer }] as const;
      return [{ about, paper: { kind: "build", type, copies, papers: [] } }];
    });
  });
  return read.flat();
};

const growPapers = async (
  growth: Growth,
  image: ResolvedImage,
  subject: HangingPaper["carriers"][number],
  depth: number,
): Promise<readonly TreePaper[]> => {
  if (growth.seen.has(subject.digest) || growth.left <= 0) return [];
  growth.seen.add(subject.digest);
  const { papers, failures } = await growth.inTurn(() =>
    readHanging(growth.ctx, image.repository, subject.digest, subject.tags),
  );
  growth.failures.push(...failures);
  if (papers.length > 0 && depth === MAX_DEPTH) {
    growth.failures.push(tooMuch(`papers hang on papers more than ${MAX_DEPTH} deep`));
    return [];
  }
  const shown = papers.filter(() => take(growth));
  const grown = await mapLimited(shown, PARALLEL_SUBJECTS, async ({ paper, carriers }): Promise<TreePaper> => {
    const nested = await mapLimited(carriers, 1, (carrier) => growPapers(growth, image, carrier, depth + 1));
    return { ...paper, papers: nested.flat() };
  });
  return grown.toSorted(byKind);
};

const KINDS: readonly TreePaper["kind"][] = ["signature", "attestation", "sbom", "build", "other", "unreadable"];

const byKind = (a: TreePaper, b: TreePaper): number =>
  KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || compare(a.type, b.type) || compare(placeOf(a), placeOf(b));

const placeOf = ({ copies: [first] }: TreePaper): string =>
  `${first?.manifest ?? ""} ${String(first?.layer ?? 0).padStart(5, "0")}`;

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** One more node, or word that there are too many. */
const take = (growth: Growth): boolean => {
  if (growth.left === 0) growth.failures.push(tooMuch("more hangs on the image than is shown"));
  return growth.left-- > 0;
};

const guarded = async <T>(growth: Growth, read: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await read();
  } catch (thrown) {
    const error = asWaybillError(thrown);
    if (hasCode(error, "ABORTED", "INTERNAL")) throw error;
    growth.failures.push(error);
    return undefined;
  }
};

const tooMuch = (what: string): WaybillError => new WaybillError("LIMIT_EXCEEDED", what);
