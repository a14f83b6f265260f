import type { CapturedFile, Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { programReducer } from "#sbom/executable/programReducer.ts";
import { readFound } from "#sbom/executable/readFound.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import { auditableSearch } from "#sbom/rust/auditableSearch.ts";
import { describeCrates } from "#sbom/rust/describeCrates.ts";
import type { Crate } from "#sbom/rust/readCrates.ts";

const NAME = "rust-binary";
// No Rust program that does anything is smaller; most files of an image are.
const MIN_SIZE = 4096;

/** Rust programs and libraries that were built with cargo-auditable, by the list of crates in them (reference 1.11). */
export const rustBinary: Cataloger = {
  name: NAME,
  byContent: true,
  wants: ({ size }) => (size < MIN_SIZE ? undefined : programReducer(size, auditableSearch)),
  catalog: (view) =>
    mergeFindings(
      "complete",
      view.captured(NAME).map((file) => catalogFile(view, file)),
    ),
};

const catalogFile = (view: ImageView, file: CapturedFile): Findings => {
  const place = { path: file.path, layer: file.layer };
  const { found, failures } = readFound(file.bytes, isCrates);
  const programs = found.map((crates) => describeCrates(crates, place));
  const first = firstLayer(view.history(file.path), (bytes) =>
    readFound(bytes, isCrates).found.flatMap((crates) => describeCrates(crates, place).packages.map(({ id }) => id)),
  );
  return {
    packages: programs
      .flatMap((program) => program.packages)
      .map((one) => ({ ...one, introducedIn: first.get(one.id) ?? file.layer })),
    edges: programs.flatMap((program) => program.edges),
    unknowns: failures.map((reason) => ({ ...place, reason })),
    completeness: "complete",
  };
};

const isCrates = (value: unknown): value is readonly Crate[] => Array.isArray(value) && value.every(isCrate);

const isCrate = (value: unknown): value is Crate => {
  const { name, version, source, dependencies } = (value ?? {}) as Partial<Crate>;
  return [name, version, source].every((text) => typeof text === "string") && Array.isArray(dependencies);
};
