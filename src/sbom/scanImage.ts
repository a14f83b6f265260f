import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { mapLimited } from "#core/limit.ts";
import type { Cataloger, ImageView } from "#sbom/cataloger.ts";
import { captureImage } from "#sbom/captureImage.ts";
import type { CapturedImage } from "#sbom/capturedImage.ts";
import { findSbomLayer } from "#sbom/embedded/findSbomLayer.ts";
import { fitHistory } from "#sbom/fitHistory.ts";
import { createImageView } from "#sbom/imageView.ts";
import type { ViewedImage } from "#sbom/imageView.ts";
import { joinFindings } from "#sbom/joinFindings.ts";
import type { JoinedFindings } from "#sbom/joinFindings.ts";
import { joinScopes } from "#sbom/joinScopes.ts";
import type { LayerScan } from "#sbom/layerScan.ts";
import type { Distro, LayerFacts } from "#sbom/package.ts";
import { readFacts } from "#sbom/readFacts.ts";
import type { KeptFacts, LayerReading } from "#sbom/readFacts.ts";
import type { LayerContent, LayerSource } from "#sbom/readLayer.ts";
import { createScanBudget } from "#sbom/scanBudget.ts";
import type { ScanLayer } from "#sbom/scanLayer.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";
import type { ScanScope } from "#sbom/scanScope.ts";

export interface ScanDeps {
  readonly catalogers: readonly Cataloger[];
  readonly scanLayer: ScanLayer;
  readonly facts: KeptFacts | undefined;
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
  readonly scope: ScanScope;
}

/** What an image holds; everything in a fixed order. */
export interface ImageScan extends JoinedFindings {
  readonly layers: readonly LayerFacts[];
  readonly distro: Distro | undefined;
}

/**
 * Streams an image's layers once, squashes them and lets the catalogers read what they captured. Nothing is written
 * but what the cache keeps. Errors: those of `readFacts` for any layer (a hostile layer refuses the image), LIMIT_EXCEEDED,
 * IMAGE_REFUSED; evidence that cannot be read is a stated gap and the rest goes on.
 */
export const scanImage =
  ({ catalogers, scanLayer, facts, readDistro }: ScanDeps) =>
  async (ctx: Ctx, input: ScanInput): Promise<ImageScan> => {
    const { history, limits, scope } = input;
    const sources = joinDiffIds(input);
    const reading: LayerReading = { scanLayer, facts, limits, budget: createScanBudget(limits) };
    const scans = await scanLayers(ctx, reading, sources);
    const layers = describeLayers(sources, history);
    const sbomLayer = findSbomLayer(input.labels ?? {}, layers);
    const names = catalogers.map(({ name }) => name);
    const view = (captured: CapturedImage): ViewedImage => {
      const nameless = { captured, layers, distro: undefined, sbomLayer, catalogers: names };
      return { ...nameless, distro: readDistro(createImageView(nameless, undefined)) };
    };
    const steps: JoinedFindings[] = [];
    let distro: Distro | undefined;
    for await (const captured of captureImage(ctx, reading, { catalogers, sources, scans, scope })) {
      const viewed = view(captured);
      distro = viewed.distro;
      steps.push(joinFindings(viewed, catalogers, limits));
    }
    return { layers, distro, ...joinScopes(steps) };
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
  layers: readonly LayerContent[],
): Promise<readonly LayerScan[]> => {
  const stop = new AbortController();
  const inner = { ...ctx, signal: AbortSignal.any([ctx.signal, stop.signal]) };
  const failures: unknown[] = [];
  try {
    // The largest first: whoever gets it last keeps all others waiting.
    const order = [...layers.entries()].toSorted(([, a], [, b]) => b.descriptor.size - a.descriptor.size);
    const read = await mapLimited(order, reading.limits.width, async ([index, layer]) => {
      try {
        return [index, await readFacts(inner, reading, layer)] as const;
      } catch (error) {
        failures.push(error);
        stop.abort();
        throw error;
      }
    });
    return read.toSorted(([a], [b]) => a - b).map(([, scan]) => scan);
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
