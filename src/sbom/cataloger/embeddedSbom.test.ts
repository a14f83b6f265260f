import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apk } from "#sbom/cataloger/apk.ts";
import { embeddedSbom } from "#sbom/cataloger/embeddedSbom.ts";
import { osRelease } from "#sbom/cataloger/osRelease.ts";
import { applyStatements } from "#sbom/embedded/applyStatements.ts";
import { findSbomLayer } from "#sbom/embedded/findSbomLayer.ts";
import type { Statement } from "#sbom/embedded/statement.ts";
import type { Package } from "#sbom/package.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";

const APK_DB = "usr/lib/apk/db/installed";
const APK_SBOM = "var/lib/db/sbom/musl-1-r0.spdx.json";
const LAUNCH = "layers/sbom/launch/paketo-buildpacks_node-engine";

const state = (layers: readonly FakeLayer[], sbomLayer?: number): readonly Statement[] =>
  embeddedSbom.catalog({ ...fakeImage(layers, [embeddedSbom]).view, sbomLayer }).statements ?? [];
const join = (layers: readonly FakeLayer[], sbomLayer?: number): readonly Package[] =>
  applyStatements(apk.catalog(fakeImage(layers, [osRelease, apk]).view).packages, state(layers, sbomLayer));

const spdx = (more: object, rest: object = {}): string =>
  JSON.stringify({
    spdxVersion: "SPDX-2.3",
    packages: [
      {
        SPDXID: "SPDXRef-musl",
        externalRefs: [
          { referenceType: "purl", referenceLocator: "pkg:apk/wolfi/musl@1-r0?arch=x86_64" },
          { referenceType: "cpe23Type", referenceLocator: "cpe:2.3:a:musl-libc:musl:1:*:*:*:*:*:*:*" },
          { referenceType: "cpe23Type", referenceLocator: "cpe:2.3:a:short" },
        ],
        ...more,
      },
      {
        SPDXID: "SPDXRef-source",
        externalRefs: [{ referenceType: "purl", referenceLocator: "pkg:github/example/musl@v1" }],
      },
    ],
    ...rest,
  });
const RELATION = {
  relationships: [
    { spdxElementId: "SPDXRef-musl", relatedSpdxElement: "SPDXRef-source", relationshipType: "GENERATED_FROM" },
  ],
};
const OS = { "etc/os-release": "ID=wolfi\n" };

describe("embedded SBOMs", () => {
  it("fill in what apk's evidence does not say, and name the file", () => {
    const claims = {
      licenseDeclared: "MIT",
      supplier: "Organization: Example (a@e.org)",
      homepage: "NOASSERTION",
      checksums: [
        { algorithm: "SHA256", checksumValue: "AB".repeat(32) },
        { algorithm: "SHA1", checksumValue: "short" },
      ],
    };
    const [musl, ...others] = join([
      { ...OS, [APK_DB]: "P:musl\nV:1-r0\nA:x86_64\nU:https://musl\n\n", [APK_SBOM]: spdx(claims, RELATION) },
    ]);
    expect(others).toEqual([]);
    expect(musl).toMatchObject({
      purl: "pkg:apk/wolfi/musl@1-r0?arch=x86_64&distro=wolfi",
      licenses: [{ expression: "MIT" }],
      licenseSource: APK_SBOM,
      supplier: "Example <a@e.org>",
      homepage: "https://musl",
      cpes: ["cpe:2.3:a:musl-libc:musl:1:*:*:*:*:*:*:*"],
      hashes: [{ algorithm: "SHA-256", hex: "ab".repeat(32) }],
      properties: { sourcePurl: "pkg:github/example/musl@v1" },
    });
    expect(musl?.properties?.["derivedFrom"]).toMatch(
      /^licenses, supplier, cpes, hashes, sourcePurl: \/var\/lib\/db\/sbom\/musl-1-r0\.spdx\.json sha256:[0-9a-f]{64}$/,
    );
  });

  it("replace nothing, add no package, and give no hash of another architecture", () => {
    const layer = { ...OS, [APK_DB]: "P:musl\nV:1-r0\nA:aarch64\nL:MIT\nm:M\n\n" };
    const claims = { licenseDeclared: "ISC", supplier: "Person: Evil", checksums: [] };
    const hash = { checksums: [{ algorithm: "SHA1", checksumValue: "a".repeat(40) }] };
    const [musl, ...others] = join([{ ...layer, [APK_SBOM]: spdx({ ...claims, ...hash }) }]);
    expect(others).toEqual([]);
    expect(musl).toMatchObject({ licenses: [{ expression: "MIT" }], supplier: "M" });
    expect(musl?.hashes).toBeUndefined();
    expect(join([layer])[0]?.properties?.["derivedFrom"]).toBeUndefined();
    expect(join([{ [APK_SBOM]: spdx(claims) }], 0)).toEqual([]);
  });

  it("list a package of the launch SBOMs that nothing else knows, once, as a claim", () => {
    const cdx = JSON.stringify({
      components: [
        {
          purl: "pkg:generic/node@v20.18.0",
          components: [{ purl: "pkg:npm/inner@1.0.0", licenses: [{ license: { id: "MIT" } }, { expression: "ISC" }] }],
        },
        { purl: "pkg:apk/wolfi/musl@9" },
        { purl: "pkg:npm/no-version" },
        { purl: "pkg:swift/github.com/a/b@1" },
        { purl: "no purl" },
        { name: "nothing" },
      ],
    });
    const syft = JSON.stringify({
      artifacts: [{ purl: "pkg:generic/node@20.18.0", licenses: ["MIT", { value: "x", spdxExpression: "ISC" }] }],
    });
    const layers = [
      { ...OS, [APK_DB]: "P:musl\nV:1-r0\n\n" },
      {
        [`${LAUNCH}/node/sbom.cdx.json`]: cdx,
        [`${LAUNCH}/node/sbom.syft.json`]: syft,
        "layers/sbom/launch/sbom.legacy.json": cdx,
      },
    ];
    const claimed = join(layers, 1).filter((one) => one.foundBy === "embedded-sbom");
    expect(claimed.map((one) => [one.purl, one.confidence, one.introducedIn, one.licenses])).toEqual([
      ["pkg:generic/node@v20.18.0", 0.5, 1, []],
      ["pkg:npm/inner@1.0.0", 0.5, 1, [{ expression: "MIT" }, { expression: "ISC" }]],
    ]);
    expect(claimed[0]?.properties).toMatchObject({ claim: "true" });
    expect(claimed[0]?.technique).toBe("attestation");
    // The config's label names another layer, or none: the files are anybody's.
    expect(join(layers, 0).map((one) => one.foundBy)).toEqual(["apk"]);
    expect(join(layers).map((one) => one.foundBy)).toEqual(["apk"]);
  });

  it("are stated as unreadable where they are", () => {
    const deep = `${"[".repeat(100)}${"]".repeat(100)}`;
    const files = { [APK_SBOM]: '{"packages":', "var/lib/db/sbom/deep.spdx.json": deep };
    const image = fakeImage([files], [embeddedSbom]);
    expect(image.unknowns.map((one) => one.path)).toEqual(Object.keys(files));
  });

  it("answer any document", () => {
    const word = fc.constantFrom("packages", "components", "artifacts", "purl", "licenses", "externalRefs", "hashes");
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom("pkg:npm/a@1", "MIT", null, 1, "purl"),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(word, tie("tree"), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (document) => {
        const text = JSON.stringify(document);
        const files = { [APK_SBOM]: text, [`${LAUNCH}/sbom.cdx.json`]: text, [`${LAUNCH}/sbom.syft.json`]: text };
        const listed = join([files], 0).map((one) => one.purl);
        expect([[], ["pkg:npm/a@1"]]).toContainEqual(listed);
      }),
    );
  });
});

describe("findSbomLayer", () => {
  const { layers } = fakeImage([{}, {}], []).view;
  const label = (value: string): Record<string, string> => ({ "io.buildpacks.lifecycle.metadata": value });
  it.each([
    [label(JSON.stringify({ sbom: { sha: layers[1]?.diffId } })), 1],
    [label(JSON.stringify({ sbom: { sha: `sha256:${"f".repeat(64)}` } })), undefined],
    [label("{}"), undefined],
    [label("no JSON"), undefined],
    [{}, undefined],
  ])("%j", (labels, index) => expect(findSbomLayer(labels, layers)).toBe(index));
});
