import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaybillError, asWaybillError, hasCode } from "#core/errors.ts";
import { parseLayers, parseManifest, rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";

const blob = { mediaType: "application/octet-stream", digest: `sha256:${"a".repeat(64)}`, size: 1 };
const image = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: blob, layers: [blob] };
const index = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPE.ociIndex,
  manifests: [{ ...blob, platform: { os: "linux", architecture: "arm64" } }],
};
const parse = (value: unknown, mediaType: string) =>
  parseManifest(rawManifest(Buffer.from(JSON.stringify(value)), mediaType));

describe("parseManifest", () => {
  it("reads images and indexes of both families", () => {
    expect(parse(image, MEDIA_TYPE.ociManifest)).toMatchObject({ kind: "image", layers: [blob] });
    expect(parse({ ...image, mediaType: MEDIA_TYPE.dockerManifest }, MEDIA_TYPE.dockerManifest).kind).toBe("image");
    expect(parse(index, MEDIA_TYPE.ociIndex)).toMatchObject({
      kind: "index",
      manifests: [{ platform: { architecture: "arm64" } }],
    });
    const { mediaType: _, ...bare } = image;
    expect(parse(bare, MEDIA_TYPE.ociManifest).mediaType).toBe(MEDIA_TYPE.ociManifest);
  });

  it.each([
    ["both shapes, announced as image", { ...image, manifests: [] }, MEDIA_TYPE.ociManifest],
    ["both shapes, announced as index", { ...index, layers: [], config: blob }, MEDIA_TYPE.ociIndex],
    ["another type in the body than in the header", image, MEDIA_TYPE.dockerManifest],
    ["an index announced as image", index, MEDIA_TYPE.ociManifest],
    ["a type that is no manifest", image, "text/html"],
    ["no layers", { ...image, layers: undefined }, MEDIA_TYPE.ociManifest],
    ["no config", { ...image, config: undefined }, MEDIA_TYPE.ociManifest],
    ["schema version 1", { ...image, schemaVersion: 1 }, MEDIA_TYPE.ociManifest],
    ["a negative size", { ...image, layers: [{ ...blob, size: -1 }] }, MEDIA_TYPE.ociManifest],
    ["a bad digest", { ...image, layers: [{ ...blob, digest: "sha256:x" }] }, MEDIA_TYPE.ociManifest],
    ["an annotation that is a number", { ...image, annotations: { a: 1 } }, MEDIA_TYPE.ociManifest],
  ])("attack 7: refuses %s", (_, value, mediaType) => {
    expect(() => parse(value, mediaType)).toThrow(WaybillError);
  });

  it("answers any JSON with a manifest or INPUT_INVALID", () => {
    const names = fc.constantFrom(
      "schemaVersion",
      "mediaType",
      "config",
      "layers",
      "manifests",
      "subject",
      "annotations",
    );
    const answers = (value: object): boolean => {
      try {
        return parse({ schemaVersion: 2, ...value }, MEDIA_TYPE.ociManifest).kind === "image";
      } catch (error) {
        return hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED");
      }
    };
    expect(fc.check(fc.property(fc.dictionary(names, fc.jsonValue()), answers)).counterexample).toBe(null);
  });
});

describe("parseLayers", () => {
  const layersOf = (value: unknown, mediaType: string = MEDIA_TYPE.ociManifest) =>
    parseLayers(rawManifest(Buffer.from(JSON.stringify(value)), mediaType));

  const orCode = <T>(read: () => T): T | string => {
    try {
      return read();
    } catch (error) {
      return asWaybillError(error).code;
    }
  };

  it("reads each layer for itself", () => {
    const [bad, good] = layersOf({ ...image, layers: [{ ...blob, size: -1 }, blob] }) ?? [];
    expect(bad).toMatchObject({ code: "INPUT_INVALID", message: expect.stringContaining("layers[0]") as string });
    expect(good).toEqual(blob);
    expect(layersOf(index, MEDIA_TYPE.ociIndex)).toBe(undefined);
  });

  it("is as strict as parseManifest about all the rest", () => {
    const bent = [{ schemaVersion: 1 }, { manifests: [] }, { layers: {} }, { config: 1 }, { mediaType: "x" }];
    for (const one of bent) expect(() => layersOf({ ...image, ...one })).toThrow(WaybillError);
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (layers, config) => {
        const value = { ...image, layers: [layers], config };
        const read = () => layersOf(value)?.length;
        expect([1, "INPUT_INVALID", "LIMIT_EXCEEDED"]).toContain(orCode(read));
      }),
    );
  });
});
