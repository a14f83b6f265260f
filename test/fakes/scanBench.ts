import { gzipSync } from "node:zlib";
import { inflate } from "#archive/inflate.ts";
import { digestOf } from "#core/digest.ts";
import { verifiedBytes } from "#core/verifiedBytes.ts";
import type { Cataloger, ImageView } from "#sbom/cataloger.ts";
import { keepWhole } from "#sbom/keepWhole.ts";
import { scanImage } from "#sbom/scanImage.ts";
import { scanLayer } from "#sbom/scanLayer.ts";
import type { ImageScan, ScanDeps, ScanInput } from "#sbom/scanImage.ts";
import { SCAN_LIMITS } from "#sbom/scanLimits.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";
import { testCtx } from "./testCtx.ts";
import { tarArchive } from "./tarBytes.ts";
import type { RawEntry } from "./tarBytes.ts";

/** A cataloger that keeps files by their path and gives its view away. */
export interface Probe {
  readonly cataloger: Cataloger;
  readonly view: () => ImageView;
}

export const probe = (
  name: string,
  wanted: RegExp,
  findings: Partial<ReturnType<Cataloger["catalog"]>> = {},
): Probe => {
  const seen: ImageView[] = [];
  const cataloger: Cataloger = {
    name,
    wants: (entry) => (wanted.test(entry.path) ? keepWhole(entry.size, 1000, "file") : undefined),
    catalog: (view) => {
      seen.push(view);
      return { packages: [], edges: [], unknowns: [], completeness: "complete", ...findings };
    },
  };
  return {
    cataloger,
    view: () => {
      const [view] = seen;
      if (view === undefined) throw new TypeError("the cataloger was not asked");
      return view;
    },
  };
};

/** Layers made of entries, gzipped, as an image would announce them. */
export const scanInput = (
  layers: readonly (readonly RawEntry[])[],
  limits: Partial<ScanLimits> = {},
): ScanInput & { readonly opened: number[] } => {
  const opened: number[] = [];
  const made = layers.map((entries, index) => {
    const archive = tarArchive(...entries);
    const blob = gzipSync(archive, { level: 1 });
    const descriptor = {
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      digest: digestOf(blob),
      size: blob.length,
    };
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      opened.push(index);
      yield blob;
    };
    return { descriptor, diffId: digestOf(archive), open: () => verifiedBytes(descriptor, bytes()) };
  });
  return {
    layers: made,
    diffIds: made.map(({ diffId }) => diffId),
    history: [],
    limits: { ...SCAN_LIMITS, ...limits },
    scope: "squashed",
    opened,
  };
};

export const scan = (input: ScanInput, { catalogers = [], ...deps }: Partial<ScanDeps>): Promise<ImageScan> =>
  scanImage({
    catalogers,
    scanLayer: scanLayer(catalogers, inflate),
    facts: undefined,
    readDistro: () => undefined,
    ...deps,
  })(testCtx(), input);

/** What a probe sees of an image: visible files it wanted, as `path@layer=content`. */
export const look = async (wanted: RegExp, ...layers: readonly (readonly RawEntry[])[]): Promise<readonly string[]> => {
  const seeing = probe("probe", wanted);
  await scan(scanInput(layers), { catalogers: [seeing.cataloger] });
  return seeing
    .view()
    .captured("probe")
    .map(({ path, layer, bytes }) => `${path}@${layer}=${Buffer.from(bytes).toString()}`);
};
