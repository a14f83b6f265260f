import { describe, expect, it } from "vitest";
import { namesCorrespond } from "#sbom/ownership/namesCorrespond.ts";
import { settleOwnership } from "#sbom/ownership/settleOwnership.ts";
import type { OwnedFindings } from "#sbom/ownership/settleOwnership.ts";
import { versionsAgree } from "#sbom/ownership/versionsAgree.ts";
import type { Package, PackageType } from "#sbom/package.ts";

const one = (type: PackageType, name: string, version: string | undefined, more: Partial<Package> = {}): Package => ({
  id: `pkg:${type}/${name}@${version ?? ""}`,
  type,
  name,
  version,
  purl: `pkg:${type}/${name}@${version ?? ""}`,
  licenses: [],
  occurrences: [{ path: name, layer: 0 }],
  introducedIn: 0,
  foundBy: type,
  ...more,
});
const at = (...paths: readonly string[]): Partial<Package> => ({
  occurrences: paths.map((path) => ({ path, layer: 1 })),
});

/** Settles what is found where the deb packages own the files that are named after their names. */
const settle = (packages: readonly Package[], more: Partial<OwnedFindings> = {}): OwnedFindings => {
  const owners = packages.filter(({ type }) => type === "deb");
  return settleOwnership(
    { packages, edges: [], direct: [], ...more },
    (files) =>
      new Map(
        [...files].flatMap((path) =>
          owners.filter(({ name }) => path.startsWith(`${name}/`)).map(({ id }) => [path, id] as const),
        ),
      ),
    new Set(["deb"]),
  );
};
const left = ({ packages }: OwnedFindings): readonly string[] =>
  packages.map(({ name, ownedBy }) => (ownedBy === undefined ? name : `${name} of ${ownedBy}`));

describe("settleOwnership", () => {
  it("makes one of a distribution's package and the module in it, with both evidences", () => {
    const owner = one("deb", "python3-yaml", "6.0-3+b2");
    const cpes = ["cpe:2.3:a:pyyaml:pyyaml:6.0:*:*:*:*:*:*:*"];
    const licenses = [{ expression: "MIT" }];
    const module = one("pypi", "pyyaml", "6.0", { ...at("python3-yaml/x"), cpes, licenses, licenseSource: "License" });
    const [found, ...more] = settle([owner, module]).packages;
    expect(more).toEqual([]);
    expect(found).toEqual({
      ...owner,
      licenses,
      licenseSource: "License",
      occurrences: [
        { path: "python3-yaml", layer: 0 },
        { path: "python3-yaml/x", layer: 1 },
      ],
      sameAs: [{ purl: "pkg:pypi/pyyaml@6.0", foundBy: "pypi", cpes, technique: "manifest-analysis", confidence: 1 }],
    });
  });

  it("keeps what a package bundles, and the one that bears its name is it", () => {
    const settled = settle([
      one("deb", "npm", "9.2.0~ds1-1"),
      one("npm", "npm", "9.2.0", at("npm/package.json")),
      one("npm", "ms", "2.1.3", at("npm/node_modules/ms/package.json")),
      one("npm", "tar", "6.1.13", at("npm/node_modules/tar/package.json")),
    ]);
    expect(left(settled)).toEqual(["npm", "ms of pkg:deb/npm@9.2.0~ds1-1", "tar of pkg:deb/npm@9.2.0~ds1-1"]);
    expect(settled.edges).toEqual([
      { from: "pkg:deb/npm@9.2.0~ds1-1", to: "pkg:npm/ms@2.1.3" },
      { from: "pkg:deb/npm@9.2.0~ds1-1", to: "pkg:npm/tar@6.1.13" },
    ]);
  });

  it("does not hide what somebody put in the place of a package's file", () => {
    const replaced = [
      one("deb", "nodejs", "18.19.0-1"),
      one("generic", "node", "22.9.0", at("nodejs/bin/node")),
      one("deb", "npm", "9.2.0-1"),
      one("npm", "npm", "10.9.0", at("npm/package.json")),
      one("deb", "acme-shop", "1.0-1"),
      one("maven", "log4j-core", "2.14.1", at("acme-shop/log4j.jar")),
    ];
    expect(left(settle(replaced)).filter((text) => text.includes(" of "))).toHaveLength(3);
  });

  it("leaves alone what is also somewhere else, or only beside", () => {
    const both = one("pypi", "six", "1.16.0", at("python3-six/x", "opt/six/x"));
    expect(left(settle([one("deb", "python3-six", "1.16.0-4"), both]))).toEqual(["python3-six", "six"]);
  });

  it("takes a program for its package however many there are, and a linked module never for being the only one", () => {
    const settled = settle([
      one("deb", "openssl", "3.0.15-1~deb12u1"),
      one("generic", "openssl", "3.0.15", at("openssl/bin")),
      one("generic", "libssl", "3.0.15", at("openssl/lib")),
      one("deb", "tool", "1.19.8-1"),
      one("golang", "stdlib", "1.19.8", at("tool/bin")),
    ]);
    expect(left(settled)).toEqual(["openssl", "tool", "stdlib of pkg:deb/tool@1.19.8-1"]);
  });

  it("shares a package among those that own its files, and knows archives by the file that they are", () => {
    const [program, library] = [one("deb", "python3.11", "3.11.2-6"), one("deb", "libpython3.11", "3.11.2-6")];
    const python = one("generic", "python", "3.11.2", at("libpython3.11/so", "python3.11/bin"));
    const jar = one("maven", "x", "2", at("libpython3.11/a.jar:META-INF/b.jar"));
    const settled = settle([program, library, python, jar, one("maven", "y", "3", at("libpython3.11/y.jar"))]);
    expect(settled.packages.map(({ occurrences }) => occurrences.map(({ path }) => path))).toEqual([
      ["python3.11", "python3.11/bin"],
      ["libpython3.11", "libpython3.11/so"],
      ["libpython3.11/a.jar:META-INF/b.jar"],
      ["libpython3.11/y.jar"],
    ]);
    expect(left(settled).slice(2)).toEqual([`x of ${library.id}`, `y of ${library.id}`]);
  });

  it("moves edges and wishes to the owner", () => {
    const [a, b] = [one("deb", "python3-a", "1-1"), one("deb", "python3-b", "2-1")];
    const [inA, inB] = [one("pypi", "a", "1", at("python3-a/x")), one("pypi", "b", "2", at("python3-b/x"))];
    const own = one("pypi", "c", "3");
    const edges = [
      { from: inA.id, to: inB.id },
      { from: a.id, to: b.id },
      { from: own.id, to: inA.id },
      { from: inA.id, to: a.id },
    ];
    const settled = settle([a, b, inA, inB, own], { edges, direct: [own.id, inA.id, a.id] });
    expect(settled.edges).toEqual([
      { from: a.id, to: b.id },
      { from: own.id, to: a.id },
    ]);
    expect(settled.direct).toEqual([a.id, own.id]);
  });
});

describe("versionsAgree", () => {
  it.each([
    ["1:2.28.1+dfsg-1", "2.28.1"],
    ["6.0-3+b2", "6.0"],
    ["0.8.0-2", "0.8"],
    ["1.2.3.dfsg1-4", "1.2.3"],
    ["17.0.13_p11-r0", "17.0.13+11"],
    ["1:17.0.13.0.11-3.el9", "17.0.13+11-LTS"],
    ["8u432-b06-2~deb", "1.8.0_432-b06"],
    ["1:1.8.0.432.b06-3.el9", "1.8.0_432-b06"],
    ["5:7.0.15-1", "v7.0.15"],
    ["1.0-1", undefined],
  ])("%s is one of %s", (distribution, upstream) => expect(versionsAgree(distribution, upstream)).toBe(true));

  it.each([
    ["18.19.0-1", "22.9.0"],
    ["18.19.0-1", "18.19.1"],
    ["3-1", "3.4.5"],
    ["1.0-1", "(devel)"],
    [undefined, "1"],
    ["", ""],
  ])("%s is not one of %s", (distribution, upstream) => expect(versionsAgree(distribution, upstream)).toBe(false));
});

describe("namesCorrespond", () => {
  it.each<readonly [string, Package]>([
    ["python3-requests", one("pypi", "requests", "1")],
    ["python39-requests", one("pypi", "requests", "1")],
    ["py3-jinja2", one("pypi", "Jinja2", "1")],
    ["python3-dateutil", one("pypi", "python-dateutil", "1")],
    ["python3-zope.interface", one("pypi", "zope-interface", "1")],
    ["node-babel-core", one("npm", "core", "1", { namespace: "@babel" })],
    ["ruby-rack", one("gem", "rack", "1")],
    ["rubygem-json", one("gem", "json", "1")],
    ["ruby3.1-json", one("gem", "json", "1")],
    ["libcommons-io-java", one("maven", "commons-io", "1", { namespace: "commons-io" })],
    ["apache-commons-io", one("maven", "commons-io", "1")],
    ["php-symfony-console", one("composer", "console", "1", { namespace: "symfony" })],
    ["prometheus-node-exporter", one("golang", "node_exporter", "1", { namespace: "github.com/prometheus" })],
    ["restic", one("golang", "v2", "1", { namespace: "github.com/restic/restic" })],
    ["ripgrep", one("cargo", "ripgrep", "1")],
  ])("%s is called after it", (name, found) => expect(namesCorrespond({ name }, found)).toBe(true));

  it.each<readonly [string, Package]>([
    ["python3-requests", one("pypi", "requests-oauthlib", "1")],
    ["node-ms", one("pypi", "ms", "1")],
    ["docker.io", one("golang", "containerd", "1", { namespace: "github.com/containerd" })],
    ["elasticsearch", one("maven", "log4j-core", "1")],
  ])("%s is not", (name, found) => expect(namesCorrespond({ name }, found)).toBe(false));
});
