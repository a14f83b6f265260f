import { logOut } from "#app/logIn.ts";
import { defineCommand } from "#cli/command.ts";
import { readRegistryName } from "#cli/readRegistryName.ts";
import { connectionFlags } from "#cli/registryFlags.ts";

export const command = defineCommand({
  positionals: [{ name: "HOST" }],
  description: "Takes what login kept out of the file, or out of the credential helper that the file names.",
  flags: connectionFlags,
  examples: [["waybill logout registry.example", "as if nobody had logged in"]],
  run: async ({ io, ctx, deps, args, flags }) => {
    const registry = readRegistryName(args[0] ?? "");
    const { place, elsewhere } = await logOut(await deps.openLogins(flags))(ctx, registry);
    io.note(place === undefined ? `nothing was kept for ${registry}` : `logged out of ${registry}, in ${place}`);
    if (elsewhere !== undefined) io.warn(`${registry} is still known to ${elsewhere}`);
    return 0;
  },
});
