import type { Capture } from "#sbom/captureEntry.ts";
import { contentOf, visibleNames } from "#sbom/fileTree.ts";
import type { LayerScan } from "#sbom/scanLayer.ts";
import type { SquashedImage } from "#sbom/squash.ts";

/** A visible name under which a cataloger captured a file. */
export interface Listing {
  readonly path: string;
  readonly layer: number;
  readonly content: number;
}

/** The squashed image together with what was captured of it. */
export interface CapturedImage {
  readonly image: SquashedImage;
  readonly scans: readonly LayerScan[];
  /** By content; at most one of each cataloger. */
  readonly captures: ReadonlyMap<number, readonly Capture[]>;
  /** By index of the cataloger. */
  readonly listings: readonly (readonly Listing[])[];
}

/** Finds what is visible of the files that catalogers captured while the layers were read. */
export const joinCaptures = (image: SquashedImage, scans: readonly LayerScan[], catalogers: number): CapturedImage => {
  const captures = new Map<number, readonly Capture[]>();
  for (const [layer, scan] of scans.entries())
    for (const [ordinal, kept] of scan.captures) captures.set(image.contentAt({ layer, ordinal }), kept);
  const listings = Array.from({ length: catalogers }, (): Listing[] => []);
  const captured = (node: unknown): boolean => typeof node === "number" && captures.has(node);
  for (const { path, node } of visibleNames(image.root, captured)) {
    const content = contentOf(node) ?? -1;
    const { layer } = image.locate(content);
    for (const { cataloger } of captures.get(content) ?? []) listings[cataloger]?.push({ path, layer, content });
  }
  return { image, scans, captures, listings };
};

/** What a cataloger captured of a content. */
export const captureBy = (
  captured: Pick<CapturedImage, "captures">,
  content: number,
  cataloger: number,
): Capture | undefined => captured.captures.get(content)?.find((capture) => capture.cataloger === cataloger);
