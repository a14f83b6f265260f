import type { Occurrence, Package } from "#sbom/package.ts";
import type { DirectUrl } from "#sbom/python/readDirectUrl.ts";
import { normalizeName } from "#sbom/python/normalizeName.ts";
import { pythonLicenses } from "#sbom/python/pythonLicenses.ts";
import type { CoreMetadata } from "#sbom/python/readCoreMetadata.ts";
import { writePurl } from "#sbom/purl.ts";

/** What stands beside a package's metadata. */
export interface PythonEvidence {
  readonly place: Occurrence;
  readonly introducedIn: number;
  readonly directUrl: DirectUrl | undefined;
  readonly installer: string | undefined;
  /** Imported from a work tree, not from a copy. */
  readonly isEditable: boolean;
  /** Package that carries this copy inside it. */
  readonly vendoredIn: string | undefined;
  /** Copies that it carries without metadata. */
  readonly vendored: readonly string[];
  /** Name and version are those of the directory: the metadata is gone. */
  readonly isNamedByDirectory: boolean;
}

/** A Python package by its core metadata; the name as PEP 503 compares it. */
export const describePackage = (
  metadata: CoreMetadata & { readonly name: string },
  evidence: PythonEvidence,
): Package => {
  const name = normalizeName(metadata.name);
  const { directUrl, place, introducedIn } = evidence;
  const { version } = metadata;
  const purl = writePurl({ type: "pypi", name, version, qualifiers: { vcs_url: directUrl?.vcsUrl } });
  const sha256 = directUrl?.sha256;
  return {
    id: purl,
    type: "pypi",
    name,
    version,
    ...(version === undefined ? { unknownReason: "the metadata states no usable version" } : {}),
    purl,
    ...(evidence.isNamedByDirectory ? { technique: "filename" as const, confidence: 0.8 } : {}),
    ...pythonLicenses(metadata),
    ...(metadata.author === undefined ? {} : { supplier: metadata.author }),
    ...(metadata.summary === undefined ? {} : { description: metadata.summary }),
    ...(metadata.homepage === undefined ? {} : { homepage: metadata.homepage }),
    ...(sha256 === undefined ? {} : { hashes: [{ algorithm: "SHA-256" as const, hex: sha256 }] }),
    occurrences: [place],
    introducedIn,
    foundBy: "python",
    ...propertiesOf(evidence),
  };
};

const propertiesOf = (evidence: PythonEvidence): Pick<Package, "properties"> => {
  const { directUrl, installer, vendoredIn, vendored } = evidence;
  const properties = {
    ...(evidence.isEditable ? { editable: "true" } : {}),
    ...(directUrl?.url === undefined ? {} : { directUrl: directUrl.url }),
    ...(installer === undefined ? {} : { installer }),
    ...(vendoredIn === undefined ? {} : { vendoredIn }),
    ...(vendored.length === 0 ? {} : { vendored: vendored.join(", ") }),
  };
  return Object.keys(properties).length === 0 ? {} : { properties };
};
