import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { digestOf } from "#core/digest.ts";
import { verifiedBytes } from "#core/verifiedBytes.ts";
import { CATALOGERS } from "#sbom/catalogers.ts";
import { readDistro } from "#sbom/readDistro.ts";
import type { ImageScan } from "#sbom/scanImage.ts";
import { SCAN_LIMITS } from "#sbom/scanLimits.ts";
import { scan } from "../fakes/scanBench.ts";

/** Scans directories of this machine as if an image of one layer held them, at their own places, with every cataloger. */
export const scanDirectories = (directories: readonly string[]): Promise<ImageScan> => {
  const names = directories.map((directory) => directory.replace(/^\//, ""));
  const archive = execFileSync("tar", ["-C", "/", "--exclude=*.pyc", "--exclude=*.so*", "-cf", "-", ...names], {
    maxBuffer: 2 ** 31 - 1,
  });
  const blob = gzipSync(archive, { level: 1 });
  const descriptor = {
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    digest: digestOf(blob),
    size: blob.length,
  };
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    yield blob;
  };
  const layer = { descriptor, open: () => verifiedBytes(descriptor, bytes()) };
  const input = {
    layers: [layer],
    diffIds: [digestOf(archive)],
    history: [],
    limits: SCAN_LIMITS,
    scope: "squashed" as const,
  };
  return scan(input, { catalogers: CATALOGERS, readDistro });
};
