import type { TarEntry } from "#archive/tarEntry.ts";
import type { Cataloger } from "#sbom/cataloger.ts";
import { captureBy } from "#sbom/capturedImage.ts";
import type { CapturedImage, Listing } from "#sbom/capturedImage.ts";
import { contentOf, isSymlink, visibleNames, walk } from "#sbom/fileTree.ts";
import type { VisibleName } from "#sbom/fileTree.ts";
import type { WantedName } from "#sbom/scanLayer.ts";

/** What links make evidence. */
export interface FoundLinks {
  /** Their names, by index of the cataloger. */
  readonly listings: readonly (readonly Listing[])[];
  /** Content that was not captured when it passed by, by layer. */
  readonly missing: ReadonlyMap<number, readonly WantedName[]>;
}

/**
 * Finds what only a link makes evidence: a package.json that is a hard link into a content store (pnpm, uv), a database
 * behind a symlink with another name. The content has passed by when the link is met, so the layers concerned have to be
 * read once more (sbom.md 5.4); images without such links cost nothing.
 */
export const findLinks = (captured: CapturedImage, catalogers: readonly Cataloger[]): FoundLinks => {
  const listings = catalogers.map((): Listing[] => []);
  const missing = new Map<string, MissingName>();
  const links = [...visibleNames(captured.image.root, (node) => typeof node !== "number")];
  for (const link of links.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const content = linkedContent(captured, link);
    if (content === undefined) continue;
    const entry = entryOf(captured, link.path, content);
    for (const [cataloger, { wants, byContent }] of catalogers.entries()) {
      const own = captureBy(captured, content, cataloger);
      // A symlink to evidence is the same evidence twice; a hard link is a file of its own.
      if (own !== undefined && isSymlink(link.node)) continue;
      // What its content did not make evidence, no name does.
      if (byContent === true ? own === undefined : wants(entry) === undefined) continue;
      const key = `${cataloger} ${content}`;
      if (own === undefined && !missing.has(key))
        missing.set(key, { ...captured.image.locate(content), path: link.path, cataloger });
      listings[cataloger]?.push({ path: link.path, layer: layerOf(link), content });
    }
  }
  return { listings, missing: Map.groupBy(missing.values(), ({ layer }) => layer) };
};

interface MissingName extends WantedName {
  readonly layer: number;
}

const linkedContent = ({ image }: CapturedImage, { path, node }: VisibleName): number | undefined =>
  isSymlink(node) ? contentOf(walk(image.root, path, { followLast: true })?.node) : contentOf(node);

const layerOf = ({ node }: VisibleName): number => (typeof node === "number" ? 0 : node.layer);

/** The header that the content would have had under the link's name. */
const entryOf = ({ image, captures }: CapturedImage, path: string, content: number): TarEntry => {
  const { size, mode } = captures.get(content) ?? image.facts.get(content) ?? { size: 0, mode: 0 };
  return { path, type: "file", size, mode, linkTarget: undefined, escaped: false };
};
