import { asWaybillError, hasCode } from "#core/errors.ts";
import type { Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { captureBy } from "#sbom/capturedImage.ts";
import type { CapturedImage } from "#sbom/capturedImage.ts";
import { compareText } from "#sbom/compareText.ts";
import { createGapList } from "#sbom/gapList.ts";
import { createImageView } from "#sbom/imageView.ts";
import type { ViewedImage } from "#sbom/imageView.ts";
import { markOwned } from "#sbom/markOwned.ts";
import { joinOwners } from "#sbom/mergeFindings.ts";
import { mergeEdges } from "#sbom/mergeEdges.ts";
import { mergePackages } from "#sbom/mergePackages.ts";
import type { Edge, Package, Unknown } from "#sbom/package.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";

/** What all catalogers found, as one; everything in a fixed order. */
export interface JoinedFindings {
  readonly packages: readonly Package[];
  readonly edges: readonly Edge[];
  readonly unknowns: readonly Unknown[];
  /** By cataloger. */
  readonly completeness: Readonly<Record<string, Findings["completeness"]>>;
  /** Ids of packages that nothing else pulled in, where the evidence says so. */
  readonly direct: readonly string[];
}

/**
 * Asks each cataloger what it makes of the squashed image, and joins the answers. What a cataloger refuses with LIMIT_EXCEEDED
 * or INPUT_INVALID is a stated gap, and the others go on.
 */
export const joinFindings = (
  viewed: ViewedImage,
  catalogers: readonly Cataloger[],
  limits: ScanLimits,
): JoinedFindings => {
  const { image, scans } = viewed.captured;
  const gaps = [...image.unknowns, ...scans.flatMap((scan) => scan.unknowns)];
  const found = catalogers.map((one, index) => {
    const missed = listFailures(viewed.captured, index);
    const findings = catalog(one, createImageView(viewed, one.name));
    const hasGaps = gaps.length + missed.length > 0 && findings.completeness === "complete";
    return {
      ...findings,
      name: one.name,
      unknowns: [...missed, ...findings.unknowns],
      completeness: hasGaps ? "incomplete" : findings.completeness,
    };
  });
  const packages = mergePackages(found.flatMap((one) => one.packages));
  const ids = new Set(packages.map(({ id }) => id));
  const owners = new Set(found.filter((one) => one.owned !== undefined).map(({ name }) => name));
  return {
    packages: markOwned(packages, joinOwners(found), owners),
    edges: mergeEdges(found.flatMap((one) => one.edges).filter(({ from, to }) => ids.has(from) && ids.has(to))),
    unknowns: listUnknowns([...gaps, ...found.flatMap((one) => one.unknowns)], limits.maxUnknowns),
    completeness: Object.fromEntries(found.map((one) => [one.name, one.completeness])),
    direct: [...new Set(found.flatMap((one) => one.direct ?? []))].filter((id) => ids.has(id)).toSorted(compareText),
  };
};

/** Visible files that a cataloger wanted and could not take. */
const listFailures = (captured: CapturedImage, cataloger: number): readonly Unknown[] =>
  (captured.listings[cataloger] ?? []).flatMap(({ path, layer, content }) => {
    const capture = captureBy(captured, content, cataloger);
    return capture !== undefined && "failure" in capture ? [{ path, layer, reason: capture.failure }] : [];
  });

const catalog = (cataloger: Cataloger, view: ImageView): Findings => {
  try {
    return cataloger.catalog(view);
  } catch (error) {
    if (!hasCode(error, "LIMIT_EXCEEDED", "INPUT_INVALID")) throw asWaybillError(error);
    const reason = `${cataloger.name}: ${error.message}`;
    return { packages: [], edges: [], unknowns: [{ path: "", layer: 0, reason }], completeness: "unknown" };
  }
};

const listUnknowns = (unknowns: readonly Unknown[], max: number): readonly Unknown[] => {
  const byText = new Map(unknowns.map((one) => [`${one.path}\n${one.layer}\n${one.reason}`, one]));
  const sorted = [...byText].toSorted(([a], [b]) => compareText(a, b)).map(([, one]) => one);
  const gaps = createGapList(max);
  for (const one of sorted) gaps.note(one);
  return gaps.list();
};
