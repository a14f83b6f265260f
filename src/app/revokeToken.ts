import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Tenant } from "#records/build.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";

export interface RevokeTokenInput {
  /** As `AuditEvent.actor`. */
  readonly by: string;
  readonly tenant: Tenant;
  readonly id: string;
  readonly requestId: string | undefined;
}

/** Ends a token for good; one that was revoked before stays as it is. NOT_FOUND for one that the tenant does not have. */
export const revokeToken =
  (deps: Pick<ServiceDeps, "store">) =>
  (ctx: Ctx, { by, tenant, id, requestId }: RevokeTokenInput): Promise<void> =>
    deps.store.write(ctx, async (records) => {
      const token = await records.tokens.find(tenant, id);
      if (token === undefined)
        throw new WaybillError("NOT_FOUND", "there is no such token", {
          hint: "`waybill tokens list` shows the tokens of the tenant.",
        });
      if (token.revokedAt !== undefined) return;
      const at = ctx.clock.now();
      await records.tokens.revoke(tenant, id, at);
      const event = { at, tenant, actor: by, action: "token.revoke", object: `tokens/${id}`, requestId };
      await records.audit.append({ ...event, detail: { name: token.name } });
    });
