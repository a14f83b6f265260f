import type { z } from "zod";
import type { AuditEntry } from "#records/auditEntry.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import { listAudit, listJobs } from "#api/contract/serviceRoutes.ts";
import type { AUDIT_ENTRY } from "#api/contract/serviceRoutes.ts";
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
  bind(listAudit, async ({ ctx, by, query }) => {
    const { order } = query;
    const wanted = { order, actor: query.actor, action: query.action, object: query.object };
    return json(
      await readPage({
        list: [by.tenant, listAudit.path, JSON.stringify(wanted)],
        query,
        read: ({ limit, after }) =>
          deps.store.read(ctx, ({ audit }) => audit.search(by.tenant, { ...wanted, after: seqOf(after) }, limit)),
        rowOf: ({ seq }) => String(seq),
        view: viewAudit,
      }),
    );
  }),
];

const viewAudit = ({ seq, at, requestId, prevHash, ...entry }: AuditEntry): z.infer<typeof AUDIT_ENTRY> => ({
  seq,
  at: viewTime(at),
  actor: entry.actor,
  action: entry.action,
  object: entry.object,
  request_id: requestId ?? null,
  detail: { ...entry.detail },
  prev_hash: prevHash,
  hash: entry.hash,
});

// Whoever forges a page's token gets the first page.
const seqOf = (after: string | undefined): number | undefined => {
  const seq = Number(after);
  return Number.isSafeInteger(seq) ? seq : undefined;
};
