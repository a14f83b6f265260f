import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import type { Unknown } from "#sbom/package.ts";
import type { CarriedAttestation } from "#sbom/sbomIndex.ts";
import type { IndexDescription } from "#app/describeIndex.ts";
import type { ContentList } from "#app/listContent.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import { withChildren } from "#app/signImages.ts";
import { withDigest, withDistinctNames } from "#app/withDistinctNames.ts";

export interface IndexListDeps {
  readonly list: (ctx: Ctx, image: ResolvedImage) => Promise<ContentList>;
  readonly describe: (
    ctx: Ctx,
    index: ResolvedImage,
    made: ReadonlyMap<Digest, Uint8Array>,
  ) => Promise<IndexDescription>;
}

/** A document of an image or an index, as a file. */
export interface IndexFile {
  /** `linux-arm64-v8.cdx.json`, `index.cdx.json`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly image: ResolvedImage;
  /** Count of packages; undefined for an index. */
  readonly packages: number | undefined;
  readonly unknowns: readonly Unknown[];
  /** What a builder put beside it in the index; a claim. */
  readonly attestations: readonly CarriedAttestation[];
}

/** Lists the content of every image of an index, and describes the index; of an image alone, its own. */
export const listIndex =
  (deps: IndexListDeps) =>
  async (ctx: Ctx, image: ResolvedImage): Promise<readonly IndexFile[]> => {
    const made = new Map<Digest, Uint8Array>();
    const carried = new Map<Digest, readonly CarriedAttestation[]>();
    const files: Omit<IndexFile, "attestations">[] = [];
    for (const one of await withChildren(ctx, image, 0)) {
      if (made.has(one.digest)) continue;
      if (one.manifest.kind === "image") {
        const { document, packages, platform, unknowns } = await deps.list(ctx, one);
        made.set(one.digest, document);
        const name = nameOf([platform.os, platform.architecture, platform.variant]);
        files.push({ name, bytes: document, image: one, packages: packages.length, unknowns });
        continue;
      }
      const { document, attestations, unknowns } = await deps.describe(ctx, one, made);
      made.set(one.digest, document);
      for (const [digest, found] of attestations) carried.set(digest, found);
      const gaps = unknowns.map((reason) => ({ path: "", layer: 0, reason }));
      const name = one.digest === image.digest ? "index" : withDigest("index", one);
      files.push({ name, bytes: document, image: one, packages: undefined, unknowns: gaps });
    }
    return withDistinctNames(files).map((file) => ({ ...file, attestations: carried.get(file.image.digest) ?? [] }));
  };

const nameOf = (parts: readonly (string | undefined)[]): string =>
  parts
    .filter((part) => part !== undefined && part !== "")
    .map((part) => part?.slice(0, 50).replace(/[^A-Za-z0-9_]/g, "_"))
    .join("-");
