import { writeCpe } from "#sbom/cpe/writeCpe.ts";
import type { JvmRelease } from "#sbom/java/readJvmRelease.ts";
import type { Occurrence, Package } from "#sbom/package.ts";
import { writePurl } from "#sbom/purl.ts";

/** A Java runtime as a package; `home` is the directory of its release file. INPUT_INVALID for an unusable name. */
export const describeJvm = (jvm: JvmRelease, home: string, place: Occurrence, introducedIn: number): Package => {
  const { vendor, product } = nameOf(jvm, home);
  const purl = writePurl({ type: "generic", namespace: vendor, name: product, version: jvm.version });
  const cpes = cpesOf(vendor, product, jvm);
  return {
    id: purl,
    type: "generic",
    namespace: vendor,
    name: product,
    version: jvm.version,
    purl,
    ...(cpes.length === 0 ? {} : { cpes }),
    isApplication: true,
    licenses: [],
    ...(jvm.implementor === undefined ? {} : { supplier: jvm.implementor }),
    occurrences: [place],
    introducedIn,
    foundBy: "java-runtime",
    properties: {
      javaVersion: jvm.javaVersion,
      ...(jvm.architecture === undefined ? {} : { architecture: jvm.architecture }),
      ...(jvm.source === undefined ? {} : { source: jvm.source }),
    },
  };
};

// Oracle's own builds are jdk and jre, Azul's zulu; all others are builds of OpenJDK, whoever made them.
const nameOf = (jvm: JvmRelease, home: string): { readonly vendor: string; readonly product: string } => {
  if (/azul/i.test(jvm.implementor ?? "")) return { vendor: "azul", product: "zulu" };
  if (!jvm.isCommercial) return { vendor: "oracle", product: "openjdk" };
  return { vendor: "oracle", product: jvm.isJdk || /jdk/i.test(home) ? "jdk" : "jre" };
};

// NVD counts updates of Java 8 and older apart: 1.8.0 update422 of jdk and jre, 8 update422 of openjdk.
const cpesOf = (vendor: string, named: string, { javaVersion }: JvmRelease): readonly string[] => {
  const product = vendor === "azul" ? "openjdk" : named;
  const [, major, update] = /^1\.(\d{1,2})\.0_(\d{1,4})$/.exec(javaVersion) ?? [];
  const old = product === "openjdk" ? major : `1.${major ?? ""}.0`;
  const version = update === undefined ? javaVersion.replace(/[+-].*$/, "") : (old ?? "");
  const cpe = writeCpe({ vendor: "oracle", product, version });
  if (cpe === undefined) return [];
  return [update === undefined ? cpe : cpe.replace(/:\*(?=(?::\*){6}$)/, `:update${update}`)];
};
