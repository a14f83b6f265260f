import { describe, expect, it } from "vitest";
import { PREDICATE_TYPES } from "#claims/predicateType.ts";
import type { Repository } from "#core/content.ts";
import { WaybillError } from "#core/errors.ts";
import { createMemoryRepositories, pushImage } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";
import { failureOf } from "#app/paperPlan.ts";
import { preparePredicate } from "#app/preparePredicate.ts";
import { replacePapers } from "#app/replacePapers.ts";
import { signImages } from "#app/signImages.ts";
import type { Storage } from "#app/storage.ts";
import { supersedePapers } from "#app/supersedePapers.ts";
import { verifyImages } from "#app/verifyImages.ts";

const ctx = testCtx();
const NAME = "registry.example/acme/app";
const REF = `${NAME}:1.0`;
const options = { references: [REF], recursive: false, dryRun: false, maxWorkers: 4, settleMs: 0 } as const;
const sbom = (time: string) =>
  preparePredicate("cyclonedx", Buffer.from(JSON.stringify({ bomFormat: "CycloneDX", metadata: { timestamp: time } })));
const [OLD, NEW] = ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"] as const;

const setUp = async (wrap?: Parameters<typeof createMemoryRepositories>[0]) => {
  const repositories = createMemoryRepositories(wrap);
  const [own, other] = [createTestSigner(), createTestSigner()];
  await pushImage(ctx, repositories.at(NAME), "1.0", "content");
  const attest = (signer: typeof own, paper: ReturnType<typeof sbom>, storage: Storage = "both") =>
    signImages({ repositories, signer })(ctx, { ...options, storage, paper });
  const replace = async (paper: ReturnType<typeof sbom>, { storage = "both" as Storage, dryRun = false } = {}) =>
    replacePapers({ repositories, signer: own })(ctx, { ...options, paper, storage, dryRun });
  /** Times of what each key attested, with the forms. */
  const times = async (signer: typeof own, predicateType: string = PREDICATE_TYPES.cyclonedx) => {
    const trust = { keys: [{ name: "key", key: signer.publicKey }] };
    const wanted = { kind: "attestation", predicateType, checkClaims: true } as const;
    const [checked] = await verifyImages({ repositories })(ctx, { ...options, storage: "both", trust, wanted });
    if (checked?.kind !== "decided") throw new TypeError("undecided");
    return [...checked.verdict.claims, ...checked.verdict.superseded].map(
      ({ claim, copies }) =>
        `${/"timestamp":"(\d+)/.exec(Buffer.from(claim.payload).toString())?.[1]} ${copies
          .map(({ form }) => form)
          .toSorted()
          .join("+")}`,
    );
  };
  return { repositories, own, other, attest, replace, times };
};

const removedOf = (all: Awaited<ReturnType<ReturnType<typeof supersedePapers>>>) =>
  all.flatMap((one) =>
    one.kind === "done"
      ? one.images.flatMap(({ superseded }) => (superseded?.removed ?? []).map(({ form }) => form))
      : [],
  );

describe("supersedePapers", () => {
  it("removes both forms of what the same key said before, and nothing of another signer or type", async () => {
    const { own, other, attest, replace, times } = await setUp();
    await attest(own, sbom(OLD));
    await attest(other, sbom(OLD));
    const review = preparePredicate("https://example.com/review/v1", Buffer.from('{"timestamp":"1"}'));
    await attest(own, review);
    expect(removedOf(await replace(sbom(NEW))).toSorted()).toEqual(["bundle", "legacy"]);
    expect(await times(own)).toEqual(["2025 bundle+legacy"]);
    expect(await times(other)).toEqual(["2024 bundle+legacy"]);
    expect(await times(own, "https://example.com/review/v1")).toHaveLength(1);
    expect(removedOf(await replace(sbom(NEW)))).toEqual([]);
  });

  it("may put an older document in a newer one's place, and removes only in the forms that were written", async () => {
    const { own, attest, replace, times } = await setUp();
    await attest(own, sbom(NEW));
    expect(removedOf(await replace(sbom(OLD), { storage: "legacy" }))).toEqual(["legacy"]);
    expect(await times(own)).toEqual(["2025 bundle", "2024 legacy"]);
    await replace(sbom(OLD));
    expect(await times(own)).toEqual(["2024 bundle+legacy"]);
  });

  it("says what it would remove and removes nothing in a dry run", async () => {
    const { own, attest, replace, times } = await setUp();
    await attest(own, sbom(OLD));
    expect(removedOf(await replace(sbom(NEW), { dryRun: true })).toSorted()).toEqual(["bundle", "legacy"]);
    expect(await times(own)).toEqual(["2024 bundle+legacy"]);
  });

  it("fails where the registry deletes nothing, with the new paper and the tag as they must be", async () => {
    const refuse = (repository: Repository): Repository => ({
      ...repository,
      deleteManifest: () => Promise.reject(new WaybillError("REGISTRY_REFUSED", "405 UNSUPPORTED")),
    });
    const { own, attest, replace, times } = await setUp(refuse);
    await attest(own, sbom(OLD));
    const [outcome] = await replace(sbom(NEW));
    expect(outcome?.kind).toBe("done");
    expect(outcome === undefined ? undefined : failureOf(outcome)?.code).toBe("REGISTRY_REFUSED");
    expect(await times(own)).toEqual(["2025 bundle+legacy", "2024 bundle"]);
  });

  it("removes nothing where the new paper was not written", async () => {
    const { own, attest, times, repositories } = await setUp();
    await attest(own, sbom(OLD));
    const paper = sbom(NEW);
    const failed = { kind: "failed", reference: REF, error: new WaybillError("TAG_IMMUTABLE", "no") } as const;
    const input = { paper, storage: "both", dryRun: false, settleMs: 0, wasThere: () => true } as const;
    expect(await supersedePapers({ repositories, signer: own })(ctx, [failed], input)).toEqual([failed]);
    const [written] = await attest(own, sbom(OLD));
    if (written?.kind !== "done") throw new TypeError("not written");
    const [missing] = await supersedePapers({ repositories, signer: own })(ctx, [written], input);
    expect(missing === undefined ? undefined : failureOf(missing)?.code).toBe("READBACK_FAILED");
    expect(await times(own)).toEqual(["2024 bundle+legacy"]);
  });

  it("does not call it done where another run removes the new paper meanwhile", async () => {
    const { own, attest, repositories } = await setUp();
    await attest(own, sbom(OLD));
    const written = await attest(own, sbom(NEW));
    const input = { storage: "both", dryRun: false, settleMs: 0, wasThere: () => true } as const;
    const run = (time: string) =>
      supersedePapers({ repositories, signer: own })(ctx, written, { ...input, paper: sbom(time) });
    const codes = (await Promise.all([run(OLD), run(NEW)])).flat().map((one) => failureOf(one)?.code);
    expect(codes).toContain("READBACK_FAILED");
  });

  it("leaves what two runs at once wrote, and removes what both found", async () => {
    const { own, attest, replace, times } = await setUp();
    await attest(own, sbom(OLD));
    const dates = ["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"];
    const done = await Promise.all(dates.map((date) => replace(sbom(date))));
    expect(done.flat().map((one) => failureOf(one)?.code)).toEqual([undefined, undefined]);
    expect((await times(own)).toSorted()).toEqual(["2025 bundle+legacy", "2026 bundle+legacy"]);
  });
});
