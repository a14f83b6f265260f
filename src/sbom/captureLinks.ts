import type { EntrySink, TarEntry } from "#archive/tarEntry.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Cataloger } from "#sbom/cataloger.ts";
import { captureBy } from "#sbom/capturedImage.ts";
import type { CapturedImage, Listing } from "#sbom/capturedImage.ts";
import { feedReducers } from "#sbom/captureEntry.ts";
import type { Capture, OwnedReducer } from "#sbom/captureEntry.ts";
import { contentOf, isSymlink, visibleNames, walk } from "#sbom/fileTree.ts";
import type { VisibleName } from "#sbom/fileTree.ts";
import { readLayer } from "#sbom/readLayer.ts";
import type { LayerReading, LayerContent } from "#sbom/readLayer.ts";

/**
 * Captures what only a link makes evidence: a package.json that is a hard link into a content store (pnpm, uv), a database
 * behind a symlink with another name. The content has passed by when the link is met, so the layers concerned are read
 * once more (sbom.md 5.4); images without such links cost nothing.
 */
export const captureLinks = async (
  ctx: Ctx,
  reading: LayerReading,
  catalogers: readonly Cataloger[],
  sources: readonly LayerContent[],
  captured: CapturedImage,
): Promise<CapturedImage> => {
  const links = findLinks(captured, catalogers);
  const captures = new Map(captured.captures);
  for (const [layer, wanted] of groupByLayer(captured, links.missing)) {
    const source = sources[layer];
    if (source === undefined) continue;
    // One after the other: such layers are rare, and their reducers hold whole files.
    // oxlint-disable-next-line no-await-in-loop
    await readAgain(ctx, reading, source, wanted, captures);
  }
  const listings = captured.listings.map((own, cataloger) => [...own, ...(links.listings[cataloger] ?? [])]);
  return { ...captured, captures, listings };
};

/** Content that has to be read for the sake of a link's name. */
interface Missing extends OwnedReducer {
  readonly content: number;
}

interface FoundLinks {
  readonly listings: readonly (readonly Listing[])[];
  readonly missing: readonly Missing[];
}

const findLinks = (captured: CapturedImage, catalogers: readonly Cataloger[]): FoundLinks => {
  const listings = catalogers.map((): Listing[] => []);
  const missing = new Map<string, Missing>();
  const links = [...visibleNames(captured.image.root, (node) => typeof node !== "number")];
  for (const link of links.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const content = linkedContent(captured, link);
    if (content === undefined) continue;
    const entry = entryOf(captured, link.path, content);
    for (const [cataloger, { wants }] of catalogers.entries()) {
      const own = captureBy(captured, content, cataloger);
      // A symlink to evidence is the same evidence twice; a hard link is a file of its own.
      if (own !== undefined && isSymlink(link.node)) continue;
      const reducer = wants(entry);
      if (reducer === undefined) continue;
      const key = `${cataloger} ${content}`;
      if (own === undefined && !missing.has(key)) missing.set(key, { cataloger, content, reducer });
      listings[cataloger]?.push({ path: link.path, layer: layerOf(link), content });
    }
  }
  return { listings, missing: [...missing.values()] };
};

const linkedContent = ({ image }: CapturedImage, { path, node }: VisibleName): number | undefined =>
  isSymlink(node) ? contentOf(walk(image.root, path, { followLast: true })?.node) : contentOf(node);

const layerOf = ({ node }: VisibleName): number => (typeof node === "number" ? 0 : node.layer);

/** The header that the content would have had under the link's name. */
const entryOf = ({ image, scans }: CapturedImage, path: string, content: number): TarEntry => {
  const { layer, ordinal } = image.locate(content);
  const record = scans[layer]?.record;
  return {
    path,
    type: "file",
    size: record?.sizes[ordinal] ?? 0,
    mode: record?.modes[ordinal] ?? 0,
    linkTarget: undefined,
    escaped: false,
  };
};

type WantedOrdinals = ReadonlyMap<number, { readonly content: number; readonly reducers: OwnedReducer[] }>;

const groupByLayer = ({ image }: CapturedImage, missing: readonly Missing[]): ReadonlyMap<number, WantedOrdinals> => {
  const layers = new Map<number, Map<number, { readonly content: number; readonly reducers: OwnedReducer[] }>>();
  for (const one of missing) {
    const { layer, ordinal } = image.locate(one.content);
    const wanted = layers.get(layer) ?? new Map<number, { content: number; reducers: OwnedReducer[] }>();
    layers.set(layer, wanted);
    const known = wanted.get(ordinal);
    if (known === undefined) wanted.set(ordinal, { content: one.content, reducers: [one] });
    else known.reducers.push(one);
  }
  return layers;
};

const readAgain = async (
  ctx: Ctx,
  reading: LayerReading,
  source: LayerContent,
  wanted: WantedOrdinals,
  captures: Map<number, readonly Capture[]>,
): Promise<void> => {
  // The archive has the same digest as before, hence the same ordinals.
  let ordinal = 0;
  const visit = (): EntrySink | undefined => {
    const found = wanted.get(ordinal++);
    if (found === undefined) return undefined;
    return feedReducers(found.reducers, (kept) => {
      for (const one of kept) if ("bytes" in one) reading.budget.spend("captured", one.bytes.byteLength);
      captures.set(found.content, [...(captures.get(found.content) ?? []), ...kept]);
    });
  };
  await readLayer(ctx, reading, source, { visit, notice: () => undefined });
};
