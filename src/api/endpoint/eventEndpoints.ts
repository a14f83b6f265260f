import { WaybillError } from "#core/errors.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import { getEvents } from "#api/contract/serviceRoutes.ts";
import { bind } from "#api/endpoint.ts";
import type { Endpoint } from "#api/endpoint.ts";
import { createEventStreams } from "#api/eventStream.ts";

export const eventEndpoints = (deps: ApiDeps): readonly Endpoint[] => {
  const streams = createEventStreams(deps.store, (count) => deps.watch("event streams", count));
  return [
    bind(getEvents, async ({ ctx, by, headers, stillValid }) => {
      const after = seqOf(headers.get("Last-Event-ID"));
      const last = await deps.store.read(ctx, (records) => records.events.last());
      // Whoever has seen more than there is has seen another database: what comes now would else be behind him.
      const from = after === undefined || after > last ? last : after;
      const stream = streams.open(ctx, { tenant: by.tenant, quota: by.quota, after: from, stillValid });
      return { kind: "stream", mediaType: "text/event-stream", stream };
    }),
  ];
};

const seqOf = (given: string | null): number | undefined => {
  if (given === null || given === "") return undefined;
  if (/^[0-9]{1,15}$/.test(given)) return Number(given);
  throw new WaybillError("REQUEST_INVALID", "Last-Event-ID is not an id of this stream", {
    details: { "/header/last-event-id": "invalid-format" },
  });
};
