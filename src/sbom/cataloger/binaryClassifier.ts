import type { CapturedFile, Cataloger, ImageView } from "#sbom/cataloger.ts";
import type { Classifier } from "#sbom/classifier/classifier.ts";
import { CLASSIFIERS } from "#sbom/classifier/classifiers.ts";
import { classifierReducer } from "#sbom/classifier/classifierReducer.ts";
import type { Classified } from "#sbom/classifier/classifierReducer.ts";
import { describeProduct } from "#sbom/classifier/describeProduct.ts";
import { createFileTest } from "#sbom/classifier/fileTest.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { readFacts } from "#sbom/keptFacts.ts";
import { mergePackages } from "#sbom/mergePackages.ts";
import type { Package } from "#sbom/package.ts";

const NAME = "binary-classifier";
const classifiersOf = createFileTest(CLASSIFIERS);

/**
 * Products that were compiled or copied into the image and are in no package database, by the name of a program and the
 * version that it carries (reference 1.12).
 */
export const binaryClassifier: Cataloger = {
  name: NAME,
  wants: ({ path }) => {
    const known = classifiersOf(path);
    return known.length === 0 ? undefined : classifierReducer(known);
  },
  catalog: (view) => ({
    packages: mergePackages(view.captured(NAME).flatMap((file) => describeFile(view, file))),
    edges: [],
    unknowns: [],
    completeness: "incomplete",
  }),
};

const describeFile = (view: ImageView, file: CapturedFile): readonly Package[] => {
  const place = { path: file.path, layer: file.layer };
  const first = firstLayer(view.history(file.path), (bytes) => readClassified(bytes).map(keyOf));
  return readClassified(file.bytes).flatMap((found) => {
    const classifier = classifierOf(found, file.path);
    if (classifier === undefined || isSuperseded(view, file.path, classifier)) return [];
    const introducedIn = first.get(keyOf(found)) ?? file.layer;
    return { ...describeProduct(classifier, found.version, place), introducedIn };
  });
};

// Under this name it may be unknown: a hard link to a file that was known under its own.
const classifierOf = ({ product }: Classified, path: string): Classifier | undefined =>
  [...classifiersOf(path), ...CLASSIFIERS].find((one) => one.product === product);

const isSuperseded = (view: ImageView, path: string, { unless }: Classifier): boolean => {
  const [directory] = /^(?:.*\/)?(?=[^/]+\/[^/]+$)/.exec(path) ?? [];
  return unless !== undefined && directory !== undefined && view.realPath(`${directory}${unless}`) !== undefined;
};

const keyOf = ({ product, version }: Classified): string => `${product}\n${version}`;

// Another cataloger's capture of the same path has another form.
const readClassified = (bytes: Uint8Array): readonly Classified[] => {
  const facts = readFacts<object>(bytes);
  const isClassified = (one: unknown): one is Classified => {
    const { product, version } = (one ?? {}) as Partial<Classified>;
    return typeof product === "string" && typeof version === "string";
  };
  return Array.isArray(facts) ? facts.filter(isClassified) : [];
};
