import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { decompress } from "#archive/decompress.ts";
import { inflate } from "#archive/inflate.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { parseManifest } from "#core/manifest.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { CATALOGERS } from "#sbom/catalogers.ts";
import { readDistro } from "#sbom/readDistro.ts";
import { scanImage } from "#sbom/scanImage.ts";
import { scanLayer } from "#sbom/scanLayer.ts";
import { SCAN_LIMITS } from "#sbom/scanLimits.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { imagesMissing, openGoldenLayout, readGoldenImages } from "./goldenImages.ts";

// Bytes changed at random in real layers, compressed and inflated: a scan ends, and with a result or a coded error. The
// digests are those of the changed bytes, so that nothing stops before the parsers.

const RUNS = 120;
const NAMES = [
  "layer-estargz",
  "layer-zstd-chunked",
  "layer-zstd-skippable-first",
  "tar-gnu",
  "tar-pax",
  "tar-sparse-gnu",
  "tar-sparse-posix",
  "hardlink-same-layer",
  "hostile-link-cycles",
  "whiteout-opaque",
  "apk-alpine",
];
const MAX_LAYER = 2 * 1024 * 1024;

/** Layers of the images above that are small, as stored. */
const readLayers = async (): Promise<readonly Buffer[]> => {
  const ctx = testCtx();
  const layout = await openGoldenLayout(ctx);
  const layers: Buffer[] = [];
  for (const { name, digest } of readGoldenImages()) {
    if (!NAMES.includes(name)) continue;
    const raw = await layout.readManifest(ctx, digest);
    const manifest = raw === undefined ? undefined : parseManifest(raw);
    for (const layer of manifest?.kind === "image" ? manifest.layers : [])
      if (layer.size < MAX_LAYER) layers.push(await readAll(layout.readBlob(ctx, layer), MAX_LAYER, "layer"));
  }
  return layers;
};

/** The archive inside. Not zlib's own calls: they stop at the end of the first zstd frame. */
const plainOf = async (blob: Buffer): Promise<Buffer> => {
  const job = { what: "layer", size: blob.length, limits: SCAN_LIMITS.inflate };
  return Buffer.concat(
    await Array.fromAsync(
      decompress(cut(blob), job, () => undefined),
      (one) => Buffer.from(one),
    ),
  );
};

/** Changes bytes, or cuts the end off; places crowd where headers are. */
const changes = fc.array(
  fc.record({
    at: fc.oneof(fc.nat(2048), fc.nat(MAX_LAYER)),
    byte: fc.nat(255),
    cut: fc.nat(9).map((one) => one === 0),
  }),
  { minLength: 1, maxLength: 4 },
);

const change = (bytes: Buffer, list: readonly { at: number; byte: number; cut: boolean }[]): Buffer => {
  let changed = Buffer.from(bytes);
  for (const { at, byte, cut } of list) {
    const place = at % Math.max(1, changed.length);
    if (cut) changed = changed.subarray(0, place);
    else if (changed.length > 0) changed[place] = byte;
  }
  return changed;
};

/** Makes the checksums of tar headers true again. */
const resum = (archive: Buffer): Buffer => {
  for (let at = 0; at + 512 <= archive.length; at += 512) {
    const block = archive.subarray(at, at + 512);
    if (block.toString("latin1", 257, 262) !== "ustar") continue;
    block.fill(" ", 148, 156);
    block.write(
      `${block
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
      "latin1",
    );
  }
  return archive;
};

async function* cut(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

const outcome = async (blob: Buffer, diffId: ReturnType<typeof digestOf>): Promise<number> => {
  const descriptor = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: digestOf(blob), size: blob.length };
  try {
    await scanImage({
      catalogers: CATALOGERS,
      scanLayer: scanLayer(CATALOGERS, inflate),
      facts: undefined,
      readDistro,
    })(testCtx(), {
      layers: [{ descriptor, open: () => cut(blob) }],
      diffIds: [diffId],
      history: [],
      limits: SCAN_LIMITS,
      scope: "squashed",
    });
    return 0;
  } catch (error) {
    if (error instanceof WaybillError) return error.exitCode;
    throw error;
  }
};

describe.skipIf(imagesMissing)("changed layers", () => {
  let layers: readonly Buffer[] = [];
  beforeAll(async () => {
    layers = await readLayers();
  });

  it("as stored: a refusal or another digest", { timeout: 60_000 }, async () => {
    expect(layers.length).toBeGreaterThan(10);
    await fc.assert(
      fc.asyncProperty(fc.nat(layers.length - 1), changes, async (index, list) => {
        const blob = change(layers[index] ?? Buffer.alloc(0), list);
        expect([3, 7]).toContain(await outcome(blob, digestOf("what it was")));
      }),
      { numRuns: RUNS },
    );
  });

  it("inflated: a result or a refusal", { timeout: 60_000 }, async () => {
    const plain = await Promise.all(layers.map(plainOf));
    const archives = plain.filter((archive) => archive.length < MAX_LAYER);
    for (const archive of archives) expect(archive.toString("latin1", 257, 262)).toBe("ustar");
    let read = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(archives.length - 1), changes, async (index, list) => {
        const archive = resum(change(archives[index] ?? Buffer.alloc(0), list));
        const exit = await outcome(archive, digestOf(archive));
        expect([0, 3]).toContain(exit);
        if (exit === 0) read++;
      }),
      { numRuns: RUNS },
    );
    // Most changes hit content, so that the catalogers behind the archive are reached.
    expect(read).toBeGreaterThan(RUNS / 10);
  });
});
