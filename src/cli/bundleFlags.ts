import type { AssembledBundle } from "#app/assembleBundle.ts";
import type { Run } from "#cli/command.ts";
import type { Deps } from "#cli/deps.ts";
import { flag } from "#cli/flag.ts";
import type { FlagTable } from "#cli/flag.ts";
import { printable } from "#cli/printable.ts";
import { writeDocument } from "#cli/writeDocument.ts";
import type { Ctx } from "#core/ctx.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

/** Flags of the commands that make bundles of what is there. */
export const bundleFlags = flag.grouped("Papers", {
  key: flag.text({ value: "KEY", summary: "public key that made it: file, env://VARIABLE or https://..." }),
  out: flag.text({ value: "FILE", summary: "write the bundle there instead of to stdout" }),
});

export const openKey = async (
  deps: Pick<Deps, "openTrust">,
  ctx: Ctx,
  key: string | undefined,
): Promise<TrustMaterial | undefined> => (key === undefined ? undefined : deps.openTrust(ctx, [key]));

/** Hands the bundle over, or says why there is none; the exit code. */
export const writeBundleResult = async (
  { io, ctx, deps }: Pick<Run<FlagTable>, "io" | "ctx" | "deps">,
  outcome: AssembledBundle,
  out: string | undefined,
): Promise<number> => {
  if (outcome.kind === "refused") {
    io.refuse("Error: no bundle was made: it would not verify");
    io.refuse(printable(`  ${outcome.name}: ${outcome.reason}`));
    return 1;
  }
  return writeDocument({ io, ctx, deps }, outcome.bytes, out, "bundle");
};
