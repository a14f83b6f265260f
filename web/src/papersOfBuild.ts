import type { Build, Paper } from "./apiTypes.ts";

/**
 * The papers that speak for a build: in its repository, and naming no other build in what the service signed. One digest
 * may be the image of several builds; an SBOM speaks for all of them, a signature for the build that it names.
 */
export const papersOfBuild = (papers: readonly Paper[], build: Build): readonly Paper[] =>
  papers.filter(
    ({ repository, subject, annotations }) =>
      repository === build.image?.repository &&
      subject === build.image.digest &&
      saysNothingElse(annotations, "build_id", build.build_id) &&
      saysNothingElse(annotations, "app_id", build.app),
  );

const saysNothingElse = (annotations: Paper["annotations"], name: string, value: string): boolean =>
  !Object.hasOwn(annotations, name) || annotations[name] === value;
