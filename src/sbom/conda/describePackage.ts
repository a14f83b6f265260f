import type { CondaRecord } from "#sbom/conda/readRecord.ts";
import { readLicense } from "#sbom/license/readLicense.ts";
import type { Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";

/** A conda package; its hashes are those of the archive it came in. */
export const describePackage = (
  record: CondaRecord & { readonly name: string },
  evidence: { readonly place: Occurrence; readonly introducedIn: number },
): Package => {
  const { version, build, channel, subdir, md5, sha256 } = record;
  const name = record.name.toLowerCase();
  const purl = writePurl({
    type: "conda",
    name,
    version,
    qualifiers: { build, channel, subdir, type: record.archive },
  });
  const licenses = readLicense(record.license);
  const hashes = [
    ...(md5 === undefined ? [] : [{ algorithm: "MD5" as const, hex: md5 }]),
    ...(sha256 === undefined ? [] : [{ algorithm: "SHA-256" as const, hex: sha256 }]),
  ];
  return {
    id: purl,
    type: "conda",
    name,
    version,
    ...(version === undefined ? { unknownReason: "the record states no usable version" } : {}),
    purl,
    licenses,
    ...(licenses.length === 0 ? {} : { licenseSource: "license" }),
    ...(hashes.length === 0 ? {} : { hashes }),
    occurrences: [evidence.place],
    introducedIn: evidence.introducedIn,
    foundBy: "conda",
  };
};
