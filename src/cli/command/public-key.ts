import { publicKeyOf } from "#app/keyPairs.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { passwordFlags } from "#cli/keyPairFlags.ts";
import { requiredKey } from "#cli/paperFlags.ts";
import { refusedTokenFlags } from "#cli/refusedFlags.ts";

export const command = defineCommand({
  positionals: [],
  description: "Prints the public half of a private key as PEM.",
  flags: {
    key: flag.text({ value: "KEY", summary: "the private key: file or env://VARIABLE" }),
    ...passwordFlags,
    ...refusedTokenFlags,
    outfile: flag.text({ value: "FILE", summary: "write here instead of stdout" }),
  },
  examples: [
    ["waybill public-key --key cosign.key", "to stdout"],
    ["waybill public-key --key env://SIGNING_KEY --outfile cosign.pub", "to a file"],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const openSigner = async (openCtx: typeof ctx, key: string) =>
      (await deps.readKey(openCtx, key, flags.passwordFile)).unlock();
    const pem = await publicKeyOf({ openSigner })(ctx, { key: requiredKey(flags.key) });
    if (flags.outfile === undefined) await io.print(pem);
    else await deps.writeOutput(ctx, flags.outfile, Buffer.from(pem));
    return 0;
  },
});
