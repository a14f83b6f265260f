import { joinLicenses } from "#sbom/license/joinLicenses.ts";
import { readLicense } from "#sbom/license/readLicense.ts";
import type { NpmManifest } from "#sbom/npm/readManifest.ts";
import type { Memory } from "#sbom/npm/readPnpmLock.ts";
import type { Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";

/** A package.json with a name as a package; the memory must be of the same version. */
export const describePackage = (
  manifest: NpmManifest & { readonly name: string },
  evidence: { readonly place: Occurrence; readonly introducedIn: number; readonly memory: Memory | undefined },
): Package => {
  const slash = manifest.name.indexOf("/");
  const namespace = slash < 0 ? undefined : manifest.name.slice(0, slash);
  const name = manifest.name.slice(slash + 1);
  const purl = writePurl({ type: "npm", namespace, name, version: manifest.version });
  const { memory, place, introducedIn } = evidence;
  return {
    id: purl,
    type: "npm",
    name,
    ...(namespace === undefined ? {} : { namespace }),
    version: manifest.version,
    ...(manifest.version === undefined ? { unknownReason: "package.json states no usable version" } : {}),
    purl,
    licenses: joinLicenses(manifest.licenses.map(readLicense)),
    licenseSource: "package.json, license",
    ...(manifest.author === undefined ? {} : { supplier: manifest.author }),
    ...(manifest.description === undefined ? {} : { description: manifest.description }),
    ...(manifest.homepage === undefined ? {} : { homepage: manifest.homepage }),
    ...(memory?.sha512 === undefined ? {} : { hashes: [{ algorithm: "SHA-512" as const, hex: memory.sha512 }] }),
    occurrences: [place],
    introducedIn,
    foundBy: "npm",
    ...memoryProperties(memory),
  };
};

const memoryProperties = (memory: Memory | undefined): Pick<Package, "properties"> => {
  const resolved = memory?.resolved === undefined ? {} : { resolved: memory.resolved };
  const properties = { ...resolved, ...(memory?.dev === true ? { dev: "true" } : {}) };
  return Object.keys(properties).length === 0 ? {} : { properties };
};
