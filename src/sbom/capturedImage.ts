import type { Capture } from "#sbom/captureEntry.ts";
import { contentOf, visibleNames } from "#sbom/fileTree.ts";
import type { FileCapture } from "#sbom/layerScan.ts";
import type { Unknown } from "#sbom/package.ts";
import type { SquashedImage } from "#sbom/squash.ts";

/** A visible name under which a cataloger captured a file. */
export interface Listing {
  readonly path: string;
  readonly layer: number;
  readonly content: number;
}

/** What was captured, by number of the content. */
export type Captures = ReadonlyMap<number, Omit<FileCapture, "ordinal">>;

/** The squashed image together with what was captured of it. */
export interface CapturedImage {
  readonly image: SquashedImage;
  readonly captures: Captures;
  /** By index of the cataloger. */
  readonly listings: readonly (readonly Listing[])[];
  /** What its layers hold and was left out. */
  readonly unknowns: readonly Unknown[];
}

/** Finds what is visible of the files that catalogers captured while the layers were read; `catalogers` is their number. */
export const listCaptures = (
  image: SquashedImage,
  captures: Captures,
  catalogers: number,
): readonly (readonly Listing[])[] => {
  const listings = Array.from({ length: catalogers }, (): Listing[] => []);
  const captured = (node: unknown): boolean => typeof node === "number" && captures.has(node);
  for (const { path, node } of visibleNames(image.root, captured)) {
    const content = contentOf(node) ?? -1;
    const { layer } = image.locate(content);
    for (const { cataloger } of captures.get(content)?.kept ?? []) listings[cataloger]?.push({ path, layer, content });
  }
  return listings;
};

/** What a cataloger captured of a content. */
export const captureBy = (
  { captures }: Pick<CapturedImage, "captures">,
  content: number,
  cataloger: number,
): Capture | undefined => captures.get(content)?.kept.find((capture) => capture.cataloger === cataloger);
