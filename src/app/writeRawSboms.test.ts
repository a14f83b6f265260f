import { describe, expect, it } from "vitest";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { parseManifest } from "#core/manifest.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";
import { createMemoryRepositories, pushImage } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";
import type { CarriedOut } from "#app/paperPlan.ts";
import { preparePredicate } from "#app/preparePredicate.ts";
import { signImages } from "#app/signImages.ts";
import { demandRawSbom } from "#app/writeRawSboms.ts";

const ctx = testCtx();
const NAME = "registry.example/acme/app";
const SBOM = Buffer.from('{"bomFormat": "CycloneDX", "specVersion": "1.6"}');
const input = {
  references: [`${NAME}:1.0`],
  storage: "legacy",
  recursive: false,
  dryRun: false,
  maxWorkers: 4,
  settleMs: 0,
  sbomReferrer: true,
} as const;

const setUp = async (wrap?: Parameters<typeof createMemoryRepositories>[0]) => {
  const repositories = createMemoryRepositories(wrap);
  const subject = await pushImage(ctx, repositories.at(NAME), "1.0", "content");
  const run = async (more: object = {}, type = "cyclonedx"): Promise<CarriedOut & { readonly kind: "done" }> => {
    const paper = preparePredicate(type, SBOM);
    const [one] = await signImages({ repositories, signer: createTestSigner() })(ctx, { ...input, paper, ...more });
    if (one?.kind !== "done") throw new TypeError("failed");
    return one;
  };
  const formsOf = (one: CarriedOut & { readonly kind: "done" }, what: "written" | "skipped" | "failed") =>
    one.images.flatMap(({ report }) => report[what].map(({ form }) => form)).toSorted();
  return { repository: repositories.at(NAME), subject, run, formsOf };
};

describe("--sbom-referrer", () => {
  it.each([
    ["cyclonedx", "application/vnd.cyclonedx+json"],
    ["spdxjson", "application/spdx+json"],
  ])("stores %s to the byte as a referrer of its type, once", async (type, mediaType) => {
    const { repository, subject, run, formsOf } = await setUp();
    expect(formsOf(await run({ dryRun: true }, type), "written")).toEqual(["legacy", "raw"]);
    expect(await repository.listReferrers(ctx, subject)).toEqual([]);
    expect(formsOf(await run({}, type), "written")).toEqual(["legacy", "raw"]);
    expect(formsOf(await run({}, type), "skipped")).toEqual(["raw"]);
    const [referrer, ...others] = await repository.listReferrers(ctx, subject);
    expect(others).toEqual([]);
    expect(referrer?.artifactType).toBe(mediaType);
    const raw = await repository.readManifest(ctx, referrer?.digest ?? "");
    const manifest = raw && parseManifest(raw);
    if (manifest?.kind !== "image") throw new TypeError("no image manifest");
    expect(manifest.layers).toEqual([{ mediaType, digest: digestOf(SBOM), size: SBOM.byteLength }]);
  });

  it("is one failure among what was written where the registry refuses it", async () => {
    const refuse = (repository: Repository): Repository => ({
      ...repository,
      writeReferrers: () => Promise.reject(new WaybillError("REGISTRY_REFUSED", "no referrers")),
    });
    const { run, formsOf } = await setUp(refuse);
    const done = await run();
    expect(formsOf(done, "written")).toEqual(["legacy"]);
    expect(formsOf(done, "failed")).toEqual(["raw"]);
  });

  it("is for SBOMs in JSON alone", () => {
    expect(codeOf(() => demandRawSbom(preparePredicate("cyclonedx", SBOM)))).toBeUndefined();
    expect(codeOf(() => demandRawSbom(preparePredicate("spdx", Buffer.from("SPDXVersion: SPDX-2.3"))))).toBe(
      "USAGE_INVALID",
    );
    expect(codeOf(() => demandRawSbom(preparePredicate("vuln", SBOM)))).toBe("USAGE_INVALID");
    expect(codeOf(() => demandRawSbom({ kind: "signature", annotations: {} }))).toBe("USAGE_INVALID");
  });
});
