import { existsSync, readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { readConfig } from "#app/readConfig.ts";
import { inflate } from "#archive/inflate.ts";
import type { Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { parseManifest } from "#core/manifest.ts";
import { openLayout } from "#registry/layout/openLayout.ts";
import { CATALOGERS } from "#sbom/catalogers.ts";
import type { Package } from "#sbom/package.ts";
import { readDistro } from "#sbom/readDistro.ts";
import { scanImage } from "#sbom/scanImage.ts";
import type { ImageScan } from "#sbom/scanImage.ts";
import { scanLayer } from "#sbom/scanLayer.ts";
import { SCAN_LIMITS } from "#sbom/scanLimits.ts";

/** Golden images with known content: ../shared/data/images, see its README. */
export const imagesPath = (...parts: readonly string[]): string => resolve("../shared/data/images", ...parts);

/** A pipeline must have the data; elsewhere its tests are skipped. */
export const imagesMissing = !existsSync(imagesPath("expected")) && process.env["CI"] !== "true";

interface ExpectedPackage {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly anyVersion?: boolean;
  readonly also?: readonly string[];
}

/** How much of what is there was found. */
export interface GoldenTally {
  /** Count. */
  readonly found: number;
  readonly missed: readonly string[];
  /** Neither there, nor allowed to be named. */
  readonly extra: readonly string[];
}

/** What must come out of one image. */
export interface GoldenImage {
  readonly name: string;
  readonly digest: string;
  readonly packages: readonly ExpectedPackage[];
  readonly optional?: readonly ExpectedPackage[];
  readonly absent?: readonly string[];
  /** What syft 1.51.0 made of it. */
  readonly syft?: GoldenTally;
  readonly hostile?: { readonly outcome: string; readonly exit: readonly number[]; readonly seconds: number };
}

export const readGoldenImages = (): readonly GoldenImage[] =>
  imagesMissing
    ? []
    : readdirSync(imagesPath("expected"))
        .toSorted()
        .map((file) => JSON.parse(readFileSync(imagesPath("expected", file), "utf8")) as GoldenImage);

/** Scans one image of the layout in this thread. */
export const scanGolden = async (ctx: Ctx, layout: Repository, digest: string): Promise<ImageScan> => {
  const raw = await layout.readManifest(ctx, digest);
  const manifest = raw === undefined ? undefined : parseManifest(raw);
  if (manifest?.kind !== "image") throw new TypeError(`${digest} is no image`);
  const config = await readConfig(ctx, layout, manifest);
  const layers = manifest.layers.map((descriptor) => ({
    descriptor,
    open: (inner: Ctx) => layout.readBlob(inner, descriptor),
  }));
  return scanImage({ catalogers: CATALOGERS, scanLayer: scanLayer(CATALOGERS, inflate), facts: undefined, readDistro })(
    ctx,
    {
      layers,
      diffIds: config.diffIds,
      history: config.history,
      labels: config.labels,
      limits: SCAN_LIMITS,
      scope: "squashed",
    },
  );
};

export const openGoldenLayout = (ctx: Ctx): Promise<Repository> =>
  openLayout(ctx, { path: imagesPath("layout"), create: false });

/** Types that the catalogers of today find. */
const TYPES = new Set([
  "deb",
  "rpm",
  "apk",
  "npm",
  "golang",
  "cargo",
  "generic",
  "composer",
  "maven",
  "pypi",
  "conda",
  "nuget",
  "bitnami",
  "gem",
]);

/** What a scan found against what is there: missing, and found though it is not there. Empty lists are right. */
export const compareGolden = (
  golden: GoldenImage,
  packages: readonly Package[],
): { readonly missing: readonly string[]; readonly wrong: readonly string[] } => {
  const found = packages.map(nameOf);
  const expected = golden.packages.filter((one) => TYPES.has(one.type) && !NOT_THERE.has(label(one)));
  const allowed = [...expected, ...(golden.optional ?? [])];
  return {
    missing: expected.filter((want) => !found.some((have) => fits(want, have))).map(label),
    wrong: found.filter((have) => !allowed.some((want) => fits(want, have))).map(label),
  };
};

/** The same over all types, found or not. */
export const tallyGolden = (golden: GoldenImage, packages: readonly Package[]): GoldenTally => {
  const names = packages.map(nameOf);
  const missed = golden.packages.filter((want) => !names.some((have) => fits(want, have)));
  const allowed = [...golden.packages, ...(golden.optional ?? [])];
  return {
    found: golden.packages.length - missed.length,
    missed: missed.map(label),
    extra: names.filter((have) => !allowed.some((want) => fits(want, have))).map(label),
  };
};

const nameOf = ({ type, namespace, name, version }: Package): Named => ({
  type,
  name: namespace !== undefined && ["npm", "golang", "composer"].includes(type) ? `${namespace}/${name}` : name,
  // The lists have versions as package URLs do: there the epoch of an rpm package is a qualifier.
  version: type === "rpm" ? (version ?? "").replace(/^\d+:/, "") : (version ?? ""),
});

/**
 * Expected, and not in the image: Spring Boot's plugin leaves starters (`Spring-Boot-Jar-Type: dependencies-starter`) out of
 * the jar that it makes, so the list of the build's dependencies has two that no byte of the image tells of.
 */
const NOT_THERE: ReadonlySet<string> = new Set([
  "maven spring-boot-starter 3.3.5",
  "maven spring-boot-starter-logging 3.3.5",
]);

type Named = Pick<ExpectedPackage, "type" | "name" | "version">;

const fits = (want: ExpectedPackage, have: Named): boolean =>
  want.type === have.type &&
  (want.name === have.name || want.also?.includes(have.name) === true) &&
  (want.version === have.version || want.anyVersion === true);

const label = ({ type, name, version }: Named): string => `${type} ${name} ${version}`;
