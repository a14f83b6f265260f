import { readLooseSignature } from "#app/looseSignature.ts";
import type { LooseSignature } from "#app/looseSignature.ts";
import { verifyImages } from "#app/verifyImages.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { readPairs, storageOf } from "#cli/paperFlags.ts";
import { refusedImageVerifyFlags } from "#cli/refusedFlags.ts";
import { signatureLines } from "#cli/render/signatureLines.ts";
import { reportVerdicts } from "#cli/reportVerdicts.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { annotationFlags, openSigners, referencesOf, verifyFlags } from "#cli/verifyFlags.ts";

export const command = defineCommand({
  positionals: [{ name: "REF", many: true, fromStdin: true }],
  description:
    "Exits 0 only if every REF carries an image signature by every key, in whichever form it is stored. Attestations are no signatures.",
  flags: {
    ...verifyFlags,
    ...annotationFlags,
    ...flag.grouped("Files", {
      signature: flag.text({
        value: "FILE",
        summary: "verify this signature, base64, in place of those that are stored",
      }),
      payload: flag.text({ value: "FILE", summary: "what that signature signs; else what sign signs by default" }),
    }),
    ...refusedImageVerifyFlags,
  },
  examples: [
    ["waybill verify --key cosign.pub registry.example/app:1.0", "the payloads as cosign prints them"],
    ["waybill verify --key cosign.pub -a tenant_id=t-1 registry.example/app:1.0 | jq .", "signed for this tenant only"],
    ["waybill verify --key https://paas.example/cosign.pub -o lines - < images.txt", "OK or FAIL for many images"],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    const references = referencesOf(flags, args);
    const storage = storageOf(flags);
    const annotations = readPairs(flags.annotations, "--annotations");
    const checked = await verifyImages({ repositories: await deps.openRepositories(flags, references) })(ctx, {
      references,
      loose: await readLoose(flags, (path) => deps.readInput(ctx, path, io.readStdin)),
      wanted: { kind: "signature", annotations, checkClaims: flags.checkClaims },
      ...(await openSigners({ deps, ctx, io }, flags)),
      storage,
      platform: flags.platform,
      maxWorkers: flags.maxWorkers,
    });
    return reportVerdicts(io, checked, {
      output: flags.output,
      annotations: flags.annotations.length > 0,
      checkClaims: flags.checkClaims,
      storage,
      papers: "signatures",
      show: signatureLines,
    });
  },
});

const readLoose = async (
  { signature, payload }: { readonly signature: string | undefined; readonly payload: string | undefined },
  read: (path: string) => Promise<Uint8Array>,
): Promise<LooseSignature | undefined> => {
  if (signature === undefined) {
    if (payload === undefined) return undefined;
    throw new WaybillError("USAGE_INVALID", "--payload without --signature", {
      hint: "Give the signature too, or neither to verify what is stored.",
    });
  }
  return {
    file: signature,
    signature: readLooseSignature(await readFileOrText(signature, read), signature),
    payload: payload === undefined ? undefined : await read(payload),
  };
};

/** As cosign takes it: a file or, where there is none of that name, the base64 itself. */
const readFileOrText = async (text: string, read: (path: string) => Promise<Uint8Array>): Promise<Uint8Array> => {
  try {
    return await read(text);
  } catch (error) {
    if (!hasCode(error, "NOT_FOUND") || !/^[A-Za-z0-9+/]{40,}={0,2}$/.test(text)) throw error;
    return Buffer.from(text);
  }
};
