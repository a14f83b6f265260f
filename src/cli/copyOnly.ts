import type { CopiedKind } from "#app/copiedPaper.ts";
import { WaybillError } from "#core/errors.ts";

const KINDS = ["sig", "att", "sbom", "other"] as const satisfies readonly CopiedKind[];

/** What `--only` takes. */
export const ONLY_WORDS: readonly string[] = ["papers", ...KINDS];

/** The words of `--only`: which papers are copied without their image; undefined for the image with all of them. */
export const readOnly = (words: readonly string[]): ReadonlySet<CopiedKind> | "papers" | undefined => {
  if (words.length === 0) return undefined;
  const kinds = words.map((word) => KINDS.find((kind) => kind === word));
  const unknown = words.find((word, at) => kinds[at] === undefined && word !== "papers");
  if (unknown !== undefined) {
    throw new WaybillError(
      "USAGE_INVALID",
      `--only ${JSON.stringify(unknown.slice(0, 80))} is not one of ${ONLY_WORDS.join(", ")}`,
    );
  }
  return words.includes("papers") ? "papers" : new Set(kinds.flatMap((kind) => kind ?? []));
};
