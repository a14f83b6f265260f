import type { Classifier } from "#sbom/classifier/classifier.ts";
import { LIBRARY_CLASSIFIERS } from "#sbom/classifier/libraryClassifiers.ts";
import { RUNTIME_CLASSIFIERS } from "#sbom/classifier/runtimeClassifiers.ts";
import { SERVER_CLASSIFIERS } from "#sbom/classifier/serverClassifiers.ts";
import { TOOL_CLASSIFIERS } from "#sbom/classifier/toolClassifiers.ts";

/** All there are. Each is proven on bytes of a real program: `test/vectors/classifiers`. */
export const CLASSIFIERS: readonly Classifier[] = [
  ...RUNTIME_CLASSIFIERS,
  ...SERVER_CLASSIFIERS,
  ...TOOL_CLASSIFIERS,
  ...LIBRARY_CLASSIFIERS,
];
