import { beforeAll, describe, expect, it } from "vitest";
import { javaArchive } from "#sbom/cataloger/javaArchive.ts";
import type { ImageScan } from "#sbom/scanImage.ts";
import { SCAN_LIMITS } from "#sbom/scanLimits.ts";
import { scan, scanInput } from "../fakes/scanBench.ts";
import { zipArchive } from "../fakes/zipBytes.ts";
import { resolveMaven } from "./mavenProject.ts";
import type { MavenProject } from "./mavenProject.ts";

// Maven says what the libraries of a real application are; they are found loose, in a Spring Boot jar and in a war.

const DEPENDENCIES = [
  "org.springframework.boot:spring-boot-starter-web:3.3.5",
  "org.springframework.data:spring-data-jpa:3.3.5",
  "org.springframework.boot:spring-boot-starter-thymeleaf:3.3.5",
  "org.postgresql:postgresql:42.7.4",
  "com.squareup.okhttp3:okhttp:4.12.0",
  "io.grpc:grpc-core:1.66.0",
  "commons-beanutils:commons-beanutils:1.9.4",
  "org.codehaus.groovy:groovy:3.0.22",
  "junit:junit:4.13.2:test",
];

let project: MavenProject;
let found: ImageScan;
let names: ReadonlyMap<string, string>;

beforeAll(async () => {
  project = await resolveMaven("shop", DEPENDENCIES);
  const jars = project.jars.map(({ fileName }) => ({ name: fileName, body: project.read(fileName) }));
  const nested = (folder: string, stored: boolean): Buffer =>
    zipArchive(jars.map(({ name, body }) => ({ name: folder + name, body, stored })));
  const loose = jars.map(({ name, body }) => ({ name: `opt/lib/${name}`, body }));
  const layers = [
    [...loose, { name: "opt/boot.zip", body: nested("BOOT-INF/lib/", true) }],
    [{ name: "srv/shop.zip", body: nested("WEB-INF/lib/", false) }],
  ];
  found = await scan(scanInput(layers, SCAN_LIMITS), { catalogers: [javaArchive] });
  names = new Map(found.packages.map((one) => [one.id, `${one.namespace ?? ""}:${one.name}:${one.version ?? ""}`]));
}, 400_000);

describe("Java libraries of a real application", () => {
  it("are those that Maven lists, each in its three places, and none besides", () => {
    expect(project.jars.length).toBeGreaterThan(50);
    const own = found.packages.filter((one) => one.properties?.["shaded"] === undefined);
    expect(own.map(({ id }) => names.get(id) ?? "").toSorted()).toEqual(
      project.jars.map(({ name }) => name).toSorted(),
    );
    const places = own.map((one) => one.occurrences.filter(({ path }) => !path.includes("META-INF")).length);
    expect(new Set(places)).toEqual(new Set([3]));
    expect(found.unknowns).toEqual([]);
  });

  it("pull in what Maven says, where their poms are at hand", () => {
    const have = new Set(found.edges.map(({ from, to }) => `${names.get(from) ?? ""} > ${names.get(to) ?? ""}`));
    const withPom = new Set(found.edges.map(({ from }) => names.get(from)));
    const wanted = project.edges.filter(([from]) => withPom.has(from)).map(([from, to]) => `${from} > ${to}`);
    expect(wanted.length).toBeGreaterThan(10);
    // The dependency stands in a parent's pom, which is not in the jar.
    const inherited = "org.springframework.data:spring-data-jpa:3.3.5 > org.slf4j:slf4j-api:2.0.2";
    expect(wanted.filter((edge) => !have.has(edge))).toEqual([inherited]);
  });
});
