import { createToken } from "#app/createToken.ts";
import { defineCommand } from "#cli/command.ts";
import { dataFlag, storePlace } from "#cli/dataFlag.ts";
import { flag } from "#cli/flag.ts";
import { required } from "#cli/paperFlags.ts";
import { tenantFlag } from "#cli/tenantFlag.ts";

const DAY_MS = 86_400_000;

export const command = defineCommand({
  positionals: [],
  description: "The token is printed once, here, and kept nowhere: only its hash is.",
  flags: {
    ...dataFlag,
    ...tenantFlag,
    name: flag.text({ value: "NAME", summary: "what the audit log calls whoever uses it" }),
    role: flag.choice(["reader", "builder", "auditor", "operator"], { default: "reader", summary: "what it may do" }),
    days: flag.count({ value: "N", default: 90, min: 0, max: 3650, summary: "how long it is good; 0 for ever" }),
  },
  examples: [
    ["waybill tokens create --name ci --role builder", "for builds, 90 days"],
    ["waybill tokens create --tenant acme --name audit-2027 --role auditor --days 7", "for an auditor's week"],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const name = required(flags.name, "--name", "Say who will use the token; the audit log shows it.");
    const opened = await deps.openControlPlaneStore(ctx, storePlace(flags, io.env));
    try {
      const { tenant, role } = flags;
      const expiresAt = flags.days === 0 ? undefined : ctx.clock.now() + flags.days * DAY_MS;
      const facts = { by: "cli", tenant, name, role, expiresAt, requestId: undefined };
      const { secret, token } = await createToken(opened)(ctx, facts);
      io.note(`Token ${token.id}: ${token.role} of ${token.tenant}`);
      await io.print(`${secret}\n`);
      return 0;
    } finally {
      await opened.close();
    }
  },
});
