import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { dotnet } from "#sbom/cataloger/dotnet.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";

const catalog = (...layers: readonly FakeLayer[]): Findings => dotnet.catalog(fakeImage(layers, [dotnet]).view);

interface Library {
  readonly type?: string;
  readonly sha512?: string;
  readonly needs?: readonly string[];
  readonly files?: readonly string[];
}

const deps = (libraries: Readonly<Record<string, Library>>, target = ".NETCoreApp,Version=v8.0/linux-x64"): string =>
  JSON.stringify({
    runtimeTarget: { name: target, signature: "" },
    targets: {
      ".NETCoreApp,Version=v8.0": {},
      [target]: Object.fromEntries(
        Object.entries(libraries).map(([key, { needs = [], files = [] }]) => [
          key,
          {
            dependencies: Object.fromEntries(needs.map((name) => [name, "1"])),
            runtime: Object.fromEntries(files.map((path) => [path, {}])),
          },
        ]),
      ),
    },
    libraries: Object.fromEntries(
      Object.entries(libraries).map(([key, { type = "package", sha512 = "" }]) => [key, { type, sha512 }]),
    ),
  });

describe("dotnet", () => {
  it("lists the application and the packages that run with it", () => {
    const found = catalog({
      "app/Shop.deps.json": deps({
        "Shop/1.4.0": { type: "project", needs: ["Meta", "Serilog", "Other", "Local"], files: ["Shop.dll"] },
        "Other/1.0.0": { type: "project", needs: ["Serilog"] },
        "Meta/2.0.0": { needs: ["serilog"] },
        "Serilog/3.1.1": { files: ["lib/Serilog.dll"], sha512: `sha512-${Buffer.alloc(64, 9).toString("base64")}` },
        "Analyzer/1.0.0": { files: ["lib/_._"] },
        "Local/0.1.0.0": { type: "reference", files: ["Local.dll"] },
        "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.10": { type: "runtimepack", files: ["System.dll"] },
      }),
    });
    expect(found.packages.map(({ purl }) => purl)).toEqual([
      "pkg:generic/Local@0.1.0.0",
      "pkg:nuget/Meta@2.0.0",
      "pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.10",
      "pkg:nuget/Serilog@3.1.1",
      "pkg:nuget/Shop@1.4.0",
    ]);
    expect(found.packages[2]).toMatchObject({
      isApplication: true,
      cpes: ["cpe:2.3:a:microsoft:.net:8.0.10:*:*:*:*:*:*:*"],
    });
    expect(found.packages[3]).toEqual({
      id: "pkg:nuget/Serilog@3.1.1",
      type: "nuget",
      name: "Serilog",
      version: "3.1.1",
      purl: "pkg:nuget/Serilog@3.1.1",
      licenses: [],
      hashes: [{ algorithm: "SHA-512", hex: "09".repeat(64) }],
      occurrences: [{ path: "app/Shop.deps.json", layer: 0 }],
      introducedIn: 0,
      foundBy: "dotnet",
      properties: { libraryType: "package", target: ".NETCoreApp,Version=v8.0/linux-x64" },
    });
    expect(found.packages[4]?.isApplication).toBe(true);
    expect(found.edges.map(({ from, to }) => `${from} > ${to}`.replaceAll("pkg:", ""))).toEqual([
      "nuget/Meta@2.0.0 > nuget/Serilog@3.1.1",
      "nuget/Shop@1.4.0 > generic/Local@0.1.0.0",
      "nuget/Shop@1.4.0 > nuget/Meta@2.0.0",
      "nuget/Shop@1.4.0 > nuget/Serilog@3.1.1",
    ]);
    expect(found.completeness).toBe("complete");
  });

  it("finds the layer of a version, and one package in several applications", () => {
    const at = (version: string): string => deps({ [`Serilog/${version}`]: { files: ["a.dll"] } });
    const found = catalog(
      { "a/A.deps.json": at("1.0.0") },
      { "a/A.deps.json": at("2.0.0"), "b/B.deps.json": at("2.0.0") },
      { "a/A.deps.json": at("2.0.0") },
    );
    expect(found.packages.map((one) => [one.version, one.introducedIn, one.occurrences.length])).toEqual([
      ["2.0.0", 1, 2],
    ]);
  });

  it("states what it cannot read, and leaves alone what is of another kind", () => {
    const image = fakeImage(
      [
        {
          "x/Cut.deps.json": "{",
          "x/Other.deps.json": '{"dependencies":{}}',
          "x/Odd.deps.json": deps({ "../evil/1": { files: ["a"] }, "NoVersion/": {}, "Fine/1.0.0": { files: ["a"] } }),
        },
      ],
      [dotnet],
    );
    const found = dotnet.catalog(image.view);
    expect(found.packages.map(({ purl }) => purl)).toEqual(["pkg:nuget/Fine@1.0.0"]);
    expect(found.unknowns.map(({ reason }) => reason)).toEqual(["2 libraries without a usable name"]);
    expect(image.unknowns.map(({ path }) => path)).toEqual(["x/Cut.deps.json"]);
  });

  it("answers any JSON", () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), fc.string(), (target, libraries, name) => {
        const text = `{"runtimeTarget":${target},"targets":{"t":${target}},"libraries":${libraries}}`;
        expect(catalog({ [`a/${name}.deps.json`]: text }).packages.every(({ purl }) => purl.startsWith("pkg:"))).toBe(
          true,
        );
      }),
    );
  });
});
