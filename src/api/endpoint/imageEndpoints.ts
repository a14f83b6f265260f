import { parseDigest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import { getDocument, getImage, listPackages } from "#api/contract/paperRoutes.ts";
import { bind } from "#api/endpoint.ts";
import type { Endpoint } from "#api/endpoint.ts";
import { ownKeys } from "#api/ownKeys.ts";
import { readDocument } from "#api/readDocument.ts";
import { readPage } from "#api/readPage.ts";
import { FOR_EVER, json } from "#api/reply.ts";
import { viewPaper, viewShape } from "#api/views.ts";

const MAX_BUILDS = 100;

export const imageEndpoints = (deps: ApiDeps): readonly Endpoint[] => [
  bind(getImage, async ({ ctx, by, params }) => {
    const digest = parseDigest(params.digest);
    const [papers, builds, shape] = await deps.store.read(ctx, async (records) => [
      await records.papers.list(by.tenant, digest),
      await records.builds.listByDigest(by.tenant, digest, MAX_BUILDS),
      await records.images.find(by.tenant, digest),
    ]);
    if (papers.length === 0 && builds.length === 0) throw new WaybillError("NOT_FOUND", "no such image");
    const named = builds.flatMap(({ image }) => (image === undefined ? [] : [image.repository]));
    return json({
      digest,
      ...viewShape(shape),
      repositories: [...new Set([...named, ...papers.map(({ repository }) => repository)])].toSorted(),
      builds: builds.map(({ app, id }) => ({ app, build_id: id })),
      papers: papers.map((paper) => viewPaper(paper, ownKeys(deps))),
    });
  }),
  bind(listPackages, async ({ ctx, by: { tenant }, params, query }) => {
    const digest = parseDigest(params.digest);
    await demandImage(deps, ctx, tenant, digest);
    const head = await deps.store.read(ctx, (records) => records.packages.find(tenant, digest));
    const page = await readPage({
      list: [tenant, listPackages.path, digest, query.q ?? ""],
      query,
      read: (cut) => deps.store.read(ctx, (records) => records.packages.list(tenant, digest, query.q, cut)),
      rowOf: ({ purl }) => purl,
      view: ({ name, version, type, purl, licenses }) => ({ name, version, type, purl, licenses }),
    });
    // A list that was cut off must not look like all there is.
    const isCut = head !== undefined && head.listed < head.total;
    return json(isCut ? { ...page, total: { ...page.total, type: "AT_LEAST" } } : page);
  }),
  bind(getDocument, async ({ ctx, by: { tenant }, params }) => {
    // Documents belong to nobody; who has a paper that names one may see it.
    const papers = await deps.store.read(ctx, (records) => records.papers.list(tenant, parseDigest(params.digest)));
    const digest = parseDigest(params.document);
    const paper = papers.find(({ predicate, envelope, bundle }) => [predicate, envelope, bundle].includes(digest));
    if (paper === undefined) throw new WaybillError("NOT_FOUND", "no such document");
    const bytes = await readDocument(deps.store, ctx, digest);
    return {
      kind: "bytes",
      content: { mediaType: "application/json", bytes, digest, cache: FOR_EVER },
      headers: { "X-Attestation-Digest": paper.payload },
    };
  }),
];

const demandImage = async (
  deps: ApiDeps,
  ctx: Parameters<ApiDeps["buildPapers"]>[0],
  tenant: string,
  digest: ReturnType<typeof parseDigest>,
): Promise<void> => {
  const known = await deps.store.read(
    ctx,
    async (records) =>
      (await records.builds.listByDigest(tenant, digest, 1)).length > 0 ||
      (await records.papers.list(tenant, digest)).length > 0,
  );
  if (!known) throw new WaybillError("NOT_FOUND", "no such image");
};
