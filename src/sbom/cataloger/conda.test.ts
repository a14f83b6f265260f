import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { conda } from "#sbom/cataloger/conda.ts";
import { python } from "#sbom/cataloger/python.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";
import { scan, scanInput } from "../../../test/fakes/scanBench.ts";

const catalog = (...layers: readonly FakeLayer[]): Findings => conda.catalog(fakeImage(layers, [conda]).view);
const PREFIX = "opt/conda";
const record = (name: string, more: object = {}, prefix = PREFIX): FakeLayer => ({
  [`${prefix}/conda-meta/${name}-1.0-0.json`]: JSON.stringify({
    name,
    version: "1.0",
    build: "0",
    depends: [],
    ...more,
  }),
});

describe("conda", () => {
  it("reads a record", () => {
    const found = catalog(
      record("numpy", {
        version: "1.26.4",
        build: "py311h64a7726_0",
        channel: "https://conda.anaconda.org/t/SECRET/conda-forge/linux-64",
        subdir: "linux-64",
        fn: "numpy-1.26.4-py311h64a7726_0.conda",
        license: "BSD-3-Clause",
        md5: "a".repeat(32),
        sha256: "b".repeat(64),
        requested_spec: "numpy",
        depends: ["python >=3.11,<3.12.0a0", "__glibc >=2.17", "conda-forge::libblas  >=3.9.0"],
      }),
      record("python", { requested_spec: "None", channel: "pkgs/main" }),
      record("libblas", { channel: "https://repo.anaconda.com/pkgs/main/linux-64", subdir: "linux-64" }),
    );
    const purl = "pkg:conda/numpy@1.26.4?build=py311h64a7726_0&channel=conda-forge&subdir=linux-64&type=conda";
    expect(found.packages[1]).toEqual({
      id: purl,
      type: "conda",
      name: "numpy",
      version: "1.26.4",
      purl,
      licenses: [{ expression: "BSD-3-Clause" }],
      licenseSource: "license",
      hashes: [
        { algorithm: "MD5", hex: "a".repeat(32) },
        { algorithm: "SHA-256", hex: "b".repeat(64) },
      ],
      occurrences: [{ path: `${PREFIX}/conda-meta/numpy-1.0-0.json`, layer: 0 }],
      introducedIn: 0,
      foundBy: "conda",
    });
    expect(found.edges.map(({ to }) => to)).toEqual([
      "pkg:conda/libblas@1.0?build=0&channel=main&subdir=linux-64",
      "pkg:conda/python@1.0?build=0&channel=main",
    ]);
    expect(found).toMatchObject({ direct: [purl], completeness: "complete", unknowns: [] });
  });

  it("keeps edges within a prefix", () => {
    const found = catalog({ ...record("a", { depends: ["b"] }), ...record("b", {}, "opt/other") });
    expect(found).toMatchObject({ edges: [], completeness: "incomplete" });
  });

  it("owns the files that it lists, under the prefix", () => {
    const metadata = "lib/python3.11/site-packages/numpy-1.26.4.dist-info/METADATA";
    const found = catalog({
      ...record("numpy", { files: [metadata, "lib/numpy/a.py", 3] }),
      [`${PREFIX}/${metadata}`]: "x",
    });
    const files = new Set([`${PREFIX}/${metadata}`, metadata]);
    expect(found.owned?.(files)).toEqual(new Map([[`${PREFIX}/${metadata}`, "pkg:conda/numpy@1.0?build=0"]]));
  });

  it("owns Python packages, which become one with it where they are the same", async () => {
    const site = "lib/python3.11/site-packages";
    const [own, beside] = [`${site}/numpy-1.0.dist-info/METADATA`, `${site}/rich-2.0.dist-info/METADATA`];
    const numpy = JSON.stringify({ name: "numpy", version: "1.0", depends: [], files: [own] });
    const input = scanInput([
      [
        { name: `${PREFIX}/conda-meta/numpy-1.0-0.json`, body: numpy },
        { name: `${PREFIX}/${own}`, body: "Name: numpy\nVersion: 1.0\n" },
        { name: `${PREFIX}/${beside}`, body: "Name: rich\nVersion: 2.0\nRequires-Dist: numpy\n" },
      ],
    ]);
    const { packages, edges } = await scan(input, { catalogers: [conda, python] });
    expect(packages.map(({ id }) => id)).toEqual(["pkg:conda/numpy@1.0", "pkg:pypi/rich@2.0"]);
    expect(packages[0]?.occurrences.map(({ path }) => path)).toContain(`${PREFIX}/${own}`);
    expect(edges).toEqual([{ from: "pkg:pypi/rich@2.0", to: "pkg:conda/numpy@1.0" }]);
  });

  it("states what it cannot read, and keeps the rest", () => {
    const { view, unknowns } = fakeImage(
      [
        {
          ...record("a"),
          "conda-meta/b-1-0.json": "{",
          "conda-meta/c-1-0.json": '{"name":"c c"}',
          "conda-meta/history": "",
        },
      ],
      [conda],
    );
    const found = conda.catalog(view);
    expect(found.packages.map(({ name }) => name)).toEqual(["a"]);
    expect(unknowns).toMatchObject([{ path: "conda-meta/b-1-0.json" }]);
    expect(found.unknowns).toMatchObject([{ path: "conda-meta/c-1-0.json" }]);
    expect(catalog(record("a", { version: 3 })).packages).toMatchObject([{ version: undefined }]);
  });
});
