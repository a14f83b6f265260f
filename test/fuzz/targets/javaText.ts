import { readBitnamiSpdx } from "#sbom/bitnami/readBitnami.ts";
import { readDepsJson } from "#sbom/dotnet/readDepsJson.ts";
import { findGroup } from "#sbom/java/findGroup.ts";
import { readJarLicenses } from "#sbom/java/readJarLicenses.ts";
import { readJarManifest } from "#sbom/java/readJarManifest.ts";
import { readJvmRelease } from "#sbom/java/readJvmRelease.ts";
import { readPom } from "#sbom/java/readPom.ts";
import { readPomProperties } from "#sbom/java/readPomProperties.ts";
import { resolvePom } from "#sbom/java/resolvePom.ts";
import { splitJarName } from "#sbom/java/splitJarName.ts";
import type { FuzzTarget } from "../fuzzTarget.ts";

const MANIFEST = `Manifest-Version: 1.0\r
Bundle-SymbolicName: org.e.lib.\r
 core;singleton:=true\r
Bundle-License: "Apache-2.0";link="https://www.apache.org/licenses/LICENSE-2.0.txt",MIT\r
Implementation-Version: 1.0-beta-2\r
\r
Name: a/B.class\r
`;
const POM = `<?xml version="1.0" encoding="ISO-8859-1"?><!-- c --><project xmlns="x" a='b'>
<parent><groupId>g</groupId><artifactId>p</artifactId><version>2</version></parent><artifactId>a</artifactId>
<name><![CDATA[a & b]]>&amp;&#65;</name><licenses><license><name>MIT</name><url>https://opensource.org/licenses/MIT</url></license>
</licenses><properties><x>\${y}\${y}</x><y>\${x}</y><z>1</z></properties><version>\${z}.\${project.parent.version}</version>
<dependencies><dependency><groupId>\${x}</groupId><artifactId>b</artifactId><scope>\${z}</scope></dependency></dependencies></project>`;
const DEPS = `{"runtimeTarget":{"name":"t"},"targets":{"t":{"A/1.0":{"dependencies":{"B":"2"},"runtime":{"a.dll":{}}}}},
"libraries":{"A/1.0":{"type":"package","sha512":"sha512-x"},"B/2":{"type":"project"}}}`;
const SPDX = `{"packages":[{"SPDXID":"a","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:bitnami/a@1"}]}],
"relationships":[{"spdxElementId":"a","relatedSpdxElement":"a","relationshipType":"CONTAINS"}]}`;
const RELEASE =
  'JAVA_VERSION="1.8.0_422"\nFULL_VERSION="1.8.0_422-b05"\nIMPLEMENTOR="Temurin"\nMODULES="java.base jdk.compiler"\n';

const READERS: readonly ((bytes: Buffer) => void)[] = [
  (bytes) => {
    const pom = resolvePom(readPom(bytes), () => undefined);
    const texts = [pom.group, pom.artifact, pom.version, pom.name, pom.description];
    if (texts.some((text) => (text?.length ?? 0) > 10_000)) throw new TypeError("a value that grew");
    readJarLicenses(pom, new Map());
  },
  (bytes) => {
    const manifest = readJarManifest(bytes);
    readJarLicenses(undefined, manifest);
    for (const text of manifest.values()) findGroup(splitJarName(`${text}.jar`), manifest, text);
  },
  (bytes) => void readPomProperties(bytes),
  (bytes) => void readJvmRelease(bytes),
  (bytes) => void readDepsJson(bytes),
  (bytes) => void readBitnamiSpdx(bytes),
];

export const target: FuzzTarget = {
  name: "javaText",
  // The first byte chooses the reader.
  seeds: () =>
    [POM, MANIFEST, "version=1\r\ngroupId=g\r\nartifactId=a\r\n", RELEASE, DEPS, SPDX].map((text, index) =>
      Buffer.concat([Buffer.from([index]), Buffer.from(text)]),
    ),
  run: (bytes) => READERS[(bytes[0] ?? 0) % READERS.length]?.(Buffer.from(bytes.subarray(1))),
};
