import { createHash } from "node:crypto";
import { mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { run, succeed, succeeded } from "../interop/run.ts";

/** A layout of about 500 MB (before compression) of this machine's own programs, in a few gzip layers. */
export interface BigLayout {
  readonly path: string;
  readonly layers: readonly string[];
  readonly compressedBytes: number;
  readonly plainBytes: number;
}

const LAYERS = 4;
const TARGET_BYTES = 500 * 1000 * 1000;

/** Packs /usr and dpkg's database with tar and gzip -6 into an OCI layout tagged 1.0. */
export const buildBigLayout = async (folder: string): Promise<BigLayout> => {
  const blobs = join(folder, "blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  const files = [...(await listFiles("/var/lib/dpkg")), sized("/usr/lib/os-release"), ...(await listFiles("/usr"))];
  const groups = divide(files);
  const layers = [];
  for (const [index, group] of groups.entries()) layers.push(await packLayer(folder, blobs, index, group));
  const config = writeJson(blobs, {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
  });
  const manifest = writeJson(blobs, {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: layers.map(({ digest, size }) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest,
      size,
    })),
  });
  const entry = {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    ...manifest,
    annotations: { "org.opencontainers.image.ref.name": "1.0" },
  };
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  return {
    path: folder,
    layers: layers.map((layer) => join(blobs, layer.digest.slice("sha256:".length))),
    compressedBytes: layers.reduce((sum, layer) => sum + layer.size, 0),
    plainBytes: layers.reduce((sum, layer) => sum + layer.plainSize, 0),
  };
};

interface File {
  readonly path: string;
  readonly size: number;
}

// Not the synchronous readdir, which follows links to folders and walks in circles.
const listFiles = async (folder: string): Promise<readonly File[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.toSorted().map(sized);
};

const sized = (path: string): File => ({ path, size: statSync(path).size });

/** Files up to the target, once each, in layers of about the same size. */
const divide = (files: readonly File[]): readonly (readonly string[])[] => {
  const groups: string[][] = Array.from({ length: LAYERS }, () => []);
  const seen = new Set<string>();
  let total = 0;
  for (const { path, size } of files) {
    if (seen.has(path) || total + size > TARGET_BYTES) continue;
    seen.add(path);
    groups[Math.min(LAYERS - 1, Math.floor((total / TARGET_BYTES) * LAYERS))]?.push(path.slice(1));
    total += size;
  }
  return groups;
};

const packLayer = async (folder: string, blobs: string, index: number, files: readonly string[]) => {
  const plain = join(folder, `layer-${index}.tar`);
  const list = files.map((file) => `${file}\0`).join("");
  const options = { input: list, timeoutMs: 300_000 };
  succeeded(await run("tar", ["-C", "/", "--null", "--no-recursion", "-T", "-", "-cf", plain], options));
  const diffId = `sha256:${(await succeed("sha256sum", [plain], options)).slice(0, 64)}`;
  const plainSize = statSync(plain).size;
  await succeed("gzip", ["-6", "-n", plain], options);
  const hex = (await succeed("sha256sum", [`${plain}.gz`], options)).slice(0, 64);
  renameSync(`${plain}.gz`, join(blobs, hex));
  return { digest: `sha256:${hex}`, size: statSync(join(blobs, hex)).size, diffId, plainSize };
};

const writeJson = (blobs: string, value: object): { readonly digest: string; readonly size: number } => {
  const bytes = Buffer.from(JSON.stringify(value));
  const hex = createHash("sha256").update(bytes).digest("hex");
  writeFileSync(join(blobs, hex), bytes);
  return { digest: `sha256:${hex}`, size: bytes.length };
};
