import { describe, expect, it } from "vitest";
import { markForCosign } from "#archive/markForCosign.ts";
import { findTag, formatLayoutIndex, parseLayoutIndex, putManifest, removeTag } from "#archive/ociLayout.ts";
import type { LayoutIndex } from "#archive/ociLayout.ts";
import { sha256Digest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

const digest = (digit: string): Digest => sha256Digest(digit.repeat(64));
const [IMAGE, SIGS, ATTS, OTHER] = [digest("a"), digest("b"), digest("c"), digest("d")];
const SIG_TAG = `sha256-${"a".repeat(64)}.sig`;
const ATT_TAG = `sha256-${"a".repeat(64)}.att`;
const REF_NAME = "org.opencontainers.image.ref.name";

const entry = (of: Digest, annotations?: Record<string, string>) => ({
  mediaType: MEDIA_TYPE.ociManifest,
  digest: of,
  size: 100,
  ...(annotations === undefined ? {} : { annotations }),
});

const indexOf = (...manifests: readonly object[]): LayoutIndex =>
  parseLayoutIndex(Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })), "index.json");

const reread = (index: LayoutIndex): LayoutIndex =>
  parseLayoutIndex(Buffer.from(formatLayoutIndex(index)), "index.json");
const kind = (word: string) => ({ kind: `dev.cosignproject.cosign/${word}` });
const kindOf = (index: LayoutIndex, of: Digest) => index.byDigest.get(of)?.descriptor.annotations?.["kind"];

describe("tags that other tools mean", () => {
  it("are cosign's kinds: the image it loads, its signatures and attestations", () => {
    const index = indexOf(entry(IMAGE, kind("image")), entry(SIGS, kind("sigs")), entry(ATTS, kind("atts")));
    expect([...index.byTag.keys()]).toEqual(["latest", SIG_TAG, ATT_TAG]);
    expect(findTag(index, SIG_TAG)?.digest).toBe(SIGS);
    expect(findTag(index, "latest")?.digest).toBe(IMAGE);
  });

  it("are the ends of whole references", () => {
    const name = { [REF_NAME]: "registry.example:5000/app:1.0" };
    const index = indexOf(entry(IMAGE, name), entry(SIGS, { [REF_NAME]: `registry.example/app:${SIG_TAG}` }));
    expect([...index.byTag.keys()]).toEqual(["1.0", SIG_TAG]);
    expect(indexOf(entry(IMAGE, { [REF_NAME]: `registry.example/app@${IMAGE}` })).byTag.size).toBe(0);
  });

  it("give way to a tag, and are ambiguous where two entries mean different images", () => {
    const whole = { [REF_NAME]: "one.example/app:1.0" };
    const tagged = indexOf(entry(IMAGE, whole), entry(OTHER, { [REF_NAME]: "1.0" }));
    expect(findTag(tagged, "1.0")?.digest).toBe(OTHER);
    const two = indexOf(entry(IMAGE, whole), entry(OTHER, { [REF_NAME]: "two.example/app:1.0" }));
    expect(() => findTag(two, "1.0")).toThrow("several manifests");
  });

  it("pass to what takes their place, so that cosign finds merged signatures", () => {
    const index = indexOf(entry(IMAGE, kind("image")), entry(SIGS, kind("sigs")));
    const merged = reread(putManifest(index, { mediaType: MEDIA_TYPE.ociManifest, digest: OTHER, size: 9 }, SIG_TAG));
    expect(findTag(merged, SIG_TAG)?.digest).toBe(OTHER);
    expect(kindOf(merged, OTHER)).toBe("dev.cosignproject.cosign/sigs");
    expect(kindOf(merged, SIGS)).toBe(undefined);
    expect([...reread(removeTag(merged, SIG_TAG)).byTag.keys()]).toEqual(["latest"]);
  });
});

describe("a listed referrer", () => {
  it("says its type and annotations, and never a name", () => {
    const paper = {
      mediaType: MEDIA_TYPE.ociManifest,
      digest: SIGS,
      size: 9,
      artifactType: "text/paper",
      annotations: { [REF_NAME]: "1.0", "io.containerd.image.name": "x", ...kind("image"), free: "yes" },
    };
    const index = reread(putManifest(indexOf(), paper, undefined));
    expect(index.entries[0]?.json).toMatchObject({ artifactType: "text/paper", annotations: { free: "yes" } });
    expect(index.byTag.size).toBe(0);
    expect(index.entries[0]?.descriptor.annotations).toEqual({ free: "yes" });
    const long = { ...paper, annotations: { free: "x".repeat(20_000) } };
    expect(putManifest(indexOf(), long, undefined).entries[0]?.descriptor.annotations).toBe(undefined);
  });
});

describe("markForCosign", () => {
  it("names one image and its papers, and takes the words from the one before", () => {
    const before = indexOf(
      entry(OTHER, { ...kind("image"), [REF_NAME]: "old" }),
      entry(ATTS, kind("atts")),
      entry(IMAGE, { [REF_NAME]: "1.0" }),
      entry(IMAGE, { [REF_NAME]: "2.0" }),
      entry(SIGS, { [REF_NAME]: SIG_TAG }),
    );
    const index = reread(markForCosign(before, IMAGE));
    const kinds = index.entries.map(({ descriptor }) => descriptor.annotations?.["kind"]?.split("/")[1]);
    expect(kinds).toEqual([undefined, undefined, "image", undefined, "sigs"]);
    expect(index.byTag.has("old")).toBe(true);
    expect(markForCosign(index, IMAGE)).toBe(index);
  });

  it("tells an index from an image", () => {
    const index = indexOf({ ...entry(IMAGE), mediaType: MEDIA_TYPE.ociIndex });
    expect(kindOf(markForCosign(index, IMAGE), IMAGE)).toBe("dev.cosignproject.cosign/imageIndex");
  });
});
