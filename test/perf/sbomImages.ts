import { closeSync, existsSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { succeed } from "../interop/run.ts";
import { compressLayer, packLayers, tagImages } from "./packLayout.ts";
import type { LayerFiles, PackedLayer } from "./packLayout.ts";

/** A layout with an image tagged 1.0. */
export interface PerfImage {
  readonly path: string;
  readonly layers: readonly PackedLayer[];
}

const TARGET_BYTES = 500 * 1000 * 1000;
const BASE_LAYERS = 4;
// Of all bytes; the last layer is what a new build brings.
const NEW_SHARE = 0.1;

/**
 * About 500 MB of this machine's own system, npm packages and Go programs, in four layers and a smaller one over them; the
 * four alone are tagged `base`.
 */
export const packSystem = async (folder: string): Promise<PerfImage> => {
  const groups = divide(await listSystem());
  const layers = await packLayers(folder, groups);
  tagImages(folder, { "1.0": layers, base: layers.slice(0, -1) });
  return { path: folder, layers };
};

/** Three times as much: the same files below three folders, so that no layer is like another. */
export const packLarge = async (folder: string): Promise<PerfImage> => {
  const groups = divide(await listSystem());
  const thrice = ["a", "b", "c"].flatMap((below) => groups.map((group) => ({ ...group, below })));
  const layers = await packLayers(folder, thrice);
  tagImages(folder, { "1.0": layers });
  return { path: folder, layers };
};

/** A few hundred jars as Maven resolves them, in two layers. */
export const packJars = async (folder: string): Promise<PerfImage> => {
  const jars = (await fetchJars()).map((path) => path.slice(1));
  const half = Math.ceil(jars.length / 2);
  const layers = await packLayers(folder, [{ files: jars.slice(0, half) }, { files: jars.slice(half) }]);
  tagImages(folder, { "1.0": layers });
  return { path: folder, layers };
};

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>waybill.perf</groupId><artifactId>jars</artifactId><version>1</version><dependencies>
${[
  ["org.springframework.boot", "spring-boot-starter-web", "3.3.4"],
  ["org.springframework.boot", "spring-boot-starter-data-jpa", "3.3.4"],
  ["org.apache.hadoop", "hadoop-client", "3.4.0"],
  ["org.apache.kafka", "kafka_2.13", "3.8.0"],
  ["org.elasticsearch.client", "elasticsearch-rest-high-level-client", "7.17.24"],
  ["org.apache.spark", "spark-sql_2.13", "3.5.3"],
]
  .map(
    ([g, a, v]) =>
      `<dependency><groupId>${g}</groupId><artifactId>${a}</artifactId><version>${v}</version></dependency>`,
  )
  .join("\n")}
</dependencies></project>`;

/** Some 350 jars, 340 MB; fetched once, outside the tree. Needs Maven. */
const fetchJars = async (): Promise<readonly string[]> => {
  const place = join(process.env["WAYBILL_PEERS"] ?? join(homedir(), ".cache/waybill-peers"), "perf-jars");
  const jars = join(place, "jars");
  if (!existsSync(join(place, "done"))) {
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "pom.xml"), POM);
    const args = [
      "-q",
      "-B",
      "-f",
      join(place, "pom.xml"),
      "dependency:copy-dependencies",
      `-DoutputDirectory=${jars}`,
    ];
    await succeed("mvn", args, { timeoutMs: 900_000 });
    writeFileSync(join(place, "done"), "");
  }
  return readdirSync(jars)
    .toSorted()
    .map((name) => join(jars, name));
};

/** One package and so many empty files, in one layer. */
export const packManyFiles = async (folder: string, count: number): Promise<PerfImage> => {
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  const plain = join(folder, "layer.tar");
  writeManyFiles(plain, count);
  const layers = [await compressLayer(folder, plain)];
  tagImages(folder, { "1.0": layers });
  return { path: folder, layers };
};

const BLOCK = 512;

const writeManyFiles = (path: string, count: number): void => {
  const file = openSync(path, "w");
  const manifest = Buffer.alloc(BLOCK);
  manifest.write('{"name":"x","version":"1.0.0"}');
  writeSync(file, Buffer.concat([tarHeader("app/node_modules/x/package.json", 30), manifest]));
  for (let from = 0; from < count; from += 10_000) {
    const names = Array.from({ length: Math.min(10_000, count - from) }, (_, at) => from + at);
    writeSync(file, Buffer.concat(names.map((at) => tarHeader(`data/${Math.floor(at / 1000)}/file-${at}.dat`, 0))));
  }
  writeSync(file, Buffer.alloc(2 * BLOCK));
  closeSync(file);
};

const tarHeader = (name: string, size: number): Buffer => {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write(
    `0000644\u00000000000\u00000000000\u0000${size.toString(8).padStart(11, "0")}\u000000000000000\u0000`,
    100,
  );
  header.write("        0", 148);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148);
  return header;
};

interface File {
  readonly path: string;
  readonly size: number;
}

const listSystem = async (): Promise<readonly File[]> => {
  const programs = [...(await listFiles("/usr/local")), ...(await listFiles("/usr"))];
  return [...(await listFiles("/var/lib/dpkg")), sized("/usr/lib/os-release"), ...programs];
};

// Not the synchronous readdir, which follows links to folders and walks in circles.
const listFiles = async (folder: string): Promise<readonly File[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.toSorted().map(sized);
};

const sized = (path: string): File => ({ path, size: statSync(path).size });

/** Files up to the target, once each: layers of about the same size, and a smaller last one. */
const divide = (files: readonly File[]): readonly LayerFiles[] => {
  const groups: string[][] = Array.from({ length: BASE_LAYERS + 1 }, () => []);
  const seen = new Set<string>();
  const base = TARGET_BYTES * (1 - NEW_SHARE);
  let total = 0;
  for (const { path, size } of files) {
    if (seen.has(path) || total + size > TARGET_BYTES) continue;
    seen.add(path);
    groups[Math.min(BASE_LAYERS, Math.floor((total / base) * BASE_LAYERS))]?.push(path.slice(1));
    total += size;
  }
  return groups.map((group) => ({ files: group }));
};
