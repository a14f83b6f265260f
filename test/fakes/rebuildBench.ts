import type { Repository } from "#core/content.ts";
import type { Digest } from "#core/digest.ts";
import { parseReference } from "#core/reference.ts";
import type { RegistryReference } from "#core/reference.ts";
import type { Signer } from "#core/signer.ts";
import type { Records } from "#records/recordStore.ts";
import type { OpenStore } from "#store/openStore.ts";
import { openSqliteStore } from "#store/openSqliteStore.ts";
import { buildPapers } from "#app/buildPapers.ts";
import { rebuildRecords } from "#app/rebuildRecords.ts";
import type { RebuildDeps, RebuildInput } from "#app/rebuildRecords.ts";
import { registerBuild } from "#app/registerBuild.ts";
import { requestIssue } from "#app/requestIssue.ts";
import { BENCH_FACTS, BENCH_REPOSITORY, openServiceBench, principal, workOnJob } from "./serviceBench.ts";
import type { ServiceBench } from "./serviceBench.ts";

export const referenceOf = (name: string): RegistryReference => {
  const reference = parseReference(name);
  if (reference.kind === "layout") throw new TypeError(name);
  return reference;
};

/** A service's registry with its papers, and an index that lost everything. */
export const openRebuildBench = async (wrap?: (repository: Repository) => Repository) => {
  const bench = await openServiceBench(wrap);
  const store = await openSqliteStore({ file: ":memory:" });
  const { ctx, signer, repositories } = bench;
  const deps: RebuildDeps & { store: OpenStore } = { store, newId: bench.deps.newId, repositories };
  return {
    bench,
    deps,
    ctx,
    content: repositories.at(BENCH_REPOSITORY).content,
    rebuild: (
      input: Partial<RebuildInput> & { readonly names?: readonly string[]; readonly keys?: readonly Signer[] } = {},
    ) =>
      rebuildRecords(deps)(ctx, {
        by: "cli",
        tenant: "default",
        from: (input.names ?? [BENCH_REPOSITORY]).map(referenceOf),
        trust: { keys: (input.keys ?? [signer]).map(({ publicKey }, at) => ({ name: `key ${at}`, key: publicKey })) },
        ...input,
      }),
    read: <T>(work: (records: Records) => Promise<T>): Promise<T> => store.read(ctx, work),
    /** Issues a build's papers with the service as it was. */
    issue: async (build: string, more: { tenant?: string; facts?: typeof BENCH_FACTS; digest?: Digest } = {}) => {
      const names = { by: principal(more.tenant), app: "my-app", build, requestId: undefined };
      const image = bench.image(more.digest ?? bench.digest);
      await registerBuild(bench.deps)(ctx, { ...names, facts: more.facts ?? BENCH_FACTS });
      await requestIssue(bench.deps)(ctx, { ...names, image, rerun: false });
      await workOnJob(bench.deps)(ctx);
      bench.advance(1000);
    },
  };
};

const TIMELESS = { createdAt: 0, updatedAt: 0, verifiedAt: 0, operation: undefined, row: "" };

/** Everything that is kept of a build of `my-app`, but for what no paper holds. */
export const keptOf = async (
  bench: Pick<ServiceBench, "ctx" | "digest">,
  deps: Pick<RebuildDeps, "store">,
  build: string,
  tenant = "default",
) => {
  const found = await buildPapers(deps)(bench.ctx, { tenant, app: "my-app", build });
  if (found === undefined) return undefined;
  return {
    build: { ...found.build, ...TIMELESS },
    papers: found.papers.map((paper) => ({ ...paper, ...TIMELESS })),
    chosen: [found.sbom, found.provenance, ...found.signatures].map((paper) => paper?.payload),
    documents: await deps.store.read(bench.ctx, (records) =>
      Promise.all(
        found.papers.flatMap(({ predicate, envelope, bundle }) =>
          [predicate, envelope, bundle].map(async (digest) => digest && (await records.documents.get(digest))),
        ),
      ),
    ),
    shape: await deps.store.read(bench.ctx, (records) =>
      records.images.find(tenant, found.build.image?.digest ?? bench.digest),
    ),
    packages: await deps.store.read(bench.ctx, (records) =>
      records.packages.list(tenant, found.build.image?.digest ?? bench.digest, undefined, {
        limit: 9,
        after: undefined,
      }),
    ),
  };
};
