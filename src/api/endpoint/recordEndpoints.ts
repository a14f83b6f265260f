import type { ApiDeps } from "#api/apiDeps.ts";
import { listAudit, listJobs } from "#api/contract/serviceRoutes.ts";
import { bind } from "#api/endpoint.ts";
import type { Endpoint } from "#api/endpoint.ts";
import { readPage } from "#api/readPage.ts";
import { json } from "#api/reply.ts";
import { viewJob, viewTime } from "#api/views.ts";

export const recordEndpoints = (deps: ApiDeps): readonly Endpoint[] => [
  bind(listJobs, async ({ ctx, by, query }) =>
    json(
      await readPage({
        list: [by.tenant, listJobs.path, query.state ?? ""],
        query,
        read: (cut) => deps.store.read(ctx, (records) => records.jobs.list(by.tenant, query.state, cut)),
        rowOf: ({ id }) => id,
        view: viewJob,
      }),
    ),
  ),
  bind(listAudit, async ({ ctx, by, query }) =>
    json(
      await readPage({
        list: [by.tenant, listAudit.path],
        query,
        read: ({ limit, after }) =>
          deps.store.read(ctx, (records) => records.audit.list(by.tenant, seqOf(after), limit)),
        rowOf: ({ seq }) => String(seq),
        view: ({ seq, at, actor, action, object, requestId, detail, prevHash, hash }) => ({
          seq,
          at: viewTime(at),
          actor,
          action,
          object,
          request_id: requestId ?? null,
          detail,
          prev_hash: prevHash,
          hash,
        }),
      }),
    ),
  ),
];

const seqOf = (after: string | undefined): number => {
  const seq = Number(after ?? 0);
  return Number.isSafeInteger(seq) ? seq : 0;
};
