import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Classifier } from "#sbom/classifier/classifier.ts";
import { classifierReducer } from "#sbom/classifier/classifierReducer.ts";
import type { Classified } from "#sbom/classifier/classifierReducer.ts";
import { CLASSIFIERS } from "#sbom/classifier/classifiers.ts";
import { createFileTest } from "#sbom/classifier/fileTest.ts";
import { writeCpe } from "#sbom/cpe/writeCpe.ts";
import { spdxExpression } from "#sbom/license/spdxExpression.ts";

/** Bytes around the markers of a real program, and where they come from. */
interface Vector {
  readonly origin: "debian" | "npm";
  readonly package: string;
  readonly packageVersion: string;
  readonly file: string;
  readonly sha256: string;
  readonly version: string;
  readonly bytes: readonly string[];
}

const FOLDER = "test/vectors/classifiers";
const vectors = readdirSync(FOLDER).flatMap((name) =>
  (JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8")) as readonly Vector[]).map((vector) => ({
    ...vector,
    product: name.replace(/\.json$/, ""),
  })),
);

const fileTest = createFileTest(CLASSIFIERS);
const MAGIC = Buffer.from("\x7fELF", "latin1");

// Parts lie far apart, as in the program; what is between them says nothing.
const programOf = (vector: Vector, isText: boolean): Buffer => {
  const parts = vector.bytes.map((part) => Buffer.from(part, "base64"));
  if (isText) return Buffer.concat(parts);
  return Buffer.concat([MAGIC, ...parts.flatMap((part) => [Buffer.alloc(300, 1), part]), Buffer.alloc(300, 1)]);
};

const classify = (known: readonly Classifier[], content: Buffer, chunkSize = content.length): readonly Classified[] => {
  const reducer = classifierReducer(known);
  for (let at = 0; at < content.length; at += chunkSize)
    if (!reducer.write(content.subarray(at, at + chunkSize))) break;
  const kept = reducer.end();
  return kept === undefined ? [] : (JSON.parse(Buffer.from(kept).toString()) as readonly Classified[]);
};

const isText = (known: readonly Classifier[]): boolean => known.some(({ text }) => text === true);

describe("CLASSIFIERS", () => {
  it.each(vectors.map((vector) => [`${vector.product} ${vector.version}`, vector] as const))(
    "know %s by bytes of the real program",
    (_, vector) => {
      const known = fileTest(vector.file);
      const content = programOf(vector, isText(known));
      const expected = [{ product: vector.product, version: vector.version }];
      expect(classify(known, content)).toEqual(expected);
      expect(classify(known, content, 37)).toEqual(expected);
    },
  );

  it("are proven one by one", () => {
    const proven = new Set(
      vectors.flatMap(({ file, product }) => fileTest(file).filter((classifier) => classifier.product === product)),
    );
    expect(CLASSIFIERS.filter((classifier) => !proven.has(classifier))).toEqual([]);
    expect(new Set(CLASSIFIERS.map(({ product }) => product)).size).toBeGreaterThan(100);
  });

  it("ask for a program, not for a text that talks of one", () => {
    for (const vector of vectors) {
      const known = fileTest(vector.file);
      if (isText(known)) continue;
      expect(classify(known, programOf(vector, false).subarray(MAGIC.length))).toEqual([]);
    }
  });

  it("do not take one part for the whole where both are needed", () => {
    for (const vector of vectors.filter(({ bytes }) => bytes.length > 1)) {
      const known = fileTest(vector.file);
      const [first = ""] = vector.bytes;
      const marked = Buffer.from(first, "base64").toString("latin1");
      if (known.some(({ requires }) => requires !== undefined && marked.includes(requires))) continue;
      expect(classify(known, programOf({ ...vector, bytes: [first] }, false))).toEqual([]);
    }
  });

  it("name licences and CPEs that can be written", () => {
    for (const { product, license = "MIT", cpe } of CLASSIFIERS) {
      const [vendor = "", name = ""] = cpe.split(":");
      expect([product, writeCpe({ vendor, product: name, version: "1" }) === undefined]).toEqual([product, false]);
      expect(spdxExpression(license)).toBe(license);
    }
  });

  it("know files by their whole name", () => {
    const products = (path: string): readonly string[] => fileTest(path).map(({ product }) => product);
    expect(products("usr/local/bin/python3.12")).toEqual(["python"]);
    expect(products("lib/libssl.so")).toEqual([]);
    expect(products("usr/lib/libcrypto.so.1.1")).toEqual(["openssl"]);
    expect(products("usr/bin/nginx-agent")).toEqual([]);
    expect(products("etc/init.d/xnginx")).toEqual([]);
    expect(products("bin/[")).toEqual(["busybox"]);
    expect(products(`bin/php${"8".repeat(100)}`)).toEqual([]);
  });
});

describe("classifierReducer", () => {
  it("gives up a program that is made of markers", () => {
    const literals = Buffer.concat([MAGIC, Buffer.alloc(500_000, "nginx version: nginx/x")]);
    expect(() => classify(fileTest("bin/nginx"), literals)).toThrow("nginx: more than 20000 places");
  });

  it("stops at the first version", () => {
    const known = fileTest("bin/nginx");
    const reducer = classifierReducer(known);
    const content = Buffer.concat([MAGIC, Buffer.from("nginx version: nginx/1.2.3\n"), Buffer.alloc(500)]);
    expect(reducer.write(content)).toBe(false);
  });
});
