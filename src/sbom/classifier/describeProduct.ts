import type { Classifier } from "#sbom/classifier/classifier.ts";
import { writeCpe } from "#sbom/cpe/writeCpe.ts";
import type { Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";

/** The package that a program or library of a known product stands for. */
export const describeProduct = (classifier: Classifier, version: string, place: Occurrence): Package => {
  const { product, license, library } = classifier;
  const [vendor = "", cpeProduct = ""] = classifier.cpe.split(":");
  const purl = writePurl({ type: "generic", name: product, version });
  const cpe = writeCpe({ vendor, product: cpeProduct, version });
  return {
    id: purl,
    type: "generic",
    name: product,
    version,
    purl,
    ...(cpe === undefined ? {} : { cpes: [cpe] }),
    ...(library === true ? {} : { isApplication: true }),
    technique: "binary-analysis",
    confidence: 0.9,
    licenses: license === undefined ? [] : [{ expression: license }],
    ...(license === undefined ? {} : { licenseSource: "classifier" }),
    occurrences: [place],
    introducedIn: place.layer,
    foundBy: "binary-classifier",
  };
};
