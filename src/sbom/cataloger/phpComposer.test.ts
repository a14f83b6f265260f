import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { phpComposer } from "#sbom/cataloger/phpComposer.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";

const catalog = (...layers: readonly FakeLayer[]): Findings =>
  phpComposer.catalog(fakeImage(layers, [phpComposer]).view);
const INSTALLED = "srv/vendor/composer/installed.json";
const two = (packages: readonly object[], more: object = {}): string =>
  JSON.stringify({ packages, dev: true, ...more });
const ids = (found: Findings): readonly string[] => found.packages.map(({ id }) => id);

describe("phpComposer", () => {
  it("reads the object of Composer 2", () => {
    const found = catalog({
      [INSTALLED]: two(
        [
          {
            name: "Symfony/Yaml",
            version: "v5.4.23",
            license: ["LGPL-2.1-only", "GPL-3.0-or-later"],
            authors: [{ name: "Fabien", email: "f@x.org" }],
            description: "Loads\nYAML",
            homepage: "https://symfony.com",
            source: { type: "git", url: "https://token:x@github.com/symfony/yaml.git?a=b", reference: "4cd2e3e" },
            dist: { shasum: "a".repeat(40) },
            require: { php: ">=7", "ext-json": "*", "psr/log": "^1" },
          },
          { name: "psr/log", version: "1.1.4", license: "MIT", dist: { shasum: "" } },
        ],
        { "dev-package-names": ["psr/log"] },
      ),
    });
    expect(found.packages[1]).toEqual({
      id: "pkg:composer/symfony/yaml@v5.4.23",
      type: "composer",
      namespace: "symfony",
      name: "yaml",
      version: "v5.4.23",
      purl: "pkg:composer/symfony/yaml@v5.4.23",
      licenses: [{ expression: "LGPL-2.1-only OR GPL-3.0-or-later" }],
      licenseSource: "license",
      supplier: "Fabien <f@x.org>",
      description: "Loads YAML",
      homepage: "https://symfony.com",
      hashes: [{ algorithm: "SHA-1", hex: "a".repeat(40) }],
      occurrences: [{ path: INSTALLED, layer: 0 }],
      introducedIn: 0,
      foundBy: "php-composer",
      properties: { source: "https://github.com/symfony/yaml.git", reference: "4cd2e3e" },
    });
    expect(found.packages[0]).toMatchObject({ licenses: [{ expression: "MIT" }], properties: { dev: "true" } });
    expect(found.packages[0]).not.toHaveProperty("hashes");
    expect(found.edges).toEqual([{ from: "pkg:composer/symfony/yaml@v5.4.23", to: "pkg:composer/psr/log@1.1.4" }]);
    expect(found.completeness).toBe("complete");
  });

  it("reads the list of Composer 1, and finds what stands in for a name", () => {
    const found = catalog({
      [INSTALLED]: JSON.stringify([
        { name: "a/app", version: "1", require: { "psr/log-implementation": "*", "old/name": "*" } },
        { name: "m/monolog", version: "2", provide: { "psr/log-implementation": "1" } },
        { name: "n/new", version: "3", replace: { "old/name": "self.version" } },
      ]),
    });
    expect(found.edges.map(({ to }) => to)).toEqual(["pkg:composer/m/monolog@2", "pkg:composer/n/new@3"]);
  });

  it("does not call edges complete where a requirement is not there", () => {
    const packages = [{ name: "a/app", version: "1", require: { "b/gone": "*" } }];
    expect(catalog({ [INSTALLED]: two(packages) })).toMatchObject({ edges: [], completeness: "incomplete" });
  });

  it("keeps a package without a version and states entries without a name", () => {
    const found = catalog({
      [INSTALLED]: two([{ name: "a/b" }, { version: "1" }, { name: "no-slash", version: "1" }]),
    });
    expect(found.packages).toMatchObject([{ version: undefined, unknownReason: expect.stringContaining("version") }]);
    expect(found.unknowns).toEqual([{ path: INSTALLED, layer: 0, reason: "2 entries without a usable name" }]);
    expect(found.completeness).toBe("incomplete");
  });

  it("finds vendor directories of any name, and takes no other installed.json for one", () => {
    const list = two([{ name: "a/b", version: "1" }]);
    const found = catalog({
      "srv/lib/installed.json": list,
      "srv/theme/installed.json": '[{"name":"Blue"}]',
      "srv/empty/installed.json": "[]",
      "srv/broken/installed.json": "{",
      "srv/notinstalled.json": two([{ name: "c/d", version: "1" }]),
    });
    expect(ids(found)).toEqual(["pkg:composer/a/b@1"]);
    expect(found.unknowns).toEqual([]);
  });

  it("states what it cannot read where Composer writes", () => {
    const { unknowns } = fakeImage([{ [INSTALLED]: "{" }], [phpComposer]);
    expect(unknowns).toMatchObject([{ path: INSTALLED, reason: expect.stringContaining("not valid JSON") }]);
    expect(catalog({ [INSTALLED]: '{"a":1}' }).unknowns).toHaveLength(1);
  });

  it("finds the layer in which a version came", () => {
    const [a, b] = [
      { name: "a/a", version: "1" },
      { name: "b/b", version: "1" },
    ];
    const found = catalog({ [INSTALLED]: two([a]) }, {}, { [INSTALLED]: two([a, b]) });
    expect(found.packages.map(({ introducedIn }) => introducedIn)).toEqual([0, 2]);
  });
});
