import { defineCommand } from "#cli/command.ts";
import { dataFlag, storePlace } from "#cli/dataFlag.ts";
import { flag } from "#cli/flag.ts";
import { printable } from "#cli/printable.ts";
import { tenantFlag } from "#cli/tenantFlag.ts";
import type { Token } from "#records/token.ts";

// More than anybody looks at; the API has pages.
const LIMIT = 1000;

export const command = defineCommand({
  positionals: [],
  flags: {
    ...dataFlag,
    ...tenantFlag,
    output: flag.choice(["text", "json"], { short: "o", default: "text", summary: "form of the output" }),
  },
  examples: [
    ["waybill tokens list", "those of the tenant default"],
    ["waybill tokens list --tenant acme -o json", "for programs"],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const opened = await deps.openControlPlaneStore(ctx, storePlace(flags, io.env));
    try {
      const cut = { limit: LIMIT, after: undefined };
      const tokens = await opened.store.read(ctx, (records) => records.tokens.list(flags.tenant, cut));
      const now = ctx.clock.now();
      const lines = tokens.map((token) =>
        flags.output === "json" ? JSON.stringify(toJson(token, now)) : toLine(token, now),
      );
      await io.print(lines.map((line) => `${line}\n`).join(""));
      return 0;
    } finally {
      await opened.close();
    }
  },
});

const stateOf = ({ expiresAt, revokedAt }: Token, now: number): string =>
  revokedAt !== undefined ? "revoked" : expiresAt !== undefined && expiresAt <= now ? "expired" : "good";

const timeOf = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

const toLine = (token: Token, now: number): string =>
  [token.id, stateOf(token, now), token.role, timeOf(token.expiresAt) ?? "never expires", printable(token.name)].join(
    "  ",
  );

const toJson = (token: Token, now: number) => ({
  id: token.id,
  tenant: token.tenant,
  name: token.name,
  role: token.role,
  state: stateOf(token, now),
  created_at: timeOf(token.createdAt),
  expires_at: timeOf(token.expiresAt),
  revoked_at: timeOf(token.revokedAt),
});
