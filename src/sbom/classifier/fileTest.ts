import type { Classifier } from "#sbom/classifier/classifier.ts";

/** The classifiers that know a file by its path; cheap, because it is asked of every file of an image. */
export type FileTest = (path: string) => readonly Classifier[];

interface NamedClassifier {
  readonly classifier: Classifier;
  readonly name: RegExp;
}

const NONE: readonly Classifier[] = [];

export const createFileTest = (classifiers: readonly Classifier[]): FileTest => {
  const byFirst = new Map<number, NamedClassifier[]>();
  for (const classifier of classifiers) {
    for (const file of classifier.files) {
      const first = file.charCodeAt(0);
      const bucket = byFirst.get(first) ?? [];
      byFirst.set(first, bucket);
      bucket.push({ classifier, name: nameTest(file) });
    }
  }
  return (path) => {
    const start = path.lastIndexOf("/") + 1;
    const bucket = byFirst.get(path.charCodeAt(start));
    // Names of programs and libraries are short.
    if (bucket === undefined || path.length - start > 80) return NONE;
    const segment = path.slice(start);
    return bucket.filter(({ name }) => name.test(segment)).map(({ classifier }) => classifier);
  };
};

const nameTest = (file: string): RegExp => {
  const source = file.replace(/[.+[]/g, "\\$&").replaceAll("#", "\\d[\\d.]*").replace(/\*$/, "[\\w.+-]*");
  return new RegExp(`^${source}$`);
};
