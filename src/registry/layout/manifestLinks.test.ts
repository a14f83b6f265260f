import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOf } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { readManifestLinks } from "#registry/layout/manifestLinks.ts";

const config = { mediaType: "application/vnd.example.config", digest: digestOf("config"), size: 6 };
const subject = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf("subject"), size: 7 };
const read = (value: unknown, mediaType: string = MEDIA_TYPE.ociManifest) =>
  readManifestLinks(rawManifest(Buffer.from(JSON.stringify(value)), mediaType));

describe("the links of a manifest", () => {
  it("describe it as the referrers API does", () => {
    const annotations = { a: "b" };
    expect(read({ config, subject, annotations }).referrer).toMatchObject({
      artifactType: config.mediaType,
      annotations,
    });
    expect(read({ config, subject, artifactType: "" }).referrer.artifactType).toBe(config.mediaType);
    expect(read({ config, subject, artifactType: "x/y" }).referrer.artifactType).toBe("x/y");
    expect(read({ manifests: [], subject }, MEDIA_TYPE.ociIndex).referrer).not.toHaveProperty("artifactType");
    expect(read({ config, subject }).subject).toBe(subject.digest);
    expect(read({ config, subject: null }).subject).toBe(undefined);
  });

  it("name the blobs that must be there, and no foreign ones", () => {
    const layer = { mediaType: "x/y", digest: digestOf("layer"), size: 5 };
    const foreign = { mediaType: "x/y", digest: digestOf("foreign"), size: 7, urls: ["https://example.com/layer"] };
    expect(read({ config, layers: [layer, foreign] }).blobs.map((blob) => blob.digest)).toEqual([
      config.digest,
      layer.digest,
    ]);
  });

  it.each([
    [[], "is not a JSON object"],
    [{ mediaType: MEDIA_TYPE.ociIndex }, "announced"],
    [{ config, manifests: [] }, "both"],
    [{ layers: {} }, "not a list"],
    [{ subject: "sha256:" }, "subject"],
    [{ config: { ...config, digest: "sha256:../../x" } }, "digest"],
  ])("refuse %j", (value, reason) => expect(() => read(value)).toThrow(reason));

  it("answer any change of a golden manifest with links or a coded error", () => {
    const blobs = join("../shared/data/papers/layouts/bundle-cosign3", "blobs/sha256");
    const contents = readdirSync(blobs).map((name) => readFileSync(join(blobs, name)));
    const manifests = contents.filter((bytes) => bytes.includes('"schemaVersion"'));
    expect(manifests.length).toBeGreaterThan(1);
    const outcome = (bytes: Uint8Array): string => {
      try {
        readManifestLinks(rawManifest(bytes, MEDIA_TYPE.ociManifest));
        return "links";
      } catch (error) {
        return hasCode(error, "INPUT_INVALID", "LIMIT_EXCEEDED") ? error.code : "a fault";
      }
    };
    for (const manifest of manifests) {
      const changed = fc.tuple(fc.nat(manifest.length - 1), fc.nat(255)).map(([at, byte]) => {
        const bytes = Buffer.from(manifest);
        bytes[at] = byte;
        return bytes;
      });
      expect(() => fc.assert(fc.property(changed, (bytes) => outcome(bytes) !== "a fault"))).not.toThrow();
    }
  });
});
