import type { Build } from "#records/build.ts";
import type { IssuedPaper } from "#records/paper.ts";

/**
 * Whether a signature speaks for this build: it is in the build's repository, and the annotations that the service signs
 * name no other build. One digest may be the image of several builds, and papers are found by digest.
 */
export const isPaperOfBuild = (paper: IssuedPaper, build: Build): boolean =>
  paper.repository === build.image?.repository &&
  paper.subject === build.image.digest &&
  saysNothingElse(paper.annotations, "build_id", build.id) &&
  saysNothingElse(paper.annotations, "app_id", build.app) &&
  saysNothingElse(paper.annotations, "tenant_id", build.tenant);

const saysNothingElse = (annotations: Readonly<Record<string, string>>, name: string, value: string): boolean =>
  !Object.hasOwn(annotations, name) || annotations[name] === value;
