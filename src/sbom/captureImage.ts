import type { Ctx } from "#core/ctx.ts";
import type { Cataloger } from "#sbom/cataloger.ts";
import { listCaptures } from "#sbom/capturedImage.ts";
import type { CapturedImage, Captures } from "#sbom/capturedImage.ts";
import { findLinks } from "#sbom/findLinks.ts";
import type { FileCapture, LayerScan } from "#sbom/layerScan.ts";
import type { Unknown } from "#sbom/package.ts";
import { readFacts } from "#sbom/readFacts.ts";
import type { LayerReading } from "#sbom/readFacts.ts";
import type { LayerContent } from "#sbom/readLayer.ts";
import type { ScanScope } from "#sbom/scanScope.ts";
import { createSquash } from "#sbom/squash.ts";
import type { ContentPlace, SquashedImage } from "#sbom/squash.ts";

/** An image whose layers were read once. */
export interface ReadImage {
  readonly catalogers: readonly Cataloger[];
  /** As many as there are scans. */
  readonly sources: readonly LayerContent[];
  readonly scans: readonly LayerScan[];
  readonly scope: ScanScope;
}

/**
 * Squashes the layers and gives the image with what was captured of it; of all layers, the image as each layer left it, base
 * first. An image that is given is good until the next one is asked for. Layers with content that only a link makes evidence
 * are read once more. Errors: those of `readFacts`, LIMIT_EXCEEDED.
 */
export async function* captureImage(
  ctx: Ctx,
  reading: LayerReading,
  { catalogers, sources, scans, scope }: ReadImage,
): AsyncGenerator<CapturedImage> {
  const squash = createSquash(reading.budget, new Set(scans.flatMap(({ entries }) => entries.linkedNames)));
  const captures = new Map<number, Omit<FileCapture, "ordinal">>();
  const gaps: Unknown[] = [];
  for (const [layer, scan] of scans.entries()) {
    const captured = new Set(scan.captures.map(({ ordinal }) => ordinal));
    squash.apply({ entries: scan.entries, isCaptured: (ordinal) => captured.has(ordinal) });
    addCaptures(captures, squash.image, layer, scan.captures);
    gaps.push(...scan.gaps.map((gap) => ({ ...gap, layer })));
    if (scope === "squashed" && layer < scans.length - 1) continue;
    yield await withLinks(ctx, reading, { image: squash.image, catalogers, sources, captures, gaps });
  }
  if (scans.length === 0)
    yield await withLinks(ctx, reading, { image: squash.image, catalogers, sources, captures, gaps });
}

type GrowingCaptures = Map<number, Omit<FileCapture, "ordinal">>;

const addCaptures = (
  captures: GrowingCaptures,
  image: SquashedImage,
  layer: ContentPlace["layer"],
  files: readonly FileCapture[],
): void => {
  for (const { ordinal, ...file } of files) {
    const content = image.contentAt({ layer, ordinal });
    captures.set(content, { ...file, kept: [...(captures.get(content)?.kept ?? []), ...file.kept] });
  }
};

interface Step extends Omit<ReadImage, "scans" | "scope"> {
  readonly image: SquashedImage;
  readonly captures: GrowingCaptures;
  readonly gaps: readonly Unknown[];
}

const withLinks = async (ctx: Ctx, reading: LayerReading, step: Step): Promise<CapturedImage> => {
  const { image, catalogers, sources, captures } = step;
  const list = (known: Captures): CapturedImage["listings"] => listCaptures(image, known, catalogers.length);
  const captured = { image, captures, listings: list(captures), unknowns: [...image.unknowns, ...step.gaps] };
  const links = findLinks(captured, catalogers);
  for (const [layer, wanted] of links.missing) {
    const source = sources[layer];
    if (source === undefined) continue;
    // One after the other: such layers are rare, and their reducers hold whole files.
    // oxlint-disable-next-line no-await-in-loop
    const { captures: found } = await readFacts(ctx, reading, source, wanted.map(toWanted));
    addCaptures(captures, image, layer, found);
  }
  const listings = captured.listings.map((own, cataloger) => [...own, ...(links.listings[cataloger] ?? [])]);
  return { ...captured, listings };
};

const toWanted = ({ ordinal, path, cataloger }: { ordinal: number; path: string; cataloger: number }) => ({
  ordinal,
  path,
  cataloger,
});
