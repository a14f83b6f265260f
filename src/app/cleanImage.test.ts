import { describe, expect, it } from "vitest";
import { appendLegacyLayers, legacyTag } from "#claims/legacyImage.ts";
import type { LegacySuffix } from "#claims/legacyImage.ts";
import type { Repository } from "#core/content.ts";
import { digestOf, isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { manifestDescriptor, rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { createMemoryRepositories, pushImage } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";
import { cleanImage } from "#app/cleanImage.ts";
import type { CleanedKind } from "#app/planCleaning.ts";
import { signImages } from "#app/signImages.ts";

const ctx = testCtx();
const NAME = "registry.example/acme/app";
const ALL: readonly CleanedKind[] = ["signature", "referrer", "attestation", "sbom"];

const setUp = async (wrap?: (repository: Repository) => Repository) => {
  const repositories = createMemoryRepositories(wrap);
  const repository = repositories.at(NAME);
  const digests: Digest[] = [];
  for (const tag of ["1.0", "2.0"]) digests.push(await pushImage(ctx, repository, tag, tag));
  const [digest, other] = digests as [Digest, Digest];
  const signer = createTestSigner();
  for (const paper of [
    { kind: "signature", annotations: {} },
    { kind: "attestation", predicateType: "https://example.com/review/v1", predicate: Buffer.from("{}") },
  ] as const)
    await signImages({ repositories, signer })(ctx, {
      references: [`${NAME}:1.0`, `${NAME}:2.0`],
      paper,
      storage: "both",
      recursive: false,
      dryRun: false,
      maxWorkers: 1,
      settleMs: 0,
    });
  // The same document on two images is one manifest under two tags.
  const document = { mediaType: "text/spdx", digest: digestOf("sbom"), size: 4 };
  const sbom = appendLegacyLayers(undefined, [document]).manifest;
  for (const one of digests) await repository.writeManifest(ctx, sbom, legacyTag(one, "sbom"));
  const clean = (force: boolean, kinds = ALL) =>
    cleanImage({ repositories })(ctx, { reference: `${NAME}:1.0`, kinds, force, settleMs: 0 });
  const tagOf = (subject: Digest, suffix: LegacySuffix) => repository.content.tags.get(legacyTag(subject, suffix));
  const referrersOf = async (subject: Digest) => (await repository.listReferrers(ctx, subject)).length;
  return { repository, digest, other, clean, tagOf, referrersOf };
};

const noTagDeletion = (one: Repository): Repository => ({
  ...one,
  deleteManifest: (call, name) =>
    isDigest(name)
      ? one.deleteManifest(call, name)
      : Promise.reject(new WaybillError("REGISTRY_REFUSED", "405", { details: { status: 405 } })),
});

const noDeletion = (one: Repository): Repository => ({
  ...one,
  deleteManifest: () => Promise.reject(new WaybillError("REGISTRY_REFUSED", "405", { details: { status: 405 } })),
});

describe("cleanImage", () => {
  it("only says what would be removed where it is not forced", async () => {
    const { clean, repository } = await setUp();
    const before = [repository.content.tags.size, repository.content.manifests.size];
    const { items, removed } = await clean(false);
    expect(removed).toBe(false);
    expect(items.map(({ kind, papers }) => [kind, papers])).toEqual([
      ["signature", 1],
      ["referrer", 1],
      ["referrer", 1],
      ["attestation", 1],
      ["sbom", 1],
    ]);
    expect([repository.content.tags.size, repository.content.manifests.size]).toEqual(before);
  });

  it.each([
    ["a registry that deletes tags", undefined],
    ["one that deletes only by digest", noTagDeletion],
  ])("removes the papers of the image and of no other, on %s", async (_, wrap) => {
    const { clean, repository, digest, other, tagOf, referrersOf } = await setUp(wrap);
    const { items } = await clean(true);
    expect(items.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect((["sig", "att", "sbom"] as const).map((suffix) => tagOf(digest, suffix))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await referrersOf(digest)).toBe(0);
    expect((["sig", "att", "sbom"] as const).every((suffix) => tagOf(other, suffix) !== undefined)).toBe(true);
    expect(repository.content.manifests.has(tagOf(other, "sbom") ?? digestOf(""))).toBe(true);
    expect(await referrersOf(other)).toBe(2);
    expect(repository.content.tags.get("1.0")).toBe(digest);
    expect(repository.content.manifests.has(digest)).toBe(true);
    expect((await clean(true)).items).toEqual([]);
  });

  it("removes one kind alone", async () => {
    const { clean, digest, tagOf, referrersOf } = await setUp();
    await clean(true, ["attestation"]);
    expect(tagOf(digest, "att")).toBeUndefined();
    expect(tagOf(digest, "sig")).toBeDefined();
    await clean(true, ["referrer"]);
    expect(await referrersOf(digest)).toBe(0);
    expect(tagOf(digest, "sig")).toBeDefined();
  });

  it("removes nothing from a registry that deletes nothing, and says so of each", async () => {
    const { clean, digest, tagOf, referrersOf } = await setUp(noDeletion);
    const before = (["sig", "att", "sbom"] as const).map((suffix) => tagOf(digest, suffix));
    const { items } = await clean(true);
    expect(items.map(({ error }) => error?.code)).toEqual(Array.from({ length: 5 }, () => "REGISTRY_REFUSED"));
    expect(items[0]?.error?.message).toContain("the registry does not delete");
    expect((["sig", "att", "sbom"] as const).map((suffix) => tagOf(digest, suffix))).toEqual(before);
    expect(await referrersOf(digest)).toBe(2);
  });

  it("puts a tag back where the registry stops deleting half-way", async () => {
    let deletions = 0;
    const { clean, digest, tagOf } = await setUp((one) => ({
      ...one,
      deleteManifest: (call, name) =>
        isDigest(name) && deletions++ === 0
          ? one.deleteManifest(call, name)
          : Promise.reject(new WaybillError("REGISTRY_REFUSED", "405", { details: { status: 405 } })),
    }));
    const before = tagOf(digest, "sig");
    const { items } = await clean(true, ["signature"]);
    expect(items.map(({ error }) => error?.code)).toEqual(["REGISTRY_REFUSED"]);
    expect(tagOf(digest, "sig")).toBe(before);
  });

  it("leaves what only stands where papers would stand", async () => {
    const { clean, repository, digest, other } = await setUp();
    const image = await repository.readManifest(ctx, digest);
    const another = await repository.readManifest(ctx, other);
    if (image === undefined || another === undefined) throw new TypeError("no image");
    await repository.writeManifest(ctx, image, legacyTag(digest, "sig"));
    await repository.writeManifest(ctx, another, legacyTag(digest, "att"));
    await repository.writeManifest(ctx, another, legacyTag(digest, "sbom"));
    const { items, kept } = await clean(true, ["signature", "attestation", "sbom"]);
    expect(items).toEqual([]);
    expect(kept).toHaveLength(3);
    expect(repository.content.manifests.has(digest) && repository.content.manifests.has(other)).toBe(true);
  });

  it("leaves referrers that are no bundles, and says which", async () => {
    const { clean, repository, digest, referrersOf } = await setUp();
    const image = await repository.readManifest(ctx, digest);
    if (image === undefined) throw new TypeError("no image");
    const sbom = rawManifest(
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: MEDIA_TYPE.ociManifest,
          artifactType: "application/vnd.cyclonedx+json",
          config: { mediaType: MEDIA_TYPE.ociEmpty, digest: digestOf("{}"), size: 2 },
          layers: [],
          subject: manifestDescriptor(image),
        }),
      ),
      MEDIA_TYPE.ociManifest,
    );
    await repository.writeReferrers(ctx, digest, [sbom]);
    const { kept } = await clean(true);
    expect(kept.map(({ name }) => name)).toEqual([sbom.digest]);
    expect(await referrersOf(digest)).toBe(1);
  });

  it("removes nothing where it cannot know what there is", async () => {
    const { clean, digest, tagOf } = await setUp((one) => ({
      ...one,
      listReferrers: () => Promise.reject(new WaybillError("REGISTRY_THROTTLED", "429")),
    }));
    expect(await codeOfPromise(clean(true))).toBe("REGISTRY_THROTTLED");
    expect(tagOf(digest, "sbom")).toBeDefined();
  });

  it.each([true, false])(
    "takes deleted bundles out of the list that nobody else keeps, and tells where that fails",
    async (works) => {
      const forgotten: Digest[][] = [];
      const { clean, digest } = await setUp((one) => ({
        ...one,
        removeReferrers: async (call, subject, referrers) => {
          forgotten.push([subject, ...referrers]);
          if (!works) throw new WaybillError("TAG_CONTENDED", "busy");
          for (const referrer of referrers) await one.deleteManifest(call, referrer);
          return [];
        },
      }));
      const { items } = await clean(true, ["referrer"]);
      expect(forgotten).toEqual(items.map((one) => [digest, one.digest]));
      expect(items.flatMap(({ error }) => error?.code ?? [])).toEqual(works ? [] : ["TAG_CONTENDED", "TAG_CONTENDED"]);
    },
  );
});
