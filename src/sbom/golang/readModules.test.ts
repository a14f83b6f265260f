import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mainVersion } from "#sbom/golang/mainVersion.ts";
import { readModules } from "#sbom/golang/readModules.ts";

const lines = (...all: readonly string[]): string => all.map((line) => line.replaceAll(" ", "\t")).join("\n");

describe("readModules", () => {
  it("reads modules, replacements and settings", () => {
    const read = readModules(
      `${lines("path e.org/a/cmd", "mod e.org/a (devel)", "dep e.org/b v1.0.0 h1:x=", "dep e.org/c v1.0.0", "=> ./fork (devel)", "", "dep e.org/d v1", "=> e.org/e v2 h1:y=")}\nbuild\t-ldflags="-s -X \\"main.v=1\\""\nbuild\tGOOS=linux\n`,
    );
    expect(read.path).toBe("e.org/a/cmd");
    expect(read.main).toEqual({ path: "e.org/a", version: "(devel)", sum: undefined, replacement: undefined });
    expect(read.dependencies.map((one) => [one.path, one.sum, one.replacement?.path, one.replacement?.sum])).toEqual([
      ["e.org/b", "h1:x=", undefined, undefined],
      ["e.org/c", undefined, "./fork", undefined],
      ["e.org/d", undefined, "e.org/e", "h1:y="],
    ]);
    expect(Object.fromEntries(read.settings)).toEqual({ "-ldflags": '-s -X "main.v=1"', GOOS: "linux" });
    expect(read.refused).toBe(0);
  });

  it("counts what names no module", () => {
    expect(readModules("dep\te.org/\u0000\tv1\ndep\te.org/b\tv1 2\n").refused).toBe(2);
  });

  it("answers any text", () => {
    const piece = fc.constantFrom("mod", "dep", "=>", "build", "\t", "\n", '"', "=", "a", "v1");
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const read = readModules(pieces.join(""));
        expect(read.dependencies.length).toBeLessThanOrEqual(pieces.length);
        expect(mainVersion(read)).not.toBe("(devel)");
      }),
    );
  });
});

describe("mainVersion", () => {
  const versionOf = (version: string, ...settings: readonly string[]): string | undefined =>
    mainVersion(readModules(`mod\te.org/a\t${version}\n${settings.map((one) => `build\t${one}\n`).join("")}`));

  it("takes what is stated", () => expect(versionOf("v1.0.0", '-ldflags="-X main.version=v2.0.0"')).toBe("v1.0.0"));

  it("takes what the linker was told, the program's own variable first", () => {
    expect(versionOf("(devel)", '-ldflags="-s -w -X main.version=v1.2.3"')).toBe("v1.2.3");
    expect(
      versionOf("(devel)", "-ldflags=\"-X 'e.org/lib.Version=3.0.0' -X e.org/a/internal.appVersion=1.2.3-rc.1\""),
    ).toBe("v1.2.3-rc.1");
    expect(versionOf("(devel)", '-ldflags="-X main.goVersion=1.21.0 -X main.apiVersion=2.0.0"')).toBeUndefined();
    expect(versionOf("(devel)", '-ldflags="-X k8s.io/component-base/version.gitVersion=v1.28.0"')).toBe("v1.28.0");
    expect(versionOf("(devel)", '-ldflags="-X main.version=dev -X main.versionDate=1.2.3"')).toBeUndefined();
  });

  it("makes a pseudo-version of the commit", () => {
    const commit = ["vcs.revision=8d17b63e47a95c7c5da905647f76ee1ab5c8f428", "vcs.time=2025-01-02T03:04:05Z"];
    expect(versionOf("(devel)", ...commit)).toBe("v0.0.0-20250102030405-8d17b63e47a9");
    expect(versionOf("", ...commit, "vcs.modified=true")).toBe("v0.0.0-20250102030405-8d17b63e47a9+dirty");
    expect(versionOf("", "vcs.revision=xyz")).toBeUndefined();
  });
});
