import { importKeyPair } from "#app/keyPairs.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { keyPairFlags, noteKeyPair } from "#cli/keyPairFlags.ts";
import { required } from "#cli/paperFlags.ts";

export const command = defineCommand({
  positionals: [],
  description: "Encrypts an existing private key (PEM: PKCS#8, SEC1 or PKCS#1) with a password, so that it can sign.",
  flags: {
    key: flag.text({ short: "k", value: "FILE", summary: "the unencrypted private key, or env://VARIABLE" }),
    ...keyPairFlags,
    outputKeyPrefix: flag.text({
      short: "o",
      value: "PREFIX",
      default: "import-cosign",
      summary: "write PREFIX.key and PREFIX.pub",
    }),
  },
  examples: [["waybill import-key-pair --key ec.pem", "import-cosign.key and import-cosign.pub"]],
  run: async ({ io, ctx, deps, flags }) => {
    const input = {
      prefix: flags.outputKeyPrefix,
      overwrite: flags.yes,
      key: required(flags.key, "--key", "Give the private key to import: a PEM file or env://VARIABLE."),
    };
    noteKeyPair(io, await importKeyPair(await deps.openKeyPairs(flags.passwordFile))(ctx, input));
    return 0;
  },
});
