import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import type { Json } from "#core/strictJson.ts";
import { objectsOf } from "#sbom/embedded/readFields.ts";
import { readSpdx } from "#sbom/embedded/readSpdx.ts";
import type { ClaimedPackage } from "#sbom/embedded/statement.ts";
import { writePurl } from "#sbom/purl.ts";

/** What one of Bitnami's files says: packages with package URLs of type bitnami, and pairs of those that need each other. */
export interface BitnamiFacts {
  readonly packages: readonly ClaimedPackage[];
  /** Package URLs as written. */
  readonly edges: readonly { readonly from: string; readonly to: string }[];
  /** That of the component that the file is about. */
  readonly main?: string;
}

const LIMITS = { maxBytes: 16 * 1024 * 1024, maxDepth: 64, maxValues: 1_000_000 };
const PREFIX = "pkg:bitnami/";

/** Reads `.spdx-NAME.spdx`, an SPDX 2 document in JSON. INPUT_INVALID, LIMIT_EXCEEDED. */
export const readBitnamiSpdx = (bytes: Uint8Array): BitnamiFacts => {
  const document = parseStrict(bytes, "Bitnami's SPDX document", LIMITS);
  const packages = readSpdx(document).filter(({ purl }) => purl.startsWith(PREFIX));
  const fields = isJsonObject(document) ? document : {};
  const purls = purlsById(fields["packages"]);
  const relations = objectsOf(fields["relationships"]).flatMap((one) => {
    const { spdxElementId: from, relatedSpdxElement: to, relationshipType: type } = one;
    return typeof from === "string" && typeof to === "string" ? [{ from, to, type }] : [];
  });
  const described = relations.find(({ type }) => type === "DESCRIBES");
  const main = purls.get(described?.to ?? "") ?? packages[0]?.purl;
  const edges = relations.flatMap((one) => {
    const [from, to] = [purls.get(one.from), purls.get(one.to)];
    if (from === undefined || to === undefined) return [];
    if (one.type === "CONTAINS" || one.type === "DEPENDS_ON") return [{ from, to }];
    return one.type === "CONTAINED_BY" || one.type === "DEPENDENCY_OF" ? [{ from: to, to: from }] : [];
  });
  return { packages, edges, ...(main === undefined ? {} : { main }) };
};

const purlsById = (packages: Json | undefined): ReadonlyMap<string, string> => {
  const purls = new Map<string, string>();
  for (const found of objectsOf(packages)) {
    const { SPDXID: id } = found;
    const purl = objectsOf(found["externalRefs"]).find((one) => one["referenceType"] === "purl")?.["referenceLocator"];
    if (typeof id === "string" && typeof purl === "string" && purl.startsWith(PREFIX)) purls.set(id, purl);
  }
  return purls;
};

/** Reads `.bitnami_components.json`, which images had before: `{ NAME: { version, arch, distro } }`. INPUT_INVALID, LIMIT_EXCEEDED. */
export const readBitnamiComponents = (bytes: Uint8Array): BitnamiFacts => {
  const components = parseStrict(bytes, "Bitnami's list of components", LIMITS);
  const packages = Object.entries(isJsonObject(components) ? components : {}).flatMap(([name, found]) => {
    if (!isJsonObject(found)) return [];
    const [version, arch, distro] = ["version", "arch", "distro"].map((key) => textOf(found[key]));
    return [{ purl: writePurl({ type: "bitnami", name, version, qualifiers: { arch, distro } }), licenses: [] }];
  });
  return { packages, edges: [] };
};

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === "string" && value.length <= 200 ? value : undefined;
