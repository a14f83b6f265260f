import { describe, expect, it } from "vitest";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { rawManifest } from "#core/manifest.ts";
import { createMemoryRepositories, pushImage, pushIndex } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";
import { issueImages } from "#app/issueImages.ts";
import { failureOf } from "#app/paperPlan.ts";
import type { CarriedOut } from "#app/paperPlan.ts";
import { prepareProvenance } from "#app/prepareProvenance.ts";
import { showImage } from "#app/showImage.ts";

const ctx = testCtx();
const NAME = "registry.example/acme/app";
const REF = `${NAME}:1.0`;
const provenance = prepareProvenance(
  { builderId: "https://ci.example/builder", parameters: {}, materials: [] },
  "1",
  undefined,
);
const input = {
  references: [REF],
  annotations: { build_id: "117" },
  provenance,
  sign: true,
  storage: "both",
  dryRun: false,
  maxWorkers: 2,
  settleMs: 0,
} as const;

const papersOf = (all: readonly CarriedOut[], which: "written" | "skipped") =>
  all.flatMap((one) =>
    one.kind === "done"
      ? one.images.map(({ report }) => report[which].map(({ form, predicateType }) => `${form} ${predicateType}`))
      : [],
  );

const setUp = (wrap?: (repository: Repository) => Repository) => {
  const repositories = createMemoryRepositories(wrap);
  const signer = createTestSigner();
  const scanned: string[] = [];
  const makeSbom = async (_: unknown, image: { readonly digest: string }): Promise<Uint8Array> => {
    scanned.push(image.digest);
    return Buffer.from(JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 }));
  };
  const trust = { keys: [{ name: "key", key: signer.publicKey }] };
  return { repositories, signer, scanned, trust, deps: { repositories, signer, makeSbom } };
};

describe("issueImages", () => {
  it("writes attestations before the signature, in both forms, and shows complete", async () => {
    const order: string[] = [];
    const { repositories, deps, trust } = setUp((repository) => ({
      ...repository,
      writeManifest: async (call, raw, tag, condition) => {
        order.push(tag?.slice(-3) ?? "");
        await repository.writeManifest(call, raw, tag, condition);
      },
      writeReferrers: async (call, subject, manifests) => {
        order.push(
          ...manifests.map(({ bytes }) =>
            Buffer.from(bytes).includes("cosign/sign/v1") ? "signature bundle" : "bundle",
          ),
        );
        return repository.writeReferrers(call, subject, manifests);
      },
    }));
    await pushImage(ctx, repositories.at(NAME), "1.0", "content");
    const all = await issueImages(deps)(ctx, input);
    expect(all.map(failureOf)).toEqual([undefined]);
    expect(papersOf(all, "written")[0]).toHaveLength(6);
    expect(order.indexOf("sig")).toBeGreaterThan(order.lastIndexOf("att"));
    expect(order.indexOf("signature bundle")).toBeGreaterThan(order.lastIndexOf("bundle"));
    expect(Math.min(order.indexOf("sig"), order.indexOf("signature bundle"))).toBeGreaterThan(
      Math.max(order.lastIndexOf("att"), order.lastIndexOf("bundle")),
    );
    const shown = await showImage({ repositories })(ctx, { reference: REF, trust });
    expect(shown.missing).toEqual([]);
    expect(shown.papers.map(({ state, forms }) => [state, forms])).toEqual(
      Array(3).fill(["verified", ["bundle", "legacy"]]),
    );
  });

  it("run twice writes and signs nothing new", async () => {
    const { repositories, deps, signer } = setUp();
    await pushImage(ctx, repositories.at(NAME), "1.0", "content");
    await issueImages(deps)(ctx, input);
    const before = [repositories.at(NAME).content.manifests.size, signer.signed()];
    const again = await issueImages(deps)(ctx, input);
    expect([papersOf(again, "written")[0]?.length, papersOf(again, "skipped")[0]?.length]).toEqual([0, 6]);
    expect([repositories.at(NAME).content.manifests.size, signer.signed()]).toEqual(before);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    "killed at write %i and run again: complete, without duplicates",
    async (fatal) => {
      let writes = 0;
      const { repositories, deps, trust } = setUp((repository) => {
        const dying =
          <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
          async (...args: A): Promise<R> => {
            if (++writes === fatal) throw new WaybillError("REGISTRY_REFUSED", "killed");
            return write(...args);
          };
        return {
          ...repository,
          writeBlob: dying(repository.writeBlob),
          writeManifest: dying(repository.writeManifest),
          writeReferrers: dying(repository.writeReferrers),
        };
      });
      await pushImage(ctx, repositories.at(NAME), "1.0", "content");
      const first = await issueImages(deps)(ctx, input);
      expect(first.map(failureOf)[0]).toBeInstanceOf(WaybillError);
      const second = await issueImages(deps)(ctx, input);
      expect(second.map(failureOf)).toEqual([undefined]);
      const shown = await showImage({ repositories })(ctx, { reference: REF, trust });
      expect(shown.papers.map(({ state, forms }) => [state, forms])).toEqual(
        Array(3).fill(["verified", ["bundle", "legacy"]]),
      );
      const { content } = repositories.at(NAME);
      const layersAt = (suffix: string): number => {
        const tag = [...content.tags.keys()].find((name) => name.endsWith(suffix)) ?? "";
        const raw = content.manifests.get(content.tags.get(tag) ?? ("" as never));
        return (JSON.parse(Buffer.from(raw?.bytes ?? []).toString()) as { layers: unknown[] }).layers.length;
      };
      expect([layersAt(".att"), layersAt(".sig")]).toEqual([2, 1]);
    },
  );

  it("gives an index and each of its images all three, the index last, and leaves BuildKit's children alone", async () => {
    const { repositories, deps, scanned, trust } = setUp();
    const repository = repositories.at(NAME);
    const images = [
      await pushImage(ctx, repository, undefined, "amd64"),
      await pushImage(ctx, repository, undefined, "arm64"),
    ];
    const buildkit = await pushImage(ctx, repository, undefined, "attestation");
    const index = await pushIndex(ctx, repository, "multi", images, buildkit);
    const all = await issueImages(deps)(ctx, { ...input, references: [`${NAME}:multi`] });
    expect(all.map(failureOf)).toEqual([undefined]);
    expect(scanned).toEqual([...images, index]);
    expect(papersOf(all, "written").map(({ length }) => length)).toEqual([6, 6, 6]);
    expect([...repository.content.tags.keys()].filter((tag) => tag.includes(buildkit.slice(7)))).toEqual([]);
    const shown = await showImage({ repositories })(ctx, { reference: `${NAME}@${index}`, trust });
    expect([shown.kind, shown.missing, shown.platforms]).toEqual(["index", [], ["linux/amd64", "linux/arm64"]]);
  });

  it("leaves out what is switched off", async () => {
    const { repositories, deps, scanned, trust } = setUp();
    await pushImage(ctx, repositories.at(NAME), "1.0", "content");
    await issueImages({ ...deps, makeSbom: undefined })(ctx, { ...input, provenance: undefined });
    expect(scanned).toEqual([]);
    expect((await showImage({ repositories })(ctx, { reference: REF, trust })).missing).toEqual(["sbom", "provenance"]);
  });

  it("does not sign what it could not attest: a signature implies the rest", async () => {
    const { repositories, deps, trust } = setUp((repository) => ({
      ...repository,
      writeManifest: async (call, raw, tag, condition) => {
        if (tag?.endsWith(".att") === true) throw new WaybillError("TAG_IMMUTABLE", "immutable");
        await repository.writeManifest(call, raw, tag, condition);
      },
    }));
    await pushImage(ctx, repositories.at(NAME), "1.0", "content");
    const all = await issueImages(deps)(ctx, input);
    expect(all.map((one) => failureOf(one)?.code)).toEqual(["WRITE_PARTIAL"]);
    const shown = await showImage({ repositories })(ctx, { reference: REF, trust });
    expect(shown.papers.map(({ state, forms }) => [state, forms])).toEqual(Array(3).fill(["verified", ["bundle"]]));
  });

  it("is no success when what was written does not verify on reading back", async () => {
    let forget = false;
    const { repositories, deps } = setUp((repository) => ({
      ...repository,
      writeReferrers: async (call, subject, manifests) => {
        const merges = await repository.writeReferrers(call, subject, manifests);
        forget = true;
        return merges;
      },
      listReferrers: async (call, subject) => (forget ? [] : repository.listReferrers(call, subject)),
    }));
    await pushImage(ctx, repositories.at(NAME), "1.0", "content");
    const all = await issueImages(deps)(ctx, { ...input, storage: "bundle" });
    expect(all.map((one) => failureOf(one)?.code)).toEqual(["READBACK_FAILED"]);
  });
});

describe("a batch", () => {
  it("writes each paper once when two tags lead to one digest", async () => {
    const { repositories, deps } = setUp();
    const repository = repositories.at(NAME);
    await pushImage(ctx, repository, "1.0", "content");
    await pushImage(ctx, repository, "latest", "content");
    const all = await issueImages(deps)(ctx, { ...input, references: [REF, `${NAME}:latest`] });
    expect(all.map(failureOf)).toEqual([undefined, undefined]);
    expect(papersOf(all, "written").map(({ length }) => length)).toEqual([6, 0]);
    expect(papersOf(all, "skipped").map(({ length }) => length)).toEqual([0, 6]);
  });

  it("attributes a tag that does not settle to its own reference", async () => {
    const settling = new Set<string>();
    const { repositories, deps } = setUp((repository) => ({
      ...repository,
      readManifest: async (call, name) => {
        if (repository.name.endsWith("/bad") && settling.has(name))
          throw new WaybillError("REGISTRY_UNAVAILABLE", "down");
        return repository.readManifest(call, name);
      },
      writeManifest: async (call, raw, tag, condition) => {
        await repository.writeManifest(call, raw, tag, condition);
        if (tag?.endsWith(".sig") === true) setTimeout(() => settling.add(tag), 20);
      },
    }));
    const bad = "registry.example/acme/bad";
    await pushImage(ctx, repositories.at(NAME), "1.0", "content");
    await pushImage(ctx, repositories.at(bad), "1.0", "other");
    const all = await issueImages(deps)(ctx, { ...input, references: [REF, `${bad}:1.0`], settleMs: 100 });
    expect(all.map((one) => failureOf(one)?.code)).toEqual([undefined, "WRITE_PARTIAL"]);
    const [report] = all.flatMap((one) =>
      one.kind === "done" && one.reference !== REF ? one.images.map((image) => image.report) : [],
    );
    expect(report?.failed.map(({ form, kind }) => [form, kind])).toEqual([["legacy", "signature"]]);
  });

  it("attack 7: refuses an index that lies about its children, before anything is written", async () => {
    const { repositories, deps } = setUp();
    const repository = repositories.at(NAME);
    const child = await pushImage(ctx, repository, undefined, "amd64");
    for (const lie of [{ size: 1 }, { mediaType: "application/vnd.docker.distribution.manifest.v2+json" }]) {
      const raw = await repository.readManifest(ctx, child);
      const descriptor = {
        mediaType: raw?.mediaType,
        digest: child,
        size: raw?.bytes.byteLength,
        platform: { os: "linux", architecture: "amd64" },
        ...lie,
      };
      const type = "application/vnd.oci.image.index.v1+json";
      const text = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [descriptor] });
      await repository.writeManifest(ctx, rawManifest(Buffer.from(text), type), "lying");
      const all = await issueImages(deps)(ctx, { ...input, references: [`${NAME}:lying`] });
      expect(["SIZE_LONG", "INPUT_INVALID"]).toContain(all.map((one) => failureOf(one)?.code)[0]);
      expect(deps.signer.signed()).toBe(0);
    }
  });

  it("attack 8: does not issue for a digest that no reader of papers knows", async () => {
    const { repositories, deps } = setUp();
    const raw = await repositories
      .at(NAME)
      .readManifest(ctx, await pushImage(ctx, repositories.at(NAME), "1.0", "content"));
    const digest = digestOf(raw?.bytes ?? "", "sha512");
    repositories
      .at(NAME)
      .content.manifests.set(digest, { bytes: raw?.bytes ?? Buffer.alloc(0), mediaType: raw?.mediaType ?? "", digest });
    const all = await issueImages({ ...deps, makeSbom: undefined })(ctx, {
      ...input,
      references: [`${NAME}@${digest}`],
    });
    expect([all.map((one) => failureOf(one)?.code), deps.signer.signed()]).toEqual([["INPUT_INVALID"], 0]);
  });
});

describe("showImage", () => {
  it("marks everything unverified without a key, and a stranger's papers refused with one", async () => {
    const { repositories, deps } = setUp();
    await pushImage(ctx, repositories.at(NAME), "1.0", "content");
    await issueImages(deps)(ctx, input);
    const without = await showImage({ repositories })(ctx, { reference: REF, trust: { keys: [] } });
    expect(new Set(without.papers.map(({ state }) => state))).toEqual(new Set(["unverified"]));
    const stranger = { keys: [{ name: "other", key: createTestSigner().publicKey }] };
    const other = await showImage({ repositories })(ctx, { reference: REF, trust: stranger });
    expect(new Set(other.papers.map(({ state }) => state))).toEqual(new Set(["refused"]));
    expect(other.missing).toEqual(["signature", "sbom", "provenance"]);
  });

  it("knows not what is missing where something could not be read", async () => {
    const { repositories, deps, trust } = setUp((repository) => ({
      ...repository,
      listReferrers: () => Promise.reject(new WaybillError("AUTH_DENIED", "no")),
    }));
    await pushImage(ctx, repositories.at(NAME), "1.0", "content");
    const shown = await showImage({ repositories })(ctx, { reference: REF, trust });
    expect([shown.missing, shown.failures.map(({ code }) => code)]).toEqual([undefined, ["AUTH_DENIED"]]);
    expect(deps.signer.signed()).toBe(0);
  });
});
