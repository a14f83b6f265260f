import { generateKeyPair } from "#app/keyPairs.ts";
import { defineCommand } from "#cli/command.ts";
import { keyPairFlags, noteKeyPair } from "#cli/keyPairFlags.ts";
import { flag } from "#cli/flag.ts";
import { refusedKeyPairFlags } from "#cli/refusedFlags.ts";

export const command = defineCommand({
  positionals: [],
  description:
    "Makes an ECDSA P-256 key pair: the private key encrypted with a password, in the format of cosign, and the public key.",
  flags: {
    ...keyPairFlags,
    ...refusedKeyPairFlags,
    outputKeyPrefix: flag.text({ value: "PREFIX", default: "cosign", summary: "write PREFIX.key and PREFIX.pub" }),
  },
  examples: [
    ["waybill generate-key-pair", "cosign.key and cosign.pub; asks for a password"],
    ["COSIGN_PASSWORD= waybill generate-key-pair --output-key-prefix ci", "ci.key and ci.pub, with an empty password"],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    const place = { prefix: flags.outputKeyPrefix, overwrite: flags.yes };
    noteKeyPair(io, await generateKeyPair(await deps.openKeyPairs(flags.passwordFile))(ctx, place));
    return 0;
  },
});
