import { awaitOperation } from "#app/awaitOperation.ts";
import { WaybillError } from "#core/errors.ts";
import type { Operation } from "#records/operation.ts";
import type { Records } from "#records/recordStore.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import { getGate, getOperation, listOperations, postCancel } from "#api/contract/buildRoutes.ts";
import { bind } from "#api/endpoint.ts";
import type { AskedBy, Endpoint } from "#api/endpoint.ts";
import type { Route } from "#api/contract/route.ts";
import { ownKeys } from "#api/ownKeys.ts";
import { readWait, waitHeaders } from "#api/prefer.ts";
import { readPage } from "#api/readPage.ts";
import { json } from "#api/reply.ts";
import { viewGate, viewOperation } from "#api/views.ts";
import { createWaiters } from "#api/waiters.ts";
import type { Waiters } from "#api/waiters.ts";

export const operationEndpoints = (deps: ApiDeps): readonly Endpoint[] => {
  const waiters = createWaiters((count) => deps.watch("waiting requests", count));
  return [
    bind(listOperations, async ({ ctx, by, query }) =>
      json(
        await readPage({
          list: [by.tenant, listOperations.path, query.state ?? ""],
          query,
          read: (cut) => deps.store.read(ctx, (records) => records.operations.list(by.tenant, query.state, cut)),
          rowOf: ({ id }) => id,
          view: viewOperation,
        }),
      ),
    ),
    bind(getOperation, async (asked) => {
      const { ctx, by, params } = asked;
      const wait = readWait(asked.headers.get("Prefer"));
      const patience = { ms: wait * 1000, stop: deps.draining };
      const input = { by, id: params.id, patience };
      const operation = await held(waiters, asked, wait, () => awaitOperation(deps)(ctx, input));
      return json(viewOperation(operation), 200, waitHeaders(wait));
    }),
    bind(postCancel, async ({ ctx, by, requestId, keepReply, params: { id } }) => {
      const also = (records: Records, cancelled: Operation): Promise<void> =>
        keepReply(records, json(viewOperation(cancelled)));
      return json(viewOperation(await deps.cancelOperation(ctx, { by, requestId, id, also })));
    }),
    bind(getGate, async (asked) => {
      const { ctx, by, requestId, params } = asked;
      const wait = readWait(asked.headers.get("Prefer"));
      const patience = { ms: wait * 1000, stop: deps.draining };
      const input = { by, requestId, ...params, keys: () => ownKeys(deps), patience };
      const { value: gate, end } = await held(waiters, asked, wait, () => deps.askGate(ctx, input));
      // Neither yes nor no: the papers may be there in a moment.
      if (end === "stopped")
        throw new WaybillError("SERVICE_STOPPING", "the service stops before the papers are there");
      if (gate.open) return json(viewGate(gate), 200, waitHeaders(wait));
      const { settled, state, reason } = gate;
      const words = `${reason?.message ?? "its papers are not there"} (${reason?.code ?? "SIGNATURE_NOT_PRODUCED"})`;
      throw new WaybillError("GATE_CLOSED", `the image is not signed: ${words}`, { details: { state, settled } });
    }),
  ];
};

/** Whoever waits sees no more at the end than his token lets him see then. */
const held = async <T, R extends Route>(
  waiters: Waiters,
  { by, stillValid }: AskedBy<R>,
  wait: number,
  work: () => Promise<T>,
): Promise<T> => {
  const result = await waiters.hold(by.quota, wait, work);
  if (wait > 0 && !(await stillValid())) throw new WaybillError("TOKEN_INVALID", "the token has ended meanwhile");
  return result;
};
