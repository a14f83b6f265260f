import { createHash } from "node:crypto";
import { parseStrict } from "#core/strictJson.ts";
import type { CapturedFile, Cataloger, ImageView } from "#sbom/cataloger.ts";
import { locateSbom } from "#sbom/embedded/locateSbom.ts";
import type { EmbeddedSbom } from "#sbom/embedded/locateSbom.ts";
import { readCycloneDx } from "#sbom/embedded/readCycloneDx.ts";
import { readSpdx } from "#sbom/embedded/readSpdx.ts";
import { readSyft } from "#sbom/embedded/readSyft.ts";
import type { ClaimedPackage, Statement } from "#sbom/embedded/statement.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

const MAX_SBOM = 16 * 1024 * 1024;
const JSON_LIMITS = { maxBytes: MAX_SBOM, maxDepth: 64, maxValues: 1_000_000 };
const READERS = { cyclonedx: readCycloneDx, spdx: readSpdx, syft: readSyft };

/**
 * SBOMs that lie in the image, of apko and of buildpacks (reference 1.13). Anybody who can write a file can write them: they
 * find no packages, they state things of packages that others find.
 */
export const embeddedSbom: Cataloger = {
  name: "embedded-sbom",
  wants: (entry) => {
    const located = locateSbom(entry.path);
    return located && reduceWhole(entry.size, MAX_SBOM, "embedded SBOM", (bytes) => reduceSbom(bytes, located.format));
  },
  catalog: (view) => ({
    packages: [],
    edges: [],
    unknowns: [],
    completeness: "unknown",
    statements: view.captured("embedded-sbom").flatMap((file) => stateAll(view, file)),
  }),
};

interface Reduced {
  readonly sha256: string;
  readonly claims: readonly ClaimedPackage[];
}

const reduceSbom = (bytes: Buffer, format: EmbeddedSbom["format"]): Uint8Array => {
  const claims = READERS[format](parseStrict(bytes, "embedded SBOM", JSON_LIMITS));
  const reduced: Reduced = { sha256: createHash("sha256").update(bytes).digest("hex"), claims };
  return Buffer.from(JSON.stringify(reduced));
};

const stateAll = (view: ImageView, file: CapturedFile): readonly Statement[] => {
  const located = locateSbom(file.path);
  if (located === undefined) return [];
  const { sha256, claims } = JSON.parse(Buffer.from(file.bytes).toString()) as Reduced;
  const place = { path: file.path, layer: file.layer };
  const isListed = located.origin === "buildpacks" && view.sbomLayer === file.layer;
  return claims.map((claim) => ({ ...claim, place, sha256, isListed }));
};
