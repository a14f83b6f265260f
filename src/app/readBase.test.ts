import { describe, expect, it } from "vitest";
import { readBase } from "#app/readBase.ts";
import { resolveImage } from "#app/resolveImage.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { parseReference } from "#core/reference.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { createMemoryRepositories, pushIndex } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const ctx = testCtx();
const NAME = "registry.example/acme/app";
const repositories = createMemoryRepositories();
const repository = repositories.at(NAME);

/** Pushes an image of layers of which nothing but the names is there. */
const push = async (tag: string, ...contents: readonly string[]): Promise<Digest> => {
  const layers = contents.map((text) => ({
    mediaType: "application/x-tar",
    digest: digestOf(text),
    size: text.length,
  }));
  const rootfs = { type: "layers", diff_ids: contents.map((text) => digestOf(`tar of ${text}`)) };
  const config = Buffer.from(JSON.stringify({ os: "linux", architecture: "amd64", rootfs }));
  const descriptor = { digest: digestOf(config), size: config.length };
  await repository.writeBlob(ctx, descriptor, config);
  const body = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: { mediaType: MEDIA_TYPE.ociConfig, ...descriptor },
    layers,
  };
  const raw = rawManifest(Buffer.from(JSON.stringify(body)), MEDIA_TYPE.ociManifest);
  await repository.writeManifest(ctx, raw, tag);
  return raw.digest;
};

const baseOf = async (image: string, base: string) => {
  const input = { reference: parseReference(`${NAME}:${image}`), access: "read" } as const;
  const resolved = await resolveImage({ repositories })(ctx, input);
  return readBase({ repositories })(ctx, parseReference(`${NAME}:${base}`), resolved);
};

describe("readBase", () => {
  it("knows a base by its layers, of an index that of the image's platform", async () => {
    const base = await push("base", "a", "b");
    await push("app", "a", "b", "c");
    const given = { source: "given", digest: base, layers: 2 };
    expect(await baseOf("app", "base")).toEqual(given);
    await pushIndex(ctx, repository, "bases", [base, await push("other", "x")], await push("buildkit", "y"));
    expect(await baseOf("app", "bases")).toEqual(given);
    expect(await baseOf("base", "base")).toEqual(given);
  });

  it("refuses what is no base, and an image that is an index", async () => {
    const app = await push("app", "a", "b", "c");
    await push("older", "a", "B");
    for (const [image, base] of [
      ["app", "older"],
      ["older", "app"],
    ] as const) {
      expect(await codeOfPromise(baseOf(image, base))).toBe("USAGE_INVALID");
    }
    await pushIndex(ctx, repository, "index", [app], await push("buildkit", "y"));
    expect(await codeOfPromise(baseOf("index", "app"))).toBe("USAGE_INVALID");
    expect(await codeOfPromise(baseOf("app", "gone"))).toBe("NOT_FOUND");
  });
});
