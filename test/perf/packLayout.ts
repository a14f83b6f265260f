import { createHash } from "node:crypto";
import { mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, succeed, succeeded } from "../interop/run.ts";

/** Files of one layer: absolute paths without their first slash, and a folder below which they are put. */
export interface LayerFiles {
  readonly files: readonly string[];
  readonly below?: string;
}

/** A gzip layer of a layout. */
export interface PackedLayer {
  readonly path: string;
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
  readonly plainSize: number;
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** Packs layers of this machine's own files with tar and gzip -6 into an OCI layout; nothing is tagged yet. */
export const packLayers = async (folder: string, layers: readonly LayerFiles[]): Promise<readonly PackedLayer[]> => {
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  const packed: PackedLayer[] = [];
  // One after the other: gzip takes a core, and nobody waits for more.
  // oxlint-disable-next-line no-await-in-loop
  for (const layer of layers) packed.push(await packLayer(folder, layer));
  return packed;
};

const packLayer = async (folder: string, { files, below }: LayerFiles): Promise<PackedLayer> => {
  const plain = join(folder, "layer.tar");
  const moved = below === undefined ? [] : [`--transform=s,^,${below}/,rS`];
  const options = { input: files.map((file) => `${file}\0`).join(""), timeoutMs: 600_000 };
  const tar = ["-C", "/", "--null", "--no-recursion", ...moved, "-T", "-", "-cf", plain];
  succeeded(await run("tar", tar, options));
  return compressLayer(folder, plain);
};

/** Takes an archive into a layout as a layer of `gzip -6`. */
export const compressLayer = async (folder: string, plain: string): Promise<PackedLayer> => {
  const options = { timeoutMs: 600_000 };
  const diffId = `sha256:${(await succeed("sha256sum", [plain], options)).slice(0, 64)}`;
  const plainSize = statSync(plain).size;
  await succeed("gzip", ["-6", "-n", plain], options);
  const hex = (await succeed("sha256sum", [`${plain}.gz`], options)).slice(0, 64);
  const path = join(folder, "blobs/sha256", hex);
  renameSync(`${plain}.gz`, path);
  return { path, digest: `sha256:${hex}`, size: statSync(path).size, diffId, plainSize };
};

/** Writes images of packed layers, by tag, and the layout's index. */
export const tagImages = (folder: string, images: Readonly<Record<string, readonly PackedLayer[]>>): void => {
  const manifests = Object.entries(images).map(([tag, layers]) => ({
    mediaType: MANIFEST,
    ...writeManifest(folder, layers),
    annotations: { "org.opencontainers.image.ref.name": tag },
  }));
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
};

const writeManifest = (folder: string, layers: readonly PackedLayer[]) => {
  const config = writeJson(folder, {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
  });
  return writeJson(folder, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: layers.map(({ digest, size }) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest,
      size,
    })),
  });
};

const writeJson = (folder: string, value: object): { readonly digest: string; readonly size: number } => {
  const bytes = Buffer.from(JSON.stringify(value));
  const hex = createHash("sha256").update(bytes).digest("hex");
  writeFileSync(join(folder, "blobs/sha256", hex), bytes);
  return { digest: `sha256:${hex}`, size: bytes.length };
};
