import { readFileSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";

interface Component {
  readonly "bom-ref": string;
  readonly name: string;
  readonly group?: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
}
interface Bom {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}
interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity?: string }>>;
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const bom = readJson("dist/sbom.cdx.json") as Bom;
const lock = readJson("package-lock.json") as Lock;
const npmName = ({ group, name }: Component): string => (group === undefined ? name : `${group}/${name}`);

const validate = () => {
  const folder = dirname(fileURLToPath(import.meta.resolve("@cyclonedx/cyclonedx-library/package.json")));
  const ajv = new Ajv.default({ strict: false, validateFormats: true });
  addFormats.default(ajv);
  // ajv-formats knows neither; both only widen what the schema checks elsewhere.
  ajv.addFormat("iri-reference", true).addFormat("idn-email", true);
  for (const part of ["spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"]) {
    ajv.addSchema(readJson(`${folder}/res/schema/${part}`) as object, `http://cyclonedx.org/schema/${part}`);
  }
  return ajv.compile(readJson(`${folder}/res/schema/bom-1.6.SNAPSHOT.schema.json`) as object);
};

describe("the bundle's SBOM", () => {
  it("is CycloneDX 1.6, and a broken one would not be", () => {
    const check = validate();
    check(bom);
    expect(check.errors).toBe(null);
    expect(check({ ...bom, components: [{ name: "x" }] })).toBe(false);
  });

  it("names each package as the lockfile has it, with the archive's hash", () => {
    expect(bom.components.length).toBeGreaterThan(0);
    for (const component of bom.components) {
      const locked = lock.packages[`node_modules/${npmName(component)}`];
      const hash = Buffer.from(component.hashes[0]?.content ?? "", "hex").toString("base64");
      expect([component.version, `sha512-${hash}`]).toEqual([locked?.version, locked?.integrity]);
      expect(component.purl).toBe(`pkg:npm/${npmName(component).replace("@", "%40")}@${component.version}`);
    }
  });

  it("names every package of which code is in a chunk", () => {
    const chunks = readdirSync("dist").filter((file) => file.endsWith(".js"));
    const regions = chunks.flatMap((file) => [
      ...readFileSync(`dist/${file}`, "utf8").matchAll(/^\/\/ .*?\bnode_modules\/((?:@[^/]+\/)?[^/]+)\//gm),
    ]);
    const inChunks = new Set(regions.map(([, name]) => name ?? ""));
    expect(inChunks.size).toBeGreaterThan(0);
    // The dashboard's pages are minified, which leaves no names: what they may import is held by a test of their own.
    const onPages = new Set(["preact", "@preact/signals", "@preact/signals-core"]);
    expect(new Set(bom.components.map(npmName))).toEqual(inChunks.union(onPages));
  });

  it("connects every package with the program", () => {
    const edges = new Map(bom.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
    const reached = new Set<string>();
    const visit = (ref: string): void => {
      if (reached.has(ref)) return;
      reached.add(ref);
      for (const next of edges.get(ref) ?? []) visit(next);
    };
    visit(bom.metadata.component["bom-ref"]);
    expect([...reached].toSorted()).toEqual([...edges.keys()].toSorted());
  });

  it("comes with every licence text", () => {
    const text = readFileSync("dist/licenses.txt", "utf8");
    for (const component of bom.components) expect(text).toContain(`\n${npmName(component)} ${component.version}\n`);
    // The shortest texts are addresses, with the authors where the licence wants them named.
    expect(text).toMatch(
      /spdx-exceptions [0-9.]+\nCC-BY-3\.0\n\nhttps:\/\/creativecommons\.org\/licenses\/by\/3\.0\/legalcode\nby The Linux/,
    );
  });
});
