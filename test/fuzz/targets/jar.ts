import type { CapturedFile } from "#sbom/cataloger.ts";
import { WaybillError } from "#core/errors.ts";
import type { ArchiveFacts } from "#sbom/java/archiveFacts.ts";
import { ARCHIVE_LIMITS } from "#sbom/java/archiveLimits.ts";
import { archiveReducer } from "#sbom/java/archiveReducer.ts";
import { describeArtifact } from "#sbom/java/describeArtifact.ts";
import { readFacts } from "#sbom/keptFacts.ts";
import { zipArchive } from "../../fakes/zipBytes.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";
import { mutateBytes, oddNumber } from "../mutateBytes.ts";
import { below, pick } from "../seededRandom.ts";
import type { Random } from "../seededRandom.ts";

const POM = `<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>2</version></parent>
<artifactId>a</artifactId><properties><x>\${y}</x><y>1</y></properties><dependencies><dependency><groupId>\${project.groupId}
</groupId><artifactId>b</artifactId></dependency></dependencies></project>`;
const MANIFEST = "Manifest-Version: 1.0\r\nImplementation-Title: a-b\r\nBundle-SymbolicName: org.\r\n e.a;x:=1\r\n\r\n";

const inner = zipArchive([
  { name: "META-INF/MANIFEST.MF", body: MANIFEST },
  { name: "org/e/A.class", body: "x", descriptor: true },
  { name: "META-INF/maven/g/a/pom.xml", body: POM, stored: true },
  { name: "META-INF/maven/g/p/pom.properties", body: "version=1\nartifactId=p\n" },
]);

const seeds = (): readonly Uint8Array[] => [
  zipArchive([{ name: "BOOT-INF/lib/a-1.jar", body: inner, stored: true }, { name: "A.class" }], {
    before: "#!/bin/sh\n",
  }),
  zipArchive(
    [
      { name: "WEB-INF/lib/a.jar", body: inner },
      { name: "b.war", body: inner, zip64: true },
    ],
    { zip64: true },
  ),
  zipArchive([{ name: "a.jar", body: inner, descriptor: true }], { cut: true }),
  zipArchive([{ name: "n.jar", body: zipArchive([{ name: "n.jar", body: inner }]) }], { comment: "made by hand" }),
];

const HEADERS = [
  "PK\u0001\u0002",
  "PK\u0003\u0004",
  "PK\u0005\u0006",
  "PK\u0006\u0006",
  "PK\u0006\u0007",
  "PK\u0007\u0008",
];
// Where numbers of two and of four bytes lie in the headers, from their signatures.
const SHORT = [6, 8, 10, 12, 20, 26, 28, 30, 32];
const LONG = [8, 12, 16, 18, 20, 22, 24, 40, 42, 48];

/** Changes flags, methods, sizes, counts and offsets in headers; archives that are stored have theirs changed, too. */
const mutate = (random: Random, seed: Uint8Array): Uint8Array => {
  const archive = Buffer.from(random() < 0.2 ? mutateBytes(random, seed) : seed);
  for (let times = 1 + below(random, 4); times > 0; times--) {
    const places = HEADERS.flatMap((header) => [archive.indexOf(header, below(random, archive.length), "latin1")]);
    const header = pick(random, places);
    if (header < 0) continue;
    const isShort = random() < 0.5;
    const at = header + pick(random, isShort ? SHORT : LONG);
    if (at + 4 > archive.length) continue;
    if (isShort) archive.writeUInt16LE(oddNumber(random, archive.readUInt16LE(at)) & 0xffff, at);
    else archive.writeUInt32LE(oddNumber(random, pick(random, [archive.readUInt32LE(at), archive.length, header])), at);
  }
  return archive;
};

const read = (bytes: Uint8Array, step: number): string => {
  const reducer = archiveReducer({ fileName: "x-1.0.jar", isPackage: true }, bytes.length, ARCHIVE_LIMITS);
  for (let at = 0; at < bytes.length; at += step) reducer.write(bytes.subarray(at, at + step));
  return Buffer.from(reducer.end() ?? []).toString();
};

const PLACE: Pick<CapturedFile, "path" | "layer"> = { path: "x-1.0.jar", layer: 0 };

export const target: FuzzTarget = {
  name: "jar",
  seeds,
  mutate,
  run: (bytes) => {
    const whole = read(bytes, bytes.length + 1);
    if (whole !== read(bytes, 997)) throw new TypeError("another result for other chunks");
    if (whole.length > 10_000_000) throw new TypeError(`${whole.length} bytes of facts`);
    for (const one of whole === "" ? [] : readFacts<ArchiveFacts>(Buffer.from(whole)).artifacts) {
      if (one.parent !== undefined && one.parent < 0) throw new TypeError("an artifact within none");
      try {
        describeArtifact(one, PLACE, 0);
      } catch (error) {
        if (!(error instanceof WaybillError)) throw error;
      }
    }
  },
};
