import { describe, expect, it } from "vitest";
import { WaybillError } from "#core/errors.ts";
import type { Repository } from "#core/content.ts";
import { createMemoryRepositories, pushImage, pushIndex } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";
import { failureOf } from "#app/paperPlan.ts";
import type { CarriedOut } from "#app/paperPlan.ts";
import { signImages } from "#app/signImages.ts";
import { exitCodeOf, verifyImages } from "#app/verifyImages.ts";
import type { Wanted } from "#app/verifyImages.ts";

const ctx = testCtx();
const REF = "registry.example/acme/app:1.0";
const NAME = "registry.example/acme/app";
const options = {
  references: [REF],
  storage: "both",
  recursive: false,
  dryRun: false,
  maxWorkers: 4,
  settleMs: 0,
} as const;
const signature = { kind: "signature", annotations: { tenant_id: "t-1" } } as const;
const attestation = {
  kind: "attestation",
  predicateType: "https://example.com/review/v1",
  predicate: Buffer.from('{"ok":true}'),
} as const;
const wanted: Wanted = { kind: "signature", annotations: {}, checkClaims: true };

const reports = (all: readonly CarriedOut[]) =>
  all.flatMap((one) => (one.kind === "done" ? one.images.map(({ report }) => report) : []));

const setUp = async (wrap?: Parameters<typeof createMemoryRepositories>[0]) => {
  const repositories = createMemoryRepositories(wrap);
  const signer = createTestSigner();
  await pushImage(ctx, repositories.at(NAME), "1.0", "content");
  const trust = { keys: [{ name: "key", key: signer.publicKey }] };
  return { repositories, signer, trust };
};

describe("signImages and verifyImages", () => {
  it("writes both forms, which verify as one claim", async () => {
    const { repositories, signer, trust } = await setUp();
    const all = await signImages({ repositories, signer })(ctx, { ...options, paper: signature });
    expect(
      reports(all)[0]
        ?.written.map(({ form }) => form)
        .toSorted(),
    ).toEqual(["bundle", "legacy"]);
    const [checked] = await verifyImages({ repositories })(ctx, {
      ...options,
      trust,
      wanted: { ...wanted, annotations: { tenant_id: "t-1" } },
    });
    if (checked?.kind !== "decided") throw new TypeError("undecided");
    expect(checked.verdict.ok).toBe(true);
    expect(checked.verdict.claims).toHaveLength(1);
    expect(checked.verdict.claims[0]?.copies.map(({ form }) => form).toSorted()).toEqual(["bundle", "legacy"]);
    expect(checked.verdict.claims[0]?.claim.claim.kind).toBe("simple-signing");
  });

  it("writes nothing new the second time, and signs nothing", async () => {
    const { repositories, signer } = await setUp();
    const run = (paper: typeof signature | typeof attestation) =>
      signImages({ repositories, signer })(ctx, { ...options, paper });
    await run(signature);
    await run(attestation);
    const before = [
      repositories.at(NAME).content.manifests.size,
      repositories.at(NAME).content.blobs.size,
      signer.signed(),
    ];
    const again = [...reports(await run(signature)), ...reports(await run(attestation))];
    expect(again.every(({ written, failed }) => written.length === 0 && failed.length === 0)).toBe(true);
    expect(again.flatMap(({ skipped }) => skipped)).toHaveLength(4);
    expect([
      repositories.at(NAME).content.manifests.size,
      repositories.at(NAME).content.blobs.size,
      signer.signed(),
    ]).toEqual(before);
  });

  it("signs an attestation once for both forms, also when the second form is added later", async () => {
    const { repositories, signer, trust } = await setUp();
    await signImages({ repositories, signer })(ctx, { ...options, storage: "legacy", paper: attestation });
    await signImages({ repositories, signer })(ctx, { ...options, storage: "both", paper: attestation });
    expect(signer.signed()).toBe(1);
    const [checked] = await verifyImages({ repositories })(ctx, {
      ...options,
      trust,
      wanted: { kind: "attestation", predicateType: attestation.predicateType, checkClaims: true },
    });
    if (checked?.kind !== "decided") throw new TypeError("undecided");
    expect(checked.verdict.claims).toHaveLength(1);
    expect(checked.verdict.claims[0]?.copies).toHaveLength(2);
    expect(Buffer.from(checked.verdict.claims[0]?.claim.predicateBytes ?? []).toString()).toBe('{"ok":true}');
  });

  it("writes nothing on a dry run", async () => {
    const { repositories, signer } = await setUp();
    const before = repositories.at(NAME).content.manifests.size;
    const all = await signImages({ repositories, signer })(ctx, { ...options, dryRun: true, paper: signature });
    expect(reports(all)[0]?.written).toHaveLength(2);
    expect([repositories.at(NAME).content.manifests.size, signer.signed()]).toEqual([before, 0]);
  });

  it("reports a refused form, completes the other, and completes the rest on the next run", async () => {
    let immutable = true;
    const wrap = (repository: Repository): Repository => ({
      ...repository,
      writeManifest: async (call, raw, tag, condition) => {
        if (immutable && tag?.endsWith(".sig") === true)
          throw new WaybillError("TAG_IMMUTABLE", "the tag is immutable");
        await repository.writeManifest(call, raw, tag, condition);
      },
    });
    const { repositories, signer, trust } = await setUp(wrap);
    const all = await signImages({ repositories, signer })(ctx, { ...options, paper: signature });
    const [report] = reports(all);
    expect(report?.written.map(({ form }) => form)).toEqual(["bundle"]);
    expect(report?.failed.map(({ form, error }) => [form, error.code])).toEqual([["legacy", "TAG_IMMUTABLE"]]);
    const error = all[0] === undefined ? undefined : failureOf(all[0]);
    expect([error?.code, error?.exitCode]).toEqual(["WRITE_PARTIAL", 6]);
    expect(exitCodeOf(await verifyImages({ repositories })(ctx, { ...options, trust, wanted }))).toBe(0);
    immutable = false;
    const [second] = reports(await signImages({ repositories, signer })(ctx, { ...options, paper: signature }));
    expect([second?.written.map(({ form }) => form), second?.skipped.map(({ form }) => form)]).toEqual([
      ["legacy"],
      ["bundle"],
    ]);
  });

  it("attack 6: signs an index alone, or with its images; never BuildKit's attestation children", async () => {
    const { repositories, signer } = await setUp();
    const repository = repositories.at(NAME);
    const images = [
      await pushImage(ctx, repository, undefined, "amd64"),
      await pushImage(ctx, repository, undefined, "arm64"),
    ];
    const buildkit = await pushImage(ctx, repository, undefined, "attestation");
    const index = await pushIndex(ctx, repository, "multi", images, buildkit);
    const run = (recursive: boolean) =>
      signImages({ repositories, signer })(ctx, {
        ...options,
        references: [`${NAME}:multi`],
        recursive,
        paper: signature,
      });
    const alone = await run(false);
    expect(alone.flatMap((one) => (one.kind === "done" ? one.images.map(({ digest }) => digest) : []))).toEqual([
      index,
    ]);
    const all = await run(true);
    expect(all.flatMap((one) => (one.kind === "done" ? one.images.map(({ digest }) => digest) : []))).toEqual([
      ...images,
      index,
    ]);
  });

  it("attacks 1 and 2: a moved tag is judged by its new digest", async () => {
    const { repositories, signer, trust } = await setUp();
    await signImages({ repositories, signer })(ctx, { ...options, paper: signature });
    await pushImage(ctx, repositories.at(NAME), "1.0", "other content");
    const checked = await verifyImages({ repositories })(ctx, { ...options, trust, wanted });
    expect(exitCodeOf(checked)).toBe(1);
  });

  it("attack 19: with several keys each must have signed, and one key given twice stands for nobody else", async () => {
    const { repositories, signer, trust } = await setUp();
    const other = createTestSigner();
    await signImages({ repositories, signer })(ctx, { ...options, paper: signature });
    const both = { keys: [...trust.keys, { name: "other", key: other.publicKey }] };
    const before = await verifyImages({ repositories })(ctx, { ...options, trust: both, wanted });
    expect(before[0]?.kind === "decided" && before[0].verdict.signers.missing).toEqual(["other"]);
    expect(exitCodeOf(before)).toBe(1);
    await signImages({ repositories, signer: other })(ctx, { ...options, paper: signature });
    expect(exitCodeOf(await verifyImages({ repositories })(ctx, { ...options, trust: both, wanted }))).toBe(0);
  });

  it("never takes an absent key for consent", async () => {
    const { repositories, signer } = await setUp();
    await signImages({ repositories, signer })(ctx, { ...options, paper: signature });
    expect(exitCodeOf(await verifyImages({ repositories })(ctx, { ...options, trust: { keys: [] }, wanted }))).toBe(1);
  });

  it.each(["AUTH_REQUIRED", "AUTH_DENIED", "REGISTRY_THROTTLED", "REGISTRY_UNAVAILABLE", "NETWORK_TIMEOUT"] as const)(
    "answers %s of the referrers list with that error, never with unsigned",
    async (code) => {
      const { repositories, trust } = await setUp((repository) => ({
        ...repository,
        listReferrers: () => Promise.reject(new WaybillError(code, "no")),
      }));
      const [checked] = await verifyImages({ repositories })(ctx, { ...options, trust, wanted });
      expect(checked?.kind === "undecided" && checked.error.code).toBe(code);
    },
  );

  it("attack 35: a good legacy signature counts although the referrers list fails or holds junk", async () => {
    let broken = false;
    const { repositories, signer, trust } = await setUp((repository) => ({
      ...repository,
      listReferrers: (call, subject) =>
        broken
          ? Promise.reject(new WaybillError("REGISTRY_UNAVAILABLE", "no"))
          : repository.listReferrers(call, subject),
    }));
    await signImages({ repositories, signer })(ctx, { ...options, storage: "legacy", paper: signature });
    await signImages({ repositories, signer: createTestSigner() })(ctx, {
      ...options,
      storage: "bundle",
      paper: attestation,
    });
    expect(exitCodeOf(await verifyImages({ repositories })(ctx, { ...options, trust, wanted }))).toBe(0);
    broken = true;
    expect(exitCodeOf(await verifyImages({ repositories })(ctx, { ...options, trust, wanted }))).toBe(0);
  });

  it("attack 26: more junk than is looked at is an error, not a no; a good paper in front of it counts", async () => {
    const { repositories, signer, trust } = await setUp((repository) => ({
      ...repository,
      listReferrers: async (call, subject) => {
        const real = await repository.listReferrers(call, subject);
        const junk = Array.from({ length: 1200 }, (_, at) => ({
          mediaType: "application/vnd.oci.image.manifest.v1+json",
          digest: `sha256:${at.toString(16).padStart(64, "0")}` as (typeof real)[number]["digest"],
          size: 1,
          artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
        }));
        return [...junk, ...real];
      },
    }));
    const [before] = await verifyImages({ repositories })(ctx, { ...options, trust, wanted });
    expect(before?.kind === "undecided" && before.error.code).toBe("LIMIT_EXCEEDED");
    await signImages({ repositories, signer })(ctx, { ...options, storage: "bundle", paper: signature }).catch(
      () => undefined,
    );
    await signImages({ repositories, signer })(ctx, {
      ...options,
      storage: "bundle",
      paper: signature,
    });
    expect(exitCodeOf(await verifyImages({ repositories })(ctx, { ...options, trust, wanted }))).toBe(0);
  });

  it("gives each reference its own answer, and a no weighs more than an error", async () => {
    const { repositories, signer, trust } = await setUp();
    await signImages({ repositories, signer })(ctx, { ...options, paper: signature });
    await pushImage(ctx, repositories.at(NAME), "unsigned", "unsigned");
    const ask = (references: readonly string[]) =>
      verifyImages({ repositories })(ctx, { ...options, references, trust, wanted });
    expect(exitCodeOf(await ask([REF, `${NAME}:absent`]))).toBe(4);
    expect(exitCodeOf(await ask([`${NAME}:absent`, `${NAME}:unsigned`, REF]))).toBe(1);
    expect(exitCodeOf(await ask(["NOT A REF"]))).toBe(3);
  });
});
