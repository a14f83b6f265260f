import { asWaybillError, hasCode } from "#core/errors.ts";
import type { Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { captureBy } from "#sbom/capturedImage.ts";
import type { CapturedImage } from "#sbom/capturedImage.ts";
import { compareText } from "#sbom/compareText.ts";
import { applyStatements } from "#sbom/embedded/applyStatements.ts";
import { createGapList } from "#sbom/gapList.ts";
import { createImageView } from "#sbom/imageView.ts";
import type { ViewedImage } from "#sbom/imageView.ts";
import { joinOwners } from "#sbom/mergeFindings.ts";
import { mergePackages } from "#sbom/mergePackages.ts";
import { settleOwnership } from "#sbom/ownership/settleOwnership.ts";
import type { OwnedFindings } from "#sbom/ownership/settleOwnership.ts";
import type { Unknown } from "#sbom/package.ts";
import type { ScanLimits } from "#sbom/scanLimits.ts";

/** What all catalogers found, as one; everything in a fixed order. `direct`: what nothing else pulled in, by the evidence. */
export interface JoinedFindings extends OwnedFindings {
  readonly unknowns: readonly Unknown[];
  /** By cataloger. */
  readonly completeness: Readonly<Record<string, Findings["completeness"]>>;
  /** Count of stated gaps, by cataloger; those of the image as a whole are nobody's. */
  readonly gaps: Readonly<Record<string, number>>;
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
  const shared = viewed.captured.unknowns;
  const found = catalogers.map((one, index) => {
    const missed = listFailures(viewed.captured, index);
    const findings = catalog(one, createImageView(viewed, one.name));
    const unknowns = [...missed, ...findings.unknowns];
    const isWhole = shared.length + unknowns.length === 0;
    return { ...findings, name: one.name, unknowns, completeness: isWhole ? findings.completeness : "incomplete" };
  });
  const evident = mergePackages(found.flatMap((one) => one.packages));
  const packages = applyStatements(
    evident,
    found.flatMap((one) => one.statements ?? []),
  );
  const ids = new Set(packages.map(({ id }) => id));
  const owning = new Set(found.filter((one) => one.owned !== undefined).map(({ name }) => name));
  const together = {
    packages,
    edges: found.flatMap((one) => one.edges).filter(({ from, to }) => ids.has(from) && ids.has(to)),
    direct: found.flatMap((one) => one.direct ?? []).filter((id) => ids.has(id)),
  };
  return {
    ...settleOwnership(together, joinOwners(found), owning),
    unknowns: listUnknowns([...shared, ...found.flatMap((one) => one.unknowns)], limits.maxUnknowns),
    completeness: Object.fromEntries(found.map((one) => [one.name, one.completeness])),
    gaps: Object.fromEntries(found.map((one) => [one.name, one.unknowns.length])),
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
  const gaps = createGapList<Unknown>(max);
  for (const one of sorted) gaps.note(one);
  return gaps.list();
};
