import type { Inflate } from "#archive/inflate.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import type { Cataloger, ImageView } from "#sbom/cataloger.ts";
import { joinCaptures } from "#sbom/capturedImage.ts";
import { captureLinks } from "#sbom/captureLinks.ts";
import { findSbomLayer } from "#sbom/embedded/findSbomLayer.ts";
import { fitHistory } from "#sbom/fitHistory.ts";
import { createImageView } from "#sbom/imageView.ts";
import type { ViewedImage } from "#sbom/imageView.ts";
import { joinFindings } from "#sbom/joinFindings.ts";
import type { JoinedFindings } from "#sbom/joinFindings.ts";
import type { Distro, LayerFacts } from "#sbom/package.ts";
import type { LayerContent, LayerReading, LayerSource } from "#sbom/readLayer.ts";
import { createScanBudget } from "#sbom/scanBudget.ts";
import { scanLayer } from "#sbom/scanLayer.ts";
import type { LayerScan } from "#sbom/scanLayer.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";
import { squash } from "#sbom/squash.ts";

export interface ScanDeps {
  readonly catalogers: readonly Cataloger[];
  readonly inflate: Inflate;
  readonly readDistro: (view: ImageView) => Distro | undefined;
}

/** One command of the image's history (OCI image config). */
export interface HistoryStep {
  readonly createdBy: string | undefined;
  readonly emptyLayer: boolean;
}

export interface ScanInput {
  /** Base layer first. */
  readonly layers: readonly LayerSource[];
  /** The config's rootfs.diff_ids, one for each layer. */
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryStep[];
  /** The config's labels. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly limits: ScanLimits;
}

/** What an image holds; everything in a fixed order. */
export interface ImageScan extends JoinedFindings {
  readonly layers: readonly LayerFacts[];
  readonly distro: Distro | undefined;
}

/**
 * Streams an image's layers once, squashes them and lets the catalogers read what they captured. Nothing is written
 * anywhere. Errors: those of `readLayer` for any layer (a hostile layer refuses the image), LIMIT_EXCEEDED, IMAGE_REFUSED;
 * evidence that cannot be read is a stated gap and the rest goes on.
 */
export const scanImage =
  ({ catalogers, inflate, readDistro }: ScanDeps) =>
  async (ctx: Ctx, input: ScanInput): Promise<ImageScan> => {
    const { history, limits } = input;
    const layers = joinDiffIds(input);
    const reading: LayerReading = { inflate, limits, budget: createScanBudget(limits) };
    const scans = await scanLayers(ctx, reading, catalogers, layers);
    const records = scans.map((scan) => scan.record);
    const image = squash(records, reading.budget, ({ layer, ordinal }) => scans[layer]?.captures.has(ordinal) === true);
    const joined = joinCaptures(image, scans, catalogers.length);
    const captured = await captureLinks(ctx, reading, catalogers, layers, joined);
    const names = catalogers.map(({ name }) => name);
    const facts = describeLayers(layers, history);
    const sbomLayer = findSbomLayer(input.labels ?? {}, facts);
    const nameless: ViewedImage = { captured, layers: facts, distro: undefined, sbomLayer, catalogers: names };
    const viewed = { ...nameless, distro: readDistro(createImageView(nameless, undefined)) };
    return { layers: facts, distro: viewed.distro, ...joinFindings(viewed, catalogers, limits) };
  };

const joinDiffIds = ({ layers, diffIds, limits }: ScanInput): readonly LayerContent[] => {
  if (layers.length > limits.maxLayers)
    throw new WaybillError("LIMIT_EXCEEDED", `the image has more than ${limits.maxLayers} layers`);
  if (layers.length !== diffIds.length)
    throw new WaybillError("IMAGE_REFUSED", `the config names ${diffIds.length} layers, the manifest ${layers.length}`);
  return layers.flatMap((layer, index) => {
    const diffId = diffIds[index];
    return diffId === undefined ? [] : { ...layer, diffId };
  });
};

/** The first failure stops the other layers and is the one that is thrown, not the interruption it causes. */
const scanLayers = async (
  ctx: Ctx,
  reading: LayerReading,
  catalogers: readonly Cataloger[],
  layers: readonly LayerContent[],
): Promise<readonly LayerScan[]> => {
  const stop = new AbortController();
  const inner = { ...ctx, signal: AbortSignal.any([ctx.signal, stop.signal]) };
  const failures: unknown[] = [];
  try {
    return await mapLimited(layers, reading.limits.width, async (layer, index) => {
      try {
        return await scanLayer(inner, reading, catalogers, index, layer);
      } catch (error) {
        failures.push(error);
        stop.abort();
        throw error;
      }
    });
  } catch (error) {
    throw failures[0] ?? error;
  }
};

const describeLayers = (layers: readonly LayerContent[], history: readonly HistoryStep[]): readonly LayerFacts[] => {
  const steps = fitHistory(history, layers.length);
  return layers.map(({ descriptor, diffId }, index) => ({
    index,
    digest: descriptor.digest,
    diffId,
    createdBy: steps[index]?.createdBy,
  }));
};
