import { describe, expect, it } from "vitest";
import { SIGNATURE_TYPE } from "#claims/predicateType.ts";
import { writeBundleManifest } from "#claims/bundleManifest.ts";
import { legacyTag } from "#claims/legacyImage.ts";
import type { Repository } from "#core/content.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { gatherPapers } from "#app/gatherPapers.ts";
import type { GatherInput } from "#app/gatherPapers.ts";
import type { Form } from "#app/storage.ts";
import { signImages } from "#app/signImages.ts";
import { verifyImages } from "#app/verifyImages.ts";
import { createMemoryRepositories, pushImage } from "../../test/fakes/memoryRepositories.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { createTestSigner } from "../../test/fakes/testSigner.ts";

const ctx = testCtx();
const NAME = "registry.example/acme/app";
const REF = `${NAME}:1.0`;
const MIB = 1024 * 1024;
const options = { references: [REF], recursive: false, dryRun: false, maxWorkers: 1, settleMs: 0 } as const;

/** An image with one signature in one form alone. */
const setUp = async (storage: Form = "bundle") => {
  const repositories = createMemoryRepositories();
  const repository = repositories.at(NAME);
  const signer = createTestSigner();
  const subject = await pushImage(ctx, repository, "1.0", "content");
  const paper = { kind: "signature", annotations: {} } as const;
  await signImages({ repositories, signer })(ctx, { ...options, storage, paper });
  const [referrer] = await repository.listReferrers(ctx, subject);
  const signed = referrer ?? (await repository.readManifest(ctx, legacyTag(subject, "sig")));
  if (signed === undefined) throw new TypeError("nothing was signed");
  const verify = async () => {
    const wanted = { kind: "signature", annotations: {}, checkClaims: true } as const;
    const trust = { keys: [{ name: "key", key: signer.publicKey }] };
    const [checked] = await verifyImages({ repositories })(ctx, { ...options, storage, trust, wanted });
    return checked?.kind === "decided" ? checked.verdict.ok : checked?.error.code;
  };
  return { repository, subject, signed: signed.digest, verify };
};

const referTo = async (repository: Repository, subject: Digest, blob: { digest: Digest; size: number }) => {
  const about = { mediaType: MEDIA_TYPE.ociManifest, digest: subject, size: 7 };
  const raw = writeBundleManifest({ bundle: blob, predicateType: SIGNATURE_TYPE, subject: about });
  await repository.writeReferrers(ctx, subject, [raw]);
  return raw.digest;
};

/** A referrer of half a kilobyte that claims to carry `size` bytes, which are not there. */
const claimBytes = (repository: Repository, subject: Digest, name: string, size: number) =>
  referTo(repository, subject, { digest: digestOf(name), size });

/** A referrer with true bytes that are no bundle. */
const writeJunk = async (repository: Repository, subject: Digest, name: string, size: number) => {
  const bytes = Buffer.alloc(size, name);
  const blob = { digest: digestOf(bytes), size };
  await repository.writeBlob(ctx, blob, bytes);
  return referTo(repository, subject, blob);
};

const gather = async (input: Pick<GatherInput, "repository" | "subject" | "limits">) => {
  const all = { papers: [] as string[], failures: [] as string[] };
  for await (const batch of gatherPapers(ctx, { ...input, kinds: ["signature"], storage: "bundle" })) {
    all.papers.push(...batch.papers.map(({ candidate }) => candidate.found.manifest));
    all.failures.push(...batch.failures.map(({ code, message }) => `${code} ${message}`));
  }
  return all;
};

describe("the budget for papers", () => {
  it("attack 27 (CVE-2024-29902): is not spent by one referrer that claims 2 GiB", async () => {
    const { repository, subject, signed, verify } = await setUp();
    const huge = await Promise.all(
      Array.from({ length: 12 }, (_, at) => claimBytes(repository, subject, `huge ${at}`, 2048 * MIB)),
    );
    expect(await verify()).toBe(true);
    const { papers, failures } = await gather({ repository, subject });
    expect(papers.toSorted()).toEqual([...huge, signed].toSorted());
    expect(failures).toEqual([]);
  });

  it("attack 27: is not spent by many referrers that claim 100 MiB each", async () => {
    const { repository, subject, signed } = await setUp();
    const large = await Promise.all(
      Array.from({ length: 15 }, (_, at) => claimBytes(repository, subject, `large ${at}`, 100 * MIB)),
    );
    // All of them are looked at and none is there, so that the answer is known.
    const { papers, failures } = await gather({ repository, subject });
    expect(papers.toSorted()).toEqual([...large, signed].toSorted());
    expect(failures).toEqual([]);
  });

  it("attack 27: is spent on small papers first, and a paper beyond it is a failure of its own", async () => {
    const { repository, subject, signed, verify } = await setUp();
    const sizes = [300, 400, 500, 600].map((kib) => kib * 1024);
    const [first, second, third, fourth] = await Promise.all(
      sizes.map((size) => writeJunk(repository, subject, `junk ${size}`, size)),
    );
    const limits = { maxPapers: 10, maxPaperBytes: MIB, maxTotalBytes: 1000 * 1024 };
    const { papers, failures } = await gather({ repository, subject, limits });
    expect(papers).toEqual([signed, first, second]);
    expect(failures).toEqual([
      expect.stringMatching(`^LIMIT_EXCEEDED .*${third}`),
      expect.stringMatching(`^LIMIT_EXCEEDED .*${fourth}`),
    ]);
    expect(await verify()).toBe(true);
  });

  it("leaves an image undecided whose only paper is beyond it", async () => {
    const { repository, subject } = await setUp();
    const limits = { maxPapers: 10, maxPaperBytes: MIB, maxTotalBytes: 10 };
    const { papers, failures } = await gather({ repository, subject, limits });
    expect(papers).toEqual([]);
    expect(failures).toEqual([expect.stringMatching(/^LIMIT_EXCEEDED/)]);
  });
});

describe("the list of referrers", () => {
  it("attack 26 (CVE-2023-46737, CVE-2023-33957): beyond its limit leaves an image undecided, unless a good paper was found before", async () => {
    const good = await setUp();
    const cutOff = (subject: Digest, repository: Repository): Repository => ({
      ...repository,
      listReferrers: async (call, asked, query) => {
        query?.onLimit(new WaybillError("LIMIT_EXCEEDED", "too many"));
        return asked === subject ? repository.listReferrers(call, asked, query) : [];
      },
    });
    const { signed, subject } = good;
    const found = await gather({ repository: cutOff(subject, good.repository), subject });
    expect(found).toEqual({ papers: [signed], failures: ["LIMIT_EXCEEDED too many"] });
    const nothing = await gather({ repository: cutOff(digestOf("other"), good.repository), subject });
    expect(nothing).toEqual({ papers: [], failures: ["LIMIT_EXCEEDED too many"] });
  });

  it("attack 26: is asked for what may be a bundle alone", async () => {
    const { repository, subject } = await setUp();
    const about = { mediaType: MEDIA_TYPE.ociManifest, digest: subject, size: 7 };
    const types = [MEDIA_TYPE.bundle, MEDIA_TYPE.ociEmpty, undefined, "application/vnd.example.scan"];
    const wanted: boolean[] = [];
    const asked: Repository = {
      ...repository,
      listReferrers: async (_, __, query) => {
        const described = types.map((artifactType) => ({
          ...about,
          ...(artifactType === undefined ? {} : { artifactType }),
        }));
        wanted.push(...described.map((one) => query?.wants(one) === true));
        return [];
      },
    };
    await gather({ repository: asked, subject });
    expect(wanted).toEqual([true, true, true, false]);
  });
});

describe("a tag of signatures", () => {
  type Layers = readonly { readonly digest: string }[];

  /** An image signed in the legacy form, its tag rewritten by a stranger. */
  const rewrite = async (bend: (good: Layers) => readonly unknown[]) => {
    const { repository, subject, verify } = await setUp("legacy");
    const tag = legacyTag(subject, "sig");
    const raw = await repository.readManifest(ctx, tag);
    const value = JSON.parse(Buffer.from(raw?.bytes ?? []).toString()) as { layers: Layers };
    const bent = Buffer.from(JSON.stringify({ ...value, layers: bend(value.layers) }));
    await repository.writeManifest(ctx, rawManifest(bent, MEDIA_TYPE.ociManifest), tag);
    return verify();
  };
  const junk = (good: Layers, count: number) =>
    Array.from({ length: count }, (_, at) => ({ ...good[0], digest: digestOf(`junk ${at}`) }));

  it("attack 26: with a layer that is no descriptor keeps its good one", async () => {
    expect(await rewrite((good) => [{ mediaType: MEDIA_TYPE.simpleSigning, size: "x" }, ...good])).toBe(true);
    expect(await rewrite(() => [{ mediaType: MEDIA_TYPE.simpleSigning, size: "x" }])).toBe(false);
  });

  it("attack 26: of 5000 layers is good when a good one is among the first 1000, else a no", async () => {
    expect(await rewrite((good) => [...junk(good, 999), ...good, ...junk(good, 4000)])).toBe(true);
    expect(await rewrite((good) => [...junk(good, 1000), ...good])).toBe(false);
  });
});
