import { revokeToken } from "#app/revokeToken.ts";
import { defineCommand } from "#cli/command.ts";
import { dataFlag, storePlace } from "#cli/dataFlag.ts";
import { tenantFlag } from "#cli/tenantFlag.ts";

export const command = defineCommand({
  positionals: [{ name: "ID" }],
  description: "It is refused from the next request on.",
  flags: { ...dataFlag, ...tenantFlag },
  examples: [["waybill tokens revoke 01936f2e-8a40-7c00-8000-000000000000", "the id is in waybill tokens list"]],
  run: async ({ io, ctx, deps, args, flags }) => {
    const opened = await deps.openControlPlaneStore(ctx, storePlace(flags, io.env));
    try {
      await revokeToken(opened)(ctx, {
        by: "cli",
        tenant: flags.tenant,
        id: args[0] ?? "",
        requestId: undefined,
      });
      io.note("revoked");
      return 0;
    } finally {
      await opened.close();
    }
  },
});
