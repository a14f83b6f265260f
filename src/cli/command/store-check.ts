import { defineCommand } from "#cli/command.ts";
import { dataFlag, storePlace } from "#cli/dataFlag.ts";
import { printable } from "#cli/printable.ts";

export const command = defineCommand({
  positionals: [],
  description:
    "Reads everything: the database's own structure, the chain of the audit log, what points to what. Exits 1 when anything is wrong.",
  timeout: "1h",
  flags: { ...dataFlag },
  examples: [["waybill store check --data ./data", "also while the control plane runs"]],
  run: async ({ io, ctx, deps, flags }) => {
    const opened = await deps.openControlPlaneStore(ctx, storePlace(flags, io.env));
    try {
      const problems = await opened.check(ctx);
      for (const problem of problems) io.refuse(printable(problem));
      if (problems.length === 0) io.note("all is well");
      return problems.length === 0 ? 0 : 1;
    } finally {
      await opened.close();
    }
  },
});
