import { describe, expect, it } from "vitest";
import { javaRuntime } from "#sbom/cataloger/javaRuntime.ts";
import type { Package } from "#sbom/package.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";

const catalog = (...layers: readonly FakeLayer[]): readonly Package[] =>
  javaRuntime.catalog(fakeImage(layers, [javaRuntime]).view).packages;

const runtime = (home: string, ...lines: readonly string[]): FakeLayer => ({
  [`${home}/release`]: `${lines.join("\n")}\n`,
  [`${home}/bin/java`]: "",
});

describe("java-runtime", () => {
  it.each([
    [
      "opt/java/openjdk",
      [
        'IMPLEMENTOR="Eclipse Adoptium"',
        'JAVA_RUNTIME_VERSION="21.0.4+7-LTS"',
        'JAVA_VERSION="21.0.4"',
        'OS_ARCH="x86_64"',
      ],
      "pkg:generic/oracle/openjdk@21.0.4%2B7-LTS",
      "oracle:openjdk:21.0.4:*:*:*:*:*:*:*",
    ],
    [
      "usr/lib/jvm/java-8",
      ['JAVA_VERSION="1.8.0_422"', 'FULL_VERSION="1.8.0_422-b05"', 'IMPLEMENTOR="Temurin"'],
      "pkg:generic/oracle/openjdk@1.8.0_422-b05",
      "oracle:openjdk:8:update422:*:*:*:*:*:*",
    ],
    [
      "opt/jdk",
      ['JAVA_VERSION="17.0.9"', 'FULL_VERSION="23.1"', 'BUILD_TYPE="commercial"', 'IMPLEMENTOR="Oracle Corporation"'],
      "pkg:generic/oracle/jdk@17.0.9",
      "oracle:jdk:17.0.9:*:*:*:*:*:*:*",
    ],
    [
      "opt/jre1.8.0_391",
      ['JAVA_VERSION="1.8.0_391"', 'BUILD_TYPE="commercial"', 'IMPLEMENTOR="Oracle Corporation"'],
      "pkg:generic/oracle/jre@1.8.0_391",
      "oracle:jre:1.8.0:update391:*:*:*:*:*:*",
    ],
    [
      "usr/lib/jvm/zulu21",
      ['IMPLEMENTOR="Azul Systems, Inc."', 'JAVA_VERSION="21.0.4"'],
      "pkg:generic/azul/zulu@21.0.4",
      "oracle:openjdk:21.0.4:*:*:*:*:*:*:*",
    ],
  ])("%s", (home, lines, purl, cpe) => {
    const [found] = catalog(runtime(home, ...lines));
    expect(found).toMatchObject({ purl, cpes: [`cpe:2.3:a:${cpe}`], isApplication: true, foundBy: "java-runtime" });
    expect(found?.occurrences).toEqual([{ path: `${home}/release`, layer: 0 }]);
  });

  it("takes no other program's release file for a Java runtime", () => {
    expect(
      catalog(
        { "srv/release": 'JAVA_VERSION="17"\n' },
        runtime("opt/a", "VERSION=1.0", "JAVA_VERSION=${version}"),
        runtime("opt/b", 'JAVA_VERSION="none"'),
        { "opt/c/bin/x": "", "opt/c/release/notes": "", "opt/c/os-release": 'JAVA_VERSION="17"' },
      ),
    ).toEqual([]);
  });

  it("finds the layer of a version", () => {
    const at = (version: string, more = ""): FakeLayer => runtime("opt/java", `JAVA_VERSION="${version}"`, more);
    expect(catalog(at("17.0.1"), at("17.0.2"), at("17.0.2", "X=1"))[0]).toMatchObject({
      version: "17.0.2",
      introducedIn: 1,
    });
  });
});
