import type { z } from "zod";
import { WaybillError } from "#core/errors.ts";
import type { BuildFacts } from "#records/build.ts";
import type { Operation } from "#records/operation.ts";
import type { Records } from "#records/recordStore.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import { getBuild, listBuilds, postBuild, postIssue } from "#api/contract/buildRoutes.ts";
import type { BUILD_FACTS } from "#api/contract/buildRoutes.ts";
import { bind } from "#api/endpoint.ts";
import type { Endpoint } from "#api/endpoint.ts";
import { readPage } from "#api/readPage.ts";
import { json } from "#api/reply.ts";
import type { Reply } from "#api/reply.ts";
import { viewBuild, viewOperation } from "#api/views.ts";

export const buildEndpoints = (deps: ApiDeps): readonly Endpoint[] => [
  bind(listBuilds, async ({ ctx, by, params: { app }, query }) => {
    const filter = { app, state: query.state };
    return json(
      await readPage({
        list: [by.tenant, listBuilds.path, app, query.state ?? ""],
        query,
        read: (cut) =>
          deps.store.read(ctx, async ({ apps, builds }) => {
            if ((await apps.find(by.tenant, app)) === undefined) throw new WaybillError("NOT_FOUND", "no such app");
            return builds.list(by.tenant, filter, cut);
          }),
        rowOf: ({ row }) => row,
        view: viewBuild,
      }),
    );
  }),
  bind(postBuild, async ({ ctx, by, requestId, params: { app }, body }) => {
    const input = { by, requestId, app, build: body.build_id, facts: factsOf(body) };
    const { created, build } = await deps.registerBuild(ctx, input);
    const location = { Location: `/v1/apps/${build.app}/builds/${build.id}` };
    return json(viewBuild(build), created ? 201 : 200, created ? location : {});
  }),
  bind(getBuild, async ({ ctx, by, params: { app, build } }) => {
    const found = await deps.store.read(ctx, (records) => records.builds.find(by.tenant, app, build));
    if (found === undefined) throw new WaybillError("NOT_FOUND", "no such build");
    return json(viewBuild(found));
  }),
  bind(postIssue, async ({ ctx, by, requestId, keepReply, params: { app, build }, body }) => {
    const { image, mode, rerun = false } = body;
    const input = { by, requestId, app, build, image, mode, rerun };
    // What began again may be over when the request is repeated, which would begin it once more.
    const also = (records: Records, operation: Operation): Promise<void> => keepReply(records, replyOf(operation));
    return replyOf((await deps.requestIssue(ctx, { ...input, also })).operation);
  }),
];

const replyOf = (operation: Operation): Reply =>
  json(viewOperation(operation), 202, { Location: `/v1/operations/${operation.id}` });

const factsOf = (body: z.infer<typeof BUILD_FACTS>): BuildFacts => ({
  source: body.source ?? undefined,
  commitSha: body.commit_sha ?? undefined,
  builder: body.builder ?? undefined,
  parameters: body.parameters ?? {},
});
