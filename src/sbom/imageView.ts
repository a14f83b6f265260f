import type { CapturedFile, ImageView } from "#sbom/cataloger.ts";
import { captureBy } from "#sbom/capturedImage.ts";
import type { CapturedImage, Listing } from "#sbom/capturedImage.ts";
import { compareText } from "#sbom/compareText.ts";
import { contentOf, walk } from "#sbom/fileTree.ts";
import type { Distro, LayerFacts } from "#sbom/package.ts";

/** What all views of one image share. */
export interface ViewedImage {
  readonly captured: CapturedImage;
  readonly layers: readonly LayerFacts[];
  readonly distro: Distro | undefined;
  readonly sbomLayer?: number | undefined;
  /** Names of the catalogers, in the order in which captures count them. */
  readonly catalogers: readonly string[];
}

/** The image as one cataloger sees it; where another captured the same file, its own version comes first. */
export const createImageView = (
  { captured, layers, distro, sbomLayer, catalogers }: ViewedImage,
  viewer: string | undefined,
): ImageView => {
  const { image } = captured;
  const own = viewer === undefined ? -1 : catalogers.indexOf(viewer);
  const toFile = ({ path, layer, content }: Listing, cataloger = own, orOther = true): CapturedFile | undefined => {
    const first = captureBy(captured, content, cataloger);
    const file = captured.captures.get(content);
    const others = orOther ? (file?.kept ?? []) : [];
    const found = [first, ...others].find((capture) => capture !== undefined && "bytes" in capture);
    if (file === undefined || found === undefined || !("bytes" in found)) return undefined;
    return { path, layer, bytes: found.bytes, mode: file.mode };
  };
  const find = (path: string): ReturnType<typeof walk> => walk(image.root, path, { followLast: true });
  return {
    layers,
    distro,
    sbomLayer,
    captured: (cataloger) => {
      const index = catalogers.indexOf(cataloger);
      const files = (captured.listings[index] ?? []).flatMap((listing) => toFile(listing, index, false) ?? []);
      return files.toSorted((a, b) => compareText(a.path, b.path));
    },
    file: (path) => {
      const place = find(path);
      const content = contentOf(place?.node);
      if (place === undefined || content === undefined) return undefined;
      const layer = typeof place.node === "object" && place.node.kind === "hardlink" ? place.node.layer : undefined;
      return toFile({ path: place.names.join("/"), content, layer: layer ?? image.locate(content).layer });
    },
    history: (path) => {
      const versions =
        image.history.get(path) ??
        captured.listings
          .flat()
          .filter((listing) => listing.path === path)
          .slice(0, 1);
      return versions.flatMap(({ content, layer }) => toFile({ path, content, layer }) ?? []);
    },
    realPath: (path) => {
      const place = find(path);
      return place?.node === undefined ? undefined : place.names.join("/");
    },
  };
};
