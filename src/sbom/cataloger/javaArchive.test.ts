import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Findings } from "#sbom/cataloger.ts";
import { javaArchive } from "#sbom/cataloger/javaArchive.ts";
import type { Unknown } from "#sbom/package.ts";
import { fakeImage } from "../../../test/fakes/imageView.ts";
import type { FakeLayer } from "../../../test/fakes/imageView.ts";
import { zipArchive } from "../../../test/fakes/zipBytes.ts";
import type { RawZipEntry } from "../../../test/fakes/zipBytes.ts";

type Files = Readonly<Record<string, string | Buffer>>;

const jar = (files: Files, more: readonly RawZipEntry[] = []): Buffer =>
  zipArchive([
    ...Object.entries(files).map(([name, body]) => ({ name, body, stored: name.endsWith(".jar") })),
    ...more,
  ]);

const project = (group: string, artifact: string, version: string, pom = ""): Files => ({
  [`META-INF/maven/${group}/${artifact}/pom.properties`]: `#Generated\r\nversion=${version}\ngroupId=${group}\nartifactId=${artifact}\n`,
  ...(pom === "" ? {} : { [`META-INF/maven/${group}/${artifact}/pom.xml`]: `<project>${pom}</project>` }),
});

const manifest = (...lines: readonly string[]): Files => ({
  "META-INF/MANIFEST.MF": `Manifest-Version: 1.0\r\n${lines.join("\r\n")}\r\n\r\nName: x\r\nImplementation-Version: 6\r\n`,
});

const catalog = (
  ...layers: readonly FakeLayer[]
): Findings & { readonly refused: readonly Unknown[]; readonly purls: readonly string[] } => {
  const image = fakeImage(layers, [javaArchive]);
  const found = javaArchive.catalog(image.view);
  return { ...found, refused: image.unknowns, purls: found.packages.map((one) => one.purl) };
};

const pairs = (found: Findings): readonly string[] =>
  found.edges.map(({ from, to }) => [from, to].map((id) => id.replace(/^pkg:maven\//, "")).join(" > "));

describe("java-archive", () => {
  it("describes a jar by its pom, with hashes, licences and where they come from", () => {
    const bytes = jar({
      ...manifest("Bundle-Vendor: V", "Bundle-License: MIT"),
      ...project(
        "org.e",
        "lib",
        "1.2",
        `<parent><groupId>org.e</groupId><artifactId>p</artifactId><version>9</version></parent>
         <name>Lib</name><description>Does <![CDATA[<things>]]> &amp;
         more</description><url>https://e.org</url>
         <licenses><license><name>Apache License, Version 2.0</name></license></licenses>`,
      ),
    });
    expect(catalog({ "opt/lib-1.2.jar": bytes }).packages).toEqual([
      {
        id: "pkg:maven/org.e/lib@1.2",
        type: "maven",
        namespace: "org.e",
        name: "lib",
        version: "1.2",
        purl: "pkg:maven/org.e/lib@1.2",
        technique: "manifest-analysis",
        confidence: 1,
        licenses: [{ expression: "Apache-2.0" }],
        licenseSource: "pom.xml",
        supplier: "V",
        description: "Does <things> & more",
        homepage: "https://e.org",
        hashes: [
          { algorithm: "SHA-1", hex: createHash("sha1").update(bytes).digest("hex") },
          { algorithm: "SHA-256", hex: createHash("sha256").update(bytes).digest("hex") },
        ],
        occurrences: [{ path: "opt/lib-1.2.jar", layer: 0 }],
        introducedIn: 0,
        foundBy: "java-archive",
        properties: { groupFrom: "pom.properties", nameFrom: "pom.properties" },
      },
    ]);
  });

  it("names a jar by the best evidence, and says what is guessed", () => {
    const named = (fileName: string, files: Files): unknown => {
      const [one] = catalog({ [`lib/${fileName}`]: jar(files) }).packages;
      return one && [one.purl.slice("pkg:maven/".length), one.properties?.["groupFrom"], one.confidence ?? 1];
    };
    const guessed = "guess from package names";
    expect(named("renamed.jar", project("commons-io", "commons-io", "2.16.1"))).toEqual([
      "commons-io/commons-io@2.16.1",
      "pom.properties",
      1,
    ]);
    expect(named("spring-core-6.1.14.jar", { "org/springframework/core/A.class": "" })).toEqual([
      "org.springframework/spring-core@6.1.14",
      "well-known package",
      0.8,
    ]);
    expect(named("hibernate-core-5.6.0.Final.jar", { "org/hibernate/A.class": "" })).toEqual([
      "org.hibernate/hibernate-core@5.6.0.Final",
      "well-known package",
      0.8,
    ]);
    expect(named("x-core-2.1.jar", { "org/x/core/A.class": "", "org/x/core/b/B.class": "" })).toEqual([
      "org.x/x-core@2.1",
      guessed,
      0.4,
    ]);
    expect(
      named("app.jar", { ...manifest("Implementation-Title: x-app", "Implementation-Version: 3"), "a/A.class": "" }),
    ).toEqual(["a/x-app@3", guessed, 0.4]);
    expect(
      named("b.jar", manifest("Bundle-SymbolicName: org.", " x.y.b;singleton:=true", "Bundle-Version: 1.0.0")),
    ).toEqual(["org.x.y/b@1.0.0", "manifest", 0.8]);
    expect(named("v_2.13-1.0.jar", { ...manifest("Implementation-Vendor-Id: org.v"), "q/A.class": "" })).toEqual([
      "org.v/v_2.13@1.0",
      "manifest",
      0.8,
    ]);
    expect(
      named("catalina.jar", manifest("Implementation-Title: Apache Tomcat", "Implementation-Version: 9.0.95")),
    ).toEqual(["tomcat-catalina@9.0.95", "nothing: the group is unknown", 0.3]);
    expect(
      named("BOOT.war", { "BOOT-INF/classes/com/shop/web/A.class": "", "org/springframework/boot/loader/L.class": "" }),
    ).toEqual(["com.shop.web/BOOT", guessed, 0.4]);
    expect(named("gone.jar", { "a.txt": "" })).toBeUndefined();
  });

  it("fills poms from their parents and properties as far as they are at hand", () => {
    const parent = `<groupId>org.e</groupId><artifactId>parent</artifactId><version>7</version>
      <licenses><license><name>MIT</name></license></licenses><properties><dep.group>org.dep</dep.group>
      <a>\${b}</a><b>\${a}</b></properties>`;
    const own = `<parent><groupId>org.e</groupId><artifactId>parent</artifactId><version>7</version></parent>
      <artifactId>app</artifactId><description>\${a}</description><dependencies>
      <dependency><groupId>\${dep.group}</groupId><artifactId>needed</artifactId></dependency>
      <dependency><groupId>\${project.groupId}</groupId><artifactId>tested</artifactId><scope>test</scope></dependency>
      <dependency><groupId>org.e</groupId><artifactId>maybe</artifactId><optional>true</optional></dependency>
      <dependency><groupId>org.e</groupId><artifactId>\${open}</artifactId></dependency></dependencies>`;
    const found = catalog({
      "app/app.jar": jar({
        "META-INF/maven/org.e/app/pom.xml": `<?xml version="1.0"?><!DOCTYPE x><!-- <project> --><project>${own}</project>`,
        "META-INF/maven/org.e/parent/pom.xml": `<project>${parent}</project>`,
      }),
      "app/lib/needed-1.jar": jar(project("org.dep", "needed", "1")),
      "app/lib/tested-1.jar": jar(project("org.e", "tested", "1")),
      "app/lib/maybe-1.jar": jar(project("org.e", "maybe", "1")),
    });
    expect(found.packages.find((one) => one.name === "app")).toMatchObject({
      purl: "pkg:maven/org.e/app@7",
      licenses: [{ expression: "MIT" }],
    });
    expect(found.packages.find((one) => one.name === "app")).not.toHaveProperty("description");
    expect(pairs(found)).toEqual(["org.e/app@7 > org.dep/needed@1", "org.e/app@7 > org.e/parent@7"]);
  });

  it("finds jars in jars, once where they are the same, and what was folded into one", () => {
    const slf4j = jar(project("org.slf4j", "slf4j-api", "2.0"));
    const shaded = jar({
      ...project(
        "org.e",
        "tool",
        "1",
        "<dependencies><dependency><groupId>g</groupId><artifactId>gson</artifactId></dependency></dependencies>",
      ),
      ...project("g", "gson", "2.11"),
    });
    const war = jar({ "WEB-INF/lib/slf4j-api-2.0.jar": slf4j, "WEB-INF/lib/any.jar": shaded, "WEB-INF/a.jar/": "" });
    const found = catalog({
      "a.ear": jar({ "x-1.war": war }),
      "b-1.war": war,
      "c.zip": jar({ "deep/slf4j.jar": slf4j }),
    });
    expect(found.packages.map((one) => [one.purl, one.occurrences.map(({ path }) => path)])).toEqual([
      ["pkg:maven/b@1", ["b-1.war"]],
      [
        "pkg:maven/g/gson@2.11",
        [
          "a.ear:x-1.war:WEB-INF/lib/any.jar:META-INF/maven/g/gson",
          "b-1.war:WEB-INF/lib/any.jar:META-INF/maven/g/gson",
        ],
      ],
      ["pkg:maven/org.e/tool@1", ["a.ear:x-1.war:WEB-INF/lib/any.jar", "b-1.war:WEB-INF/lib/any.jar"]],
      [
        "pkg:maven/org.slf4j/slf4j-api@2.0",
        [
          "a.ear:x-1.war:WEB-INF/lib/slf4j-api-2.0.jar",
          "b-1.war:WEB-INF/lib/slf4j-api-2.0.jar",
          "c.zip:deep/slf4j.jar",
        ],
      ],
      ["pkg:maven/x@1", ["a.ear:x-1.war"]],
    ]);
    expect(pairs(found)).toEqual([
      "b@1 > org.e/tool@1",
      "b@1 > org.slf4j/slf4j-api@2.0",
      "org.e/tool@1 > g/gson@2.11",
      "x@1 > org.e/tool@1",
      "x@1 > org.slf4j/slf4j-api@2.0",
    ]);
    expect([...found.unknowns, ...found.refused]).toEqual([]);
  });

  it("finds an application that was unpacked, with the jars below it", () => {
    const at = "workspace/META-INF/maven/g/app";
    const pom = `<project><groupId>g</groupId><artifactId>app</artifactId><version>1</version><licenses><license>
      <name>MIT</name></license></licenses><dependencies><dependency><groupId>g</groupId><artifactId>x</artifactId>
      </dependency></dependencies></project>`;
    const found = catalog({
      [`${at}/pom.properties`]: "version=1\ngroupId=g\nartifactId=app\n",
      [`${at}/pom.xml`]: pom,
      "workspace/BOOT-INF/lib/x-2.jar": jar(project("g", "x", "2")),
      "src/project/pom.xml": pom,
      "META-INF/maven/g/none/pom.properties": "artifactId=none\n",
    });
    expect(found.purls).toEqual(["pkg:maven/g/app@1", "pkg:maven/g/x@2"]);
    expect(found.packages[0]).toMatchObject({
      licenses: [{ expression: "MIT" }],
      occurrences: [{ path: `${at}/pom.properties` }, { path: `${at}/pom.xml` }],
    });
    expect(pairs(found)).toEqual(["g/app@1 > g/x@2"]);
  });

  it("takes no library's pom for the jar it was folded into", () => {
    const named = (fileName: string, files: Files): readonly string[] =>
      catalog({ [fileName]: jar(files) })
        .packages.map((one) => `${one.occurrences[0]?.path ?? ""} ${one.name}@${one.version ?? ""}`)
        .sort();
    const lone = project("org.ow2.asm", "asm", "9.1");
    expect(named("shop-1.2.jar", lone)).toEqual([
      "shop-1.2.jar shop@1.2",
      "shop-1.2.jar:META-INF/maven/org.ow2.asm/asm asm@9.1",
    ]);
    const two = { ...lone, ...project("com.shop", "shop", "1.0") };
    expect(named("app.jar", { ...two, ...manifest("Main-Class: com.shop.Main") })[0]).toBe("app.jar shop@1.0");
    expect(named("asm-9.1-all.jar", two)).toEqual([
      "asm-9.1-all.jar asm@9.1",
      "asm-9.1-all.jar:META-INF/maven/com.shop/shop shop@1.0",
    ]);
    expect(named("app.jar", two)).toEqual([
      "app.jar:META-INF/maven/com.shop/shop shop@1.0",
      "app.jar:META-INF/maven/org.ow2.asm/asm asm@9.1",
    ]);
  });

  it("keeps a patched jar apart from the one whose name it bears", () => {
    const found = catalog({
      "a/x-1.jar": jar(project("g", "x", "1")),
      "b/x-1.jar": jar(project("g", "x", "1"), [{ name: "Evil.class" }]),
    });
    expect(found.purls).toEqual(["pkg:maven/g/x@1", "pkg:maven/g/x@1"]);
    expect(found.packages.map(({ id }) => id.replace(/[0-9a-f]{16}$/, "HASH"))).toEqual([
      "pkg:maven/g/x@1",
      "pkg:maven/g/x@1#HASH",
    ]);
  });

  it("resolves a dependency nearest first, and not at all between versions", () => {
    const needs = `<dependencies><dependency><groupId>g</groupId><artifactId>x</artifactId></dependency></dependencies>`;
    const found = catalog({
      "app/a.jar": jar(project("g", "a", "1", needs)),
      "app/lib/x-1.jar": jar(project("g", "x", "1")),
      "app/lib/x-2.jar": jar(project("g", "x", "2")),
      "web/b.jar": jar({ ...project("g", "b", "1", needs), "lib/x-3.jar": jar(project("g", "x", "3")) }),
      "web/x-2.jar": jar(project("g", "x", "2")),
      "web/c.jar": jar(project("g", "c", "1", needs)),
    });
    expect(pairs(found)).toEqual(["g/b@1 > g/x@3", "g/c@1 > g/x@2"]);
  });

  it("finds the layer of a version", () => {
    const found = catalog(
      { "app.jar": jar(project("g", "app", "1")) },
      { "app.jar": jar(project("g", "app", "2")) },
      { "app.jar": jar(project("g", "app", "2"), [{ name: "more" }]) },
    );
    expect(found.packages.map((one) => [one.version, one.introducedIn, one.occurrences[0]?.layer])).toEqual([
      ["2", 1, 2],
    ]);
  });

  it("states what it cannot look into, and goes on", () => {
    const deep = (levels: number): Buffer =>
      levels === 0 ? jar({ "A.class": "" }) : zipArchive([{ name: "n.jar", body: deep(levels - 1) }]);
    const found = catalog({
      "deep.jar": deep(34),
      "text.jar": "not an archive",
      "stats.sar": "not an archive, and no Java",
      "skip.jar": jar(manifest("Weave-Classes: a,b")),
      "mixed-1.jar": jar({ ...project("g", "mixed", "1"), "lib/bad.jar": Buffer.from("text") }, [
        { name: "META-INF/maven/g/cut/pom.xml", body: "<project><version" },
        { name: "META-INF/maven/g/lie/pom.properties", body: "version=1", size: 5000 },
        { name: "lib/sealed.jar", flags: 1 },
      ]),
      "cut-1.jar": zipArchive([{ name: "A.class" }], { cut: true }),
      "bomb-1.jar": zipArchive(
        [0, 1, 2, 3].map((at) => ({
          name: `${at}.jar`,
          body: at === 0 ? "x".repeat(900) : "",
          size: 900,
          compressedSize: 900,
          stored: true,
          offset: 0,
        })),
      ),
    });
    expect(found.purls).toEqual(["bomb@1", "cut@1", "g/cut", "g/lie", "g/mixed@1"].map((name) => `pkg:maven/${name}`));
    expect(found.refused.map((one) => `${one.path}: ${one.reason}`)).toEqual([
      "text.jar: WaybillError: not a zip archive",
    ]);
    const gaps = found.unknowns.map((one) => `${one.path}: ${one.reason}`);
    expect(gaps.filter((gap) => gap.startsWith("bomb"))).toContain(
      "bomb-1.jar:3.jar: zip archive whose entries lie on top of each other",
    );
    expect(
      gaps.filter((gap) => !gap.startsWith("bomb")).map((gap) => gap.replace(/^deep\.jar(?::n\.jar)+/, "deep")),
    ).toEqual([
      "cut-1.jar: the zip archive has no central directory (it is cut short): entries are those that could be found without it",
      "deep: archives nested deeper than 32",
      "mixed-1.jar:META-INF/maven/g/cut/pom.xml: XML document that ends within a tag or comment",
      "mixed-1.jar:META-INF/maven/g/lie/pom.properties: archived file inflates to another size than it states",
      "mixed-1.jar:lib/bad.jar: not a zip archive",
      "mixed-1.jar:lib/sealed.jar: archived file is encrypted",
      "skip.jar: instrumentation of a library (Weave-Classes), not the library",
    ]);
  });

  it("knows a jar that is too large by its name, without keeping it", () => {
    const entry = {
      path: "o/aws-java-sdk-bundle-1.12.1.jar",
      type: "file",
      mode: 0,
      linkTarget: undefined,
      escaped: false,
    } as const;
    const reducer = javaArchive.wants({ ...entry, size: 300 * 1024 * 1024 });
    expect(reducer?.write(new Uint8Array(5))).toBe(true);
    const facts = JSON.parse(Buffer.from(reducer?.end() ?? []).toString()) as {
      readonly artifacts: unknown;
      readonly gaps: unknown;
    };
    expect(facts).toMatchObject({
      artifacts: [{ group: "com.amazonaws", artifact: "aws-java-sdk-bundle", version: "1.12.1" }],
      gaps: [{ path: "", reason: "archive of more than 268435456 bytes: only its name was read" }],
    });
  });

  it("answers any archive", () => {
    const text = fc.string({ unit: "binary", maxLength: 60 });
    fc.assert(
      fc.property(text, text, text, fc.nat(), (name, header, pom, cut) => {
        const bytes = jar({
          [name]: "",
          "META-INF/MANIFEST.MF": `${header}\nImplementation-Title: ${name}`,
          "META-INF/maven/g/a/pom.xml": `<project>${pom}<version>${header}</version>`,
          [`META-INF/maven/${name}/b/pom.properties`]: `version=${header}\nartifactId=${pom}`,
        });
        const image = catalog({ [`${name}.jar`]: bytes, "b-1.jar": bytes.subarray(0, cut % bytes.length) });
        expect(image.completeness).toBe("incomplete");
      }),
      { numRuns: 40 },
    );
  });
});
