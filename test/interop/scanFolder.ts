import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { inflate } from "#archive/inflate.ts";
import { digestOf } from "#core/digest.ts";
import { verifiedBytes } from "#core/verifiedBytes.ts";
import { CATALOGERS } from "#sbom/catalogers.ts";
import { readDistro } from "#sbom/readDistro.ts";
import { scanImage } from "#sbom/scanImage.ts";
import type { ImageScan } from "#sbom/scanImage.ts";
import { scanLayer } from "#sbom/scanLayer.ts";
import { SCAN_LIMITS } from "#sbom/scanLimits.ts";
import { testCtx } from "../fakes/testCtx.ts";

/** Scans a folder of this machine as the only layer of an image; `paths` are what of it is in the layer. */
export const scanFolder = async (folder: string, paths: readonly string[] = ["."]): Promise<ImageScan> => {
  const archive = execFileSync("tar", ["-C", folder, "-cf", "-", ...paths], { maxBuffer: 2 * 1024 ** 3 });
  assert.ok(archive.length > 1024);
  const blob = gzipSync(archive, { level: 1 });
  const descriptor = {
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    digest: digestOf(blob),
    size: blob.length,
  };
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    yield blob;
  };
  const deps = { catalogers: CATALOGERS, scanLayer: scanLayer(CATALOGERS, inflate), facts: undefined, readDistro };
  return scanImage(deps)(testCtx(), {
    layers: [{ descriptor, open: () => verifiedBytes(descriptor, bytes()) }],
    diffIds: [digestOf(archive)],
    history: [],
    limits: SCAN_LIMITS,
    scope: "squashed",
  });
};
