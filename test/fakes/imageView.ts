import type { TarEntry } from "#archive/tarEntry.ts";
import { parseDigest } from "#core/digest.ts";
import type { CapturedFile, Cataloger, ImageView } from "#sbom/cataloger.ts";
import type { Unknown } from "#sbom/package.ts";
import { readDistro } from "#sbom/readDistro.ts";

/** A layer as path -> content; `{ link }` is a symlink, null removes what lower layers have there. */
export type FakeLayer = Readonly<Record<string, string | Uint8Array | { readonly link: string } | null>>;

export interface FakeImage {
  readonly view: ImageView;
  /** What reducers refused. */
  readonly unknowns: readonly Unknown[];
}

type Seen = CapturedFile & { readonly cataloger: string };

/** Squashes small layers in memory and shows them as the engine does; content arrives in chunks of `chunkSize` bytes. */
export const fakeImage = (
  layers: readonly FakeLayer[],
  catalogers: readonly Cataloger[],
  chunkSize = 1000,
): FakeImage => {
  const visible = new Map<string, { readonly link?: string; readonly layer: number }>();
  const seen: Seen[] = [];
  const unknowns: Unknown[] = [];
  layers.forEach((files, layer) => {
    for (const [path, content] of Object.entries(files)) {
      if (content === null) visible.delete(path);
      else if (typeof content === "object" && "link" in content) visible.set(path, { link: content.link, layer });
      else {
        visible.set(path, { layer });
        capture(path, Buffer.from(content), layer, catalogers, chunkSize, seen, unknowns);
      }
    }
  });
  const isVisible = (file: Seen): boolean => {
    const now = visible.get(file.path);
    return now !== undefined && now.link === undefined && now.layer === file.layer;
  };
  const realPath = (path: string): string | undefined => resolve(visible, path, 0);
  const view = {
    layers: layers.map((_, index) => ({
      index,
      digest: parseDigest(`sha256:${String(index).repeat(64).slice(0, 64)}`),
      diffId: parseDigest(`sha256:${String(index).repeat(64).slice(0, 64)}`),
      createdBy: undefined,
    })),
    captured: (name: string) =>
      seen.filter((file) => file.cataloger === name && isVisible(file)).sort((a, b) => (a.path < b.path ? -1 : 1)),
    file: (path: string) => seen.find((file) => file.path === realPath(path) && isVisible(file)),
    history: (path: string) => seen.filter((file) => file.path === path),
    realPath,
  };
  return { view: { ...view, distro: readDistro(view) }, unknowns };
};

const capture = (
  path: string,
  bytes: Buffer,
  layer: number,
  catalogers: readonly Cataloger[],
  chunkSize: number,
  seen: Seen[],
  unknowns: Unknown[],
): void => {
  const size = bytes.byteLength;
  const entry: TarEntry = { path, type: "file", size, mode: 0o755, linkTarget: undefined, escaped: false };
  for (const cataloger of catalogers) {
    const reducer = cataloger.wants(entry);
    if (reducer === undefined) continue;
    for (let at = 0; at < size; at += chunkSize) if (!reducer.write(bytes.subarray(at, at + chunkSize))) break;
    try {
      const kept = reducer.end();
      if (kept !== undefined) seen.push({ path, layer, bytes: kept, mode: 0o755, cataloger: cataloger.name });
    } catch (thrown) {
      unknowns.push({ path, layer, reason: String(thrown) });
    }
  }
};

const resolve = (
  visible: ReadonlyMap<string, { readonly link?: string }>,
  path: string,
  hops: number,
): string | undefined => {
  const parts = path.split("/");
  let real = "";
  for (const [index, part] of parts.entries()) {
    const next =
      part === ".." ? real.split("/").slice(0, -1).join("/") : [real, part].filter((p) => p !== "").join("/");
    const link = visible.get(next)?.link;
    if (link !== undefined) {
      if (hops > 40) return undefined;
      const base = link.startsWith("/") ? [] : [real];
      const target = [...base, link.replace(/^\/+/, ""), ...parts.slice(index + 1)].filter((p) => p !== "").join("/");
      return resolve(visible, target, hops + 1);
    }
    real = next;
  }
  const exists = visible.has(real) || [...visible.keys()].some((known) => known.startsWith(`${real}/`));
  return exists ? real : undefined;
};
