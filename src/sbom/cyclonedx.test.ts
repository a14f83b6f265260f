import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { parseStrict } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";
import { writeCycloneDx } from "#sbom/cyclonedx.ts";
import { isLicenseId } from "#sbom/cyclonedx/isLicenseId.ts";
import type { CycloneDxVersion } from "#sbom/cyclonedx/version.ts";
import type { Package } from "#sbom/package.ts";
import type { Sbom } from "#sbom/sbom.ts";
import { schemaErrors } from "../../test/fakes/cyclonedxSchema.ts";

const VERSIONS = ["1.4", "1.5", "1.6"] as const;
const VALIDATORS = { "1.4": schemaErrors("1.4"), "1.5": schemaErrors("1.5"), "1.6": schemaErrors("1.6") };

const packageOf = (name: string, more: Partial<Package> = {}): Package => ({
  id: `pkg:npm/${name}@1.0.0`,
  type: "npm",
  name,
  version: "1.0.0",
  purl: `pkg:npm/${name}@1.0.0`,
  licenses: [],
  occurrences: [{ path: `app/node_modules/${name}/package.json`, layer: 0 }],
  introducedIn: 0,
  foundBy: "npm",
  ...more,
});

const sbomOf = (more: Partial<Sbom> = {}): Sbom => ({
  image: {
    name: "Team/Shop",
    digest: digestOf("manifest"),
    platform: { os: "linux", architecture: "arm64", variant: "v8" },
    configDigest: digestOf("config"),
    created: "2025-01-02T05:04:05.678+02:00",
  },
  distro: { id: "debian", versionId: "12.15", prettyName: "Debian GNU/Linux 12", idLike: [] },
  layers: [{ index: 0, digest: digestOf("blob"), diffId: digestOf("tar"), createdBy: "COPY . /app" }],
  packages: [],
  edges: [],
  unknowns: [],
  completeness: { "os-release": "complete", npm: "incomplete", dpkg: "complete", apk: "complete" },
  gaps: { npm: 1, dpkg: 0, apk: 2 },
  direct: [],
  base: undefined,
  ...more,
});

const FULL = sbomOf({
  packages: [
    packageOf("a", {
      namespace: "@s",
      licenses: [{ expression: "MIT" }, { expression: "Elastic-2.0" }],
      supplier: "A B <a@e.org> (https://e.org)",
      description: "does\nthings",
      homepage: "https://e.org/x?y=1#z",
      hashes: [{ algorithm: "SHA-512", hex: "07".repeat(64) }],
      properties: { resolved: "https://r.e.org/a.tgz", dev: "true" },
      ownedBy: "pkg:deb/debian/bash@5",
    }),
    packageOf("b", { licenses: [{ expression: "MIT OR ISC" }, { expression: "Zlib" }], homepage: "https://e.org/{x}" }),
    packageOf("c", { licenses: [{ name: "GPL-3" }, { name: "MIT" }], supplier: "<broken" }),
    { ...packageOf("d"), version: undefined, unknownReason: "states none" },
    packageOf("bash", {
      id: "pkg:deb/debian/bash@5",
      purl: "pkg:deb/debian/bash@5",
      type: "deb",
      namespace: "debian",
      foundBy: "dpkg",
      supplier: "M <m@e.org>",
    }),
    packageOf("toml", {
      id: "pkg:golang/e.org/B/toml@v1",
      purl: "pkg:golang/e.org/B/toml@v1",
      type: "golang",
      namespace: "e.org/B",
      foundBy: "go-binary",
    }),
  ],
  unknowns: [{ path: "app/x", layer: 0, reason: "cut" }],
});

type Document = JsonObject & {
  readonly serialNumber: string;
  readonly metadata: JsonObject & { readonly component: JsonObject & { readonly "bom-ref": string } };
  readonly components: readonly JsonObject[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
};

const write = (sbom: Sbom, version: CycloneDxVersion = "1.6"): Document => {
  const bytes = writeCycloneDx(sbom, version, "0.1.0");
  parseStrict(bytes, "document");
  return JSON.parse(Buffer.from(bytes).toString()) as Document;
};
const component = (document: Document, name: string): JsonObject | undefined =>
  document.components.find((one) => one["name"] === name);
const needsOf = (document: Document, ref: string): readonly string[] | undefined =>
  document.dependencies.find((one) => one.ref === ref)?.dependsOn;

describe("writeCycloneDx", () => {
  it.each(VERSIONS)("is valid under the schema of %s, full and empty", (version) => {
    expect(VALIDATORS[version](write(FULL, version))).toEqual([]);
    expect(VALIDATORS[version](write(sbomOf({ distro: undefined, layers: [] }), version))).toEqual([]);
  });

  it("is checked by a schema that refuses", () => {
    const licenses = [{ license: { id: "NO-SUCH-ID" } }];
    const wrong = { ...write(FULL), components: [{ type: "library", name: "x", licenses }] };
    expect(VALIDATORS["1.6"](wrong)).not.toEqual([]);
  });

  it("describes the image as the root component, without host and tag", () => {
    const { metadata } = write(FULL);
    const purl = `pkg:oci/shop@${digestOf("manifest")}?arch=arm64`;
    expect(metadata).toMatchObject({ timestamp: "2025-01-02T03:04:05Z", lifecycles: [{ phase: "post-build" }] });
    expect(metadata.component).toMatchObject({
      type: "container",
      "bom-ref": purl,
      purl,
      name: "Team/Shop",
      version: digestOf("manifest"),
      hashes: [{ alg: "SHA-256", content: digestOf("manifest").slice(7) }],
    });
    expect(metadata.component["properties"]).toEqual([
      { name: "waybill:base:layers", value: "unknown" },
      { name: "waybill:image:architecture", value: "arm64" },
      { name: "waybill:image:configDigest", value: digestOf("config") },
      { name: "waybill:image:os", value: "linux" },
      { name: "waybill:image:variant", value: "v8" },
      { name: "waybill:layer:0:diffId", value: digestOf("tar") },
      { name: "waybill:layer:0:digest", value: digestOf("blob") },
      { name: "waybill:layer:0:createdBy", value: "COPY . /app" },
    ]);
    expect(metadata["properties"]).toEqual([
      { name: "waybill:ecosystem:apk", value: "none found, 2 gaps" },
      { name: "waybill:ecosystem:dpkg", value: "1 found" },
      { name: "waybill:ecosystem:npm", value: "4 found, 1 gap" },
      { name: "waybill:unknown", value: "/app/x in layer 0: cut" },
    ]);
  });

  it("tells layers and packages of the base image from the image's own", () => {
    const base = { source: "given", digest: digestOf("base"), layers: 1 } as const;
    const packages = [packageOf("old"), packageOf("new", { introducedIn: 1 })];
    const document = write(sbomOf({ base, packages }));
    expect(document.metadata.component["properties"]).toEqual(
      expect.arrayContaining([
        { name: "waybill:base:digest", value: digestOf("base") },
        { name: "waybill:base:layers", value: "1" },
        { name: "waybill:base:source", value: "given" },
        { name: "waybill:layer:0:base", value: "true" },
      ]),
    );
    const isBase = (name: string): unknown => {
      const properties = component(document, name)?.["properties"] as readonly { name: string; value: string }[];
      return properties.find((one) => one.name === "waybill:layer:base")?.value;
    };
    expect([isBase("old"), isBase("new")]).toEqual(["true", "false"]);
  });

  it("says where the image lies when it is told", () => {
    const image = { ...FULL.image, tag: "1.0", repositoryUrl: "r.e.org/team/shop" };
    const { component: root } = write({ ...FULL, image }).metadata;
    expect(root["purl"]).toBe(
      `pkg:oci/shop@${digestOf("manifest")}?arch=arm64&repository_url=r.e.org%2Fteam%2Fshop&tag=1.0`,
    );
  });

  it("describes packages", () => {
    const document = write(FULL);
    expect(component(document, "a")).toEqual({
      type: "library",
      "bom-ref": "pkg:npm/a@1.0.0",
      authors: [{ name: "A B", email: "a@e.org" }],
      group: "@s",
      name: "a",
      version: "1.0.0",
      description: "does\nthings",
      hashes: [{ alg: "SHA-512", content: "07".repeat(64) }],
      licenses: [
        { license: { id: "MIT", acknowledgement: "declared" } },
        { license: { id: "Elastic-2.0", acknowledgement: "declared" } },
      ],
      cpe: "cpe:2.3:a:s:a:1.0.0:*:*:*:*:node.js:*:*",
      purl: "pkg:npm/a@1.0.0",
      externalReferences: [
        { type: "distribution", url: "https://r.e.org/a.tgz" },
        { type: "website", url: "https://e.org/x?y=1#z" },
      ],
      properties: [
        { name: "waybill:cpe:source", value: "derived" },
        { name: "waybill:layer:introducedIn", value: "0" },
        { name: "waybill:package:foundBy", value: "npm" },
        { name: "waybill:package:ownedBy", value: "pkg:deb/debian/bash@5" },
        { name: "waybill:package:dev", value: "true" },
        { name: "waybill:package:resolved", value: "https://r.e.org/a.tgz" },
        { name: "waybill:package:type", value: "npm" },
      ],
      evidence: {
        identity: [{ field: "purl", confidence: 1, methods: [{ technique: "manifest-analysis", confidence: 1 }] }],
        occurrences: [{ location: "/app/node_modules/a/package.json" }],
      },
    });
    expect(component(document, "debian")).toMatchObject({ type: "operating-system", version: "12.15" });
    expect(component(document, "bash")).toMatchObject({ supplier: { name: "M", contact: [{ email: "m@e.org" }] } });
    expect(component(document, "e.org/B/toml")).toBeDefined();
    expect(component(document, "d")).not.toHaveProperty("version");
    expect(component(document, "b")).not.toHaveProperty("externalReferences");
  });

  it("writes licences as one expression, as ids, or as names, never mixed with an expression", () => {
    const licensesOf = (name: string, version: CycloneDxVersion): unknown =>
      component(write(FULL, version), name)?.["licenses"];
    expect(licensesOf("b", "1.5")).toEqual([{ expression: "(MIT OR ISC) AND Zlib" }]);
    expect(licensesOf("c", "1.5")).toEqual([{ license: { name: "GPL-3" } }, { license: { id: "MIT" } }]);
    // Elastic-2.0 came to the SPDX list after CycloneDX 1.4 had closed its own.
    expect(licensesOf("a", "1.4")).toEqual([{ license: { id: "MIT" } }, { license: { name: "Elastic-2.0" } }]);
    expect([isLicenseId("GPL-2.0", "1.6"), isLicenseId("toString", "1.6"), isLicenseId("MIT", "1.4")]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("keeps to what older versions know", () => {
    const old = write(FULL, "1.4");
    expect(old.metadata).not.toHaveProperty("lifecycles");
    expect(old.metadata["tools"]).toEqual([{ vendor: "Waybill", name: "waybill", version: "0.1.0" }]);
    expect(component(old, "a")).not.toHaveProperty("evidence");
    expect(component(old, "a")?.["properties"]).toContainEqual({
      name: "waybill:location:0",
      value: "/app/node_modules/a/package.json",
    });
    expect(component(write(FULL, "1.5"), "a")?.["author"]).toBe("A B <a@e.org> (https://e.org)");
  });

  it("links every component to the root, cycles and orphans too", () => {
    const id = (name: string): string => `pkg:npm/${name}@1.0.0`;
    const names = ["asked", "dep", "orphan", "ring1", "ring2"];
    const document = write(
      sbomOf({
        packages: names.map((name) => packageOf(name)),
        edges: [
          ["asked", "dep"],
          ["orphan", "asked"],
          ["ring1", "ring2"],
          ["ring2", "ring1"],
        ].map(([from = "", to = ""]) => ({ from: id(from), to: id(to) })),
        direct: [id("asked")],
      }),
    );
    const root = document.metadata.component["bom-ref"];
    expect(needsOf(document, root)).toEqual(["os:debian@12.15", id("asked"), id("orphan"), id("ring1")]);
    expect(needsOf(document, id("dep"))).toEqual([]);
    expect(document.dependencies).toHaveLength(names.length + 2);
  });

  it("names what a package is called besides, who owns it, and where its licences stand", () => {
    const cpes = ["cpe:2.3:a:nodejs:node.js:18.19.0:*:*:*:*:*:*:*"];
    const other = { foundBy: "binary", cpes, technique: "binary-analysis", confidence: 0.9 } as const;
    const one = packageOf("bash", {
      type: "deb",
      ownedBy: "b",
      sameAs: [{ purl: "pkg:generic/node@18.19.0", ...other }],
      licenses: [{ name: "x" }],
      licenseSource: "/usr/share/doc/bash/copyright",
    });
    expect(component(write(sbomOf({ packages: [one] })), "bash")).toMatchObject({
      properties: [
        { name: "waybill:layer:introducedIn", value: "0" },
        { name: "waybill:license:source", value: "/usr/share/doc/bash/copyright" },
        { name: "waybill:package:foundBy", value: "npm" },
        { name: "waybill:package:ownedBy", value: "b" },
        { name: "waybill:package:sameAs", value: "pkg:generic/node@18.19.0" },
        { name: "waybill:package:sameAs:foundBy", value: "binary" },
        { name: "waybill:package:sameAs:cpe", value: cpes[0] },
        { name: "waybill:package:type", value: "deb" },
      ],
      evidence: {
        identity: [
          {
            methods: [
              { technique: "manifest-analysis", confidence: 1 },
              { technique: "binary-analysis", confidence: 0.9 },
            ],
          },
        ],
      },
    });
    expect(component(write(sbomOf({ packages: [one] })), "bash")).not.toHaveProperty("cpe");
  });

  it("names programs by the CPE that is known, and cuts long descriptions", () => {
    const cpes = ["cpe:2.3:a:nodejs:node.js:18.19.0:*:*:*:*:*:*:*", "cpe:2.3:a:x:y:18.19.0:*:*:*:*:*:*:*"];
    const found = { technique: "binary-analysis", confidence: 0.9, description: "d".repeat(600) } as const;
    const node = packageOf("node", { type: "generic", isApplication: true, cpes, ...found });
    expect(component(write(sbomOf({ packages: [node] })), "node")).toMatchObject({
      type: "application",
      cpe: cpes[0],
      description: `${"d".repeat(500)}...`,
      properties: [{ name: "waybill:cpe", value: cpes[1] }, { name: "waybill:cpe:source", value: "known" }, {}, {}, {}],
      evidence: {
        identity: [{ confidence: 0.9, methods: [{ technique: "binary-analysis", confidence: 0.9 }] }],
      },
    });
  });

  it("says how complete it is", () => {
    const root = `pkg:oci/shop@${digestOf("manifest")}?arch=arm64`;
    const npm = ["a", "b", "c", "d"].map((name) => `pkg:npm/${name}@1.0.0`);
    expect(write(FULL)["compositions"]).toEqual([
      { aggregate: "incomplete", assemblies: [root], dependencies: [root] },
      { "bom-ref": "composition:dpkg", aggregate: "complete", dependencies: ["pkg:deb/debian/bash@5"] },
      { "bom-ref": "composition:go-binary", aggregate: "unknown", dependencies: ["pkg:golang/e.org/B/toml@v1"] },
      { "bom-ref": "composition:npm", aggregate: "incomplete", dependencies: npm },
    ]);
    expect(write(FULL, "1.4")["compositions"]).toContainEqual({ aggregate: "incomplete", dependencies: npm });
    expect(write(sbomOf())["compositions"]).toEqual([
      { aggregate: "unknown", assemblies: [root], dependencies: [root] },
    ]);
  });

  it("gives the same bytes for the same content, and another number for other content", () => {
    expect(writeCycloneDx(FULL, "1.6", "0.1.0")).toEqual(writeCycloneDx(structuredClone(FULL), "1.6", "0.1.0"));
    const numbers = [write(FULL), write(FULL, "1.5"), write(sbomOf())].map((one) => one.serialNumber);
    expect(new Set(numbers).size).toBe(3);
    for (const number of numbers)
      expect(number).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
  });

  it("leaves out a time that is none", () => {
    const untimed = (created: string | undefined): JsonObject =>
      write(sbomOf({ image: { ...sbomOf().image, created } })).metadata;
    for (const created of [undefined, "", "yesterday", "+020000-01-01T00:00:00Z"]) {
      expect(untimed(created)).not.toHaveProperty("timestamp");
    }
  });

  it("is valid and strict whatever the packages say", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.webUrl(),
      fc.constantFrom("A <b@c.de>", "MIT AND", "\uD800"),
    );
    const odd = fc.record({
      supplier: text,
      description: text,
      homepage: text,
      path: text,
      license: text,
      reason: text,
    });
    fc.assert(
      fc.property(odd, fc.constantFrom(...VERSIONS), ({ path, license, reason, ...more }, version) => {
        const one = packageOf("a", { ...more, licenses: [{ name: license }], occurrences: [{ path, layer: 0 }] });
        const sbom = sbomOf({ packages: license === "" ? [] : [one], unknowns: [{ path, layer: 0, reason }] });
        expect(VALIDATORS[version](write(sbom, version))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
