import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Descriptor } from "#core/descriptor.ts";
import { digestOf } from "#core/digest.ts";
import { rawManifest } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { dropFromFallbackIndex, fallbackTag, mergeFallbackIndex, readFallbackIndex } from "#registry/fallbackIndex.ts";

const subject = digestOf("subject");
const referrer = (name: string, more: Partial<Descriptor> = {}): Descriptor => ({
  mediaType: MEDIA_TYPE.ociManifest,
  digest: digestOf(name),
  size: name.length,
  ...more,
});
const index = (text: string): RawManifest => rawManifest(Buffer.from(text), MEDIA_TYPE.ociIndex);

const merge = (current: RawManifest | undefined, ...added: Descriptor[]): RawManifest => {
  const result = mergeFallbackIndex(subject, added)(current);
  return result.kind === "write" ? result.manifest : index("unchanged");
};
const textOf = (raw: RawManifest): string => Buffer.from(raw.bytes).toString();

describe("fallbackTag", () => {
  it("is the digest with a dash, cut where a tag ends", () => {
    expect(fallbackTag(digestOf(""))).toBe("sha256-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(fallbackTag(digestOf("", "sha512"))).toMatch(/^sha512-[0-9a-f]{64}$/);
  });
});

describe("dropFromFallbackIndex", () => {
  it("takes out what is named and leaves the rest as it is", () => {
    const theirs = `{"digest":"${digestOf("theirs")}","size":1,"mediaType":"x/y","z":[1.5,null]}`;
    const current = merge(index(`{"schemaVersion":2,"manifests":[${theirs}],"later":true}`), referrer("ours"));
    const dropped = dropFromFallbackIndex(subject, [digestOf("ours"), digestOf("never there")])(current);
    if (dropped.kind !== "write") throw new TypeError("unchanged");
    expect(textOf(dropped.manifest)).toContain(theirs);
    expect(textOf(dropped.manifest)).toContain('"later":true');
    expect(readFallbackIndex(dropped.manifest, subject).map(({ digest }) => digest)).toEqual([digestOf("theirs")]);
    expect(dropFromFallbackIndex(subject, [digestOf("ours")])(dropped.manifest)).toEqual({ kind: "unchanged" });
  });

  it("leaves alone what is no list of referrers, and what is not there", () => {
    const image = rawManifest(Buffer.from("{}"), MEDIA_TYPE.ociManifest);
    for (const current of [undefined, image])
      expect(dropFromFallbackIndex(subject, [digestOf("ours")])(current)).toEqual({ kind: "unchanged" });
  });
});

describe("mergeFallbackIndex", () => {
  it("writes what go-containerregistry writes", () => {
    const annotations = { "org.example.a": "1" };
    const raw = merge(undefined, referrer("one", { artifactType: "application/x", annotations }));
    expect(raw.mediaType).toBe(MEDIA_TYPE.ociIndex);
    expect(textOf(raw)).toBe(
      `{"schemaVersion":2,"mediaType":"${MEDIA_TYPE.ociIndex}","manifests":[{"mediaType":"${MEDIA_TYPE.ociManifest}",` +
        `"size":3,"digest":"${digestOf("one")}","annotations":{"org.example.a":"1"},"artifactType":"application/x"}]}`,
    );
  });

  it("leaves what others wrote as it is, unknown fields included", () => {
    const theirs = `{"digest":"${digestOf("theirs")}","size":1,"mediaType":"x/y","data":"eyJ9","__proto__":{"a":1},"z":[1.5,null]}`;
    const current = index(`{"schemaVersion":2,"annotations":{"keep":"me"},"manifests":[${theirs}],"later":true}`);
    const text = textOf(merge(current, referrer("ours")));
    expect(text).toContain(theirs);
    expect(text).toContain('"annotations":{"keep":"me"}');
    expect(text).toContain('"later":true');
    expect(text).toContain(digestOf("ours"));
  });

  it("adds a digest once, and says so when nothing is missing", () => {
    const raw = merge(undefined, referrer("one"));
    expect(mergeFallbackIndex(subject, [referrer("one", { artifactType: "other" })])(raw)).toEqual({
      kind: "unchanged",
    });
    expect(mergeFallbackIndex(subject, [])(undefined)).toEqual({ kind: "unchanged" });
  });

  it("comes to the same list in whatever order writers come, sorted by digest", () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.nat()), (all, order) => {
        const inOrder = merge(undefined, ...all.map((name) => referrer(name)));
        const shuffled = all
          .map((name) => ({ name, at: order.next().value as number }))
          .toSorted((a, b) => a.at - b.at)
          .reduce<RawManifest | undefined>((current, { name }) => merge(current, referrer(name)), undefined);
        expect(textOf(shuffled ?? index(""))).toBe(textOf(inOrder));
        const digests = readFallbackIndex(inOrder, subject).map(({ digest }) => digest);
        expect(digests).toEqual(digests.toSorted());
        expect(digests).toHaveLength(all.length);
      }),
    );
  });

  it("overwrites nothing that is no index of referrers: an image under that tag, or the subject itself", () => {
    const image = rawManifest(Buffer.from("{}"), MEDIA_TYPE.ociManifest);
    const itself = index('{"manifests":[]}');
    expect(() => mergeFallbackIndex(subject, [referrer("one")])(image)).toThrow(
      expect.objectContaining({ code: "REGISTRY_REFUSED" }),
    );
    expect(() => mergeFallbackIndex(itself.digest, [referrer("one")])(itself)).toThrow(
      expect.objectContaining({ code: "REGISTRY_REFUSED" }),
    );
  });
});

describe("readFallbackIndex", () => {
  it("is empty for nothing, for an image and for the subject itself", () => {
    const itself = index(`{"manifests":[${JSON.stringify(referrer("platform"))}]}`);
    expect(readFallbackIndex(undefined, subject)).toEqual([]);
    expect(readFallbackIndex(rawManifest(Buffer.from("{}"), MEDIA_TYPE.ociManifest), subject)).toEqual([]);
    expect(readFallbackIndex(itself, itself.digest)).toEqual([]);
    expect(readFallbackIndex(itself, subject)).toHaveLength(1);
  });

  it("lets no entry hide another one: odd ones come without their odd fields, hopeless ones not at all", () => {
    const good = referrer("good", { artifactType: "application/x" });
    const odd = { ...referrer("odd"), annotations: { a: 1 } };
    const list = [null, "x", {}, { digest: "md5:1", size: 1, mediaType: "x" }, odd, good];
    expect(readFallbackIndex(index(JSON.stringify({ manifests: list })), subject)).toEqual([referrer("odd"), good]);
  });

  it.each(["", "[]", '{"manifests":{}}', '{"manifests":[],"manifests":[]}'])("refuses the index %j", (text) => {
    expect(() => readFallbackIndex(index(text), subject)).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });
});
