import type { Ctx } from "#core/ctx.ts";
import type { RecordStore } from "#records/recordStore.ts";
import type { Principal } from "#records/token.ts";

export interface AuditorLook {
  readonly by: Principal | undefined;
  /** Path below the version's prefix, with its first slash. */
  readonly target: string;
  /** As its schema read it, so that a name which the route does not know, such as one for a token, is not in it. */
  readonly query: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

const MAX_QUERY = 512;

/** What auditors look at is itself on record (evidence.md 4.1), before they see it. */
export const noteAuditor = async (
  store: RecordStore,
  ctx: Ctx,
  { by, target, query, requestId }: AuditorLook,
): Promise<void> => {
  if (by?.role !== "auditor") return;
  const { tenant, actor } = by;
  const event = { tenant, actor, action: "auditor.read", object: target.slice(1), requestId };
  const asked = textOf(query);
  const detail = asked === "" ? {} : { query: asked };
  await store.write(ctx, (records) => records.audit.append({ ...event, at: ctx.clock.now(), detail }));
};

const textOf = (query: Readonly<Record<string, unknown>>): string => {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      given.set(name, String(value));
  }
  // Somebody may have pasted a token of ours, or a JWT, into a field that searches.
  const text = given.toString().replaceAll(/wbt_[\w-]+|eyJ[\w-]+\.[\w-]+\.[\w-]*/g, "(secret)");
  return text.length > MAX_QUERY ? `${text.slice(0, MAX_QUERY)}...` : text;
};
