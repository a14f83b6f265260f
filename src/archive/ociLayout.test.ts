import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  checkLayoutMarker,
  EMPTY_LAYOUT_INDEX,
  findTag,
  formatLayoutIndex,
  LAYOUT_MARKER,
  parseLayoutIndex,
  putManifest,
  removeManifest,
  removeTag,
} from "#archive/ociLayout.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import { digestOf } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

const manifest = (text: string) => ({ mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(text), size: text.length });
const parse = (text: string): LayoutIndex => parseLayoutIndex(Buffer.from(text), "index.json");
const reread = (index: LayoutIndex): LayoutIndex => parse(formatLayoutIndex(index));
const one = manifest("one");
const two = manifest("two");

describe("the index of a layout", () => {
  it("reads every golden layout and writes it back without loss", () => {
    const root = "../shared/data/papers/layouts";
    for (const name of readdirSync(root)) {
      const bytes = readFileSync(`${root}/${name}/index.json`);
      checkLayoutMarker(readFileSync(`${root}/${name}/oci-layout`), name);
      const index = parseLayoutIndex(bytes, name);
      expect(index.byTag.size).toBeGreaterThan(0);
      expect(JSON.parse(formatLayoutIndex(index))).toEqual(JSON.parse(bytes.toString()));
    }
  });

  it("moves a tag and keeps what it stood on by digest", () => {
    const index = reread(putManifest(putManifest(EMPTY_LAYOUT_INDEX, one, "v1"), two, "v1"));
    expect(findTag(index, "v1")?.digest).toBe(two.digest);
    expect(index.byDigest.get(one.digest)?.tag).toBe(undefined);
    expect(index.entries).toHaveLength(2);
  });

  it("lists a manifest once, however often it is put", () => {
    let index = putManifest(EMPTY_LAYOUT_INDEX, one, undefined);
    index = putManifest(putManifest(index, one, undefined), one, "a");
    index = putManifest(putManifest(index, one, "a"), one, "b");
    expect(index.entries.map((entry) => entry.tag)).toEqual(["a", "b"]);
    expect(putManifest(index, one, undefined)).toBe(index);
    expect(putManifest(index, one, "b")).toBe(index);
  });

  it("removes a tag, or a manifest with all its tags", () => {
    const index = putManifest(putManifest(EMPTY_LAYOUT_INDEX, one, "a"), one, "b");
    expect(removeTag(index, "a").entries.map((entry) => entry.tag)).toEqual(["b"]);
    expect(removeTag(removeTag(index, "a"), "b").entries.map((entry) => entry.tag)).toEqual([undefined]);
    expect(removeManifest(index, one.digest).entries).toEqual([]);
    expect(removeTag(index, "c")).toBe(index);
    expect(removeManifest(index, two.digest)).toBe(index);
  });

  it("keeps the fields, annotations and names of other tools", () => {
    const text = JSON.stringify({
      schemaVersion: 2,
      annotations: { made: "elsewhere" },
      manifests: [
        { ...one, data: "e30=", annotations: { "org.opencontainers.image.ref.name": "v1", other: "kept" } },
        { ...two, annotations: { "org.opencontainers.image.ref.name": "docker.io/library/x:1" } },
      ],
    });
    const moved = JSON.parse(formatLayoutIndex(putManifest(parse(text), two, "v1")));
    expect(moved.annotations).toEqual({ made: "elsewhere" });
    expect(moved.manifests[0]).toEqual({ ...one, data: "e30=", annotations: { other: "kept" } });
    expect(moved.manifests.slice(1).map((entry: typeof two) => entry.digest)).toEqual([two.digest, two.digest]);
  });

  it("refuses to choose between two manifests of one name", () => {
    const named = (entry: object) => ({ ...entry, annotations: { "org.opencontainers.image.ref.name": "v1" } });
    const index = parse(JSON.stringify({ schemaVersion: 2, manifests: [named(one), named(two)] }));
    expect(() => findTag(index, "v1")).toThrow(/several manifests/);
    expect(findTag(putManifest(index, one, "v1"), "v1")?.digest).toBe(one.digest);
    expect(putManifest(index, one, "v1").byDigest.has(two.digest)).toBe(true);
  });

  it.each(['{"schemaVersion":1,"manifests":[]}', "[]", '{"schemaVersion":2,"manifests":{}}', "", '{"manifests":[1]}'])(
    "refuses %s",
    (text) => expect(() => parse(text)).toThrow(expect.objectContaining({ code: "INPUT_INVALID" })),
  );

  it("answers any bytes with an index or a coded error", () => {
    const valid = formatLayoutIndex(putManifest(putManifest(EMPTY_LAYOUT_INDEX, one, "v1"), two, undefined));
    const answers = (at: number, byte: number): boolean => {
      const bytes = Buffer.from(valid);
      bytes[at] = byte;
      try {
        return reread(parseLayoutIndex(bytes, "index.json")) !== undefined;
      } catch (error) {
        return hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED");
      }
    };
    const property = fc.property(fc.nat(valid.length - 1), fc.nat(255), answers);
    expect(fc.check(property).counterexample).toBe(null);
  });
});

describe("the marker of a layout", () => {
  it("is of version 1.0.0", () => {
    expect(() => checkLayoutMarker(Buffer.from(LAYOUT_MARKER), "oci-layout")).not.toThrow();
    for (const text of ['{"imageLayoutVersion":"2.0.0"}', "{}", "null", ""])
      expect(() => checkLayoutMarker(Buffer.from(text), "oci-layout")).toThrow(
        expect.objectContaining({ code: "INPUT_INVALID" }),
      );
  });
});
