import { createBundle } from "#app/createBundle.ts";
import type { CreateBundleInput } from "#app/createBundle.ts";
import { bundleFlags, openKey, writeBundleResult } from "#cli/bundleFlags.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { refusedSigningFlags } from "#cli/refusedFlags.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [],
  description:
    "Makes a Sigstore bundle v0.3 of a signature, a DSSE envelope or cosign 2's bundle file, and the key that made it. It must verify, or there is none.",
  timeout: "6h",
  flags: {
    ...flag.grouped("Papers", {
      artifact: flag.text({ value: "FILE", summary: "the signed file; -: stdin" }),
      signature: flag.text({ value: "FILE|BASE64", summary: "a signature over the file: its file, or its base64" }),
      attestation: flag.text({ value: "FILE", summary: "a DSSE envelope of a statement about the file" }),
      bundle: flag.text({ value: "FILE", summary: "cosign 2's bundle file, of a signature or a statement" }),
      ignoreTlog: flag.toggle({ default: true, summary: "demand no transparency log entry" }),
    }),
    ...bundleFlags,
    certificate: refusedSigningFlags.certificate,
    rfc3161Timestamp: refusedSigningFlags.timestampServerUrl,
    rekorUrl: refusedSigningFlags.rekorUrl,
    sk: refusedSigningFlags.sk,
    slot: refusedSigningFlags.slot,
  },
  examples: [
    [
      "waybill bundle create --artifact app.tar --signature app.tar.sig --key cosign.pub --out app.sigstore.json",
      "of a signature, such as openssl makes",
    ],
    ["waybill bundle create --artifact app.tar --attestation app.intoto.json --key cosign.pub", "of a DSSE envelope"],
  ],
  run: async ({ io, ctx, deps, flags }) => {
    if (!flags.ignoreTlog)
      throw new WaybillError("USAGE_INVALID", "--ignore-tlog=false: log entries are not fetched by this version", {
        hint: "Leave the flag away to make a bundle without a log entry.",
      });
    if (flags.artifact === undefined)
      throw new WaybillError("USAGE_INVALID", "--artifact is required", {
        hint: "Give the file that was signed, such as --artifact app.tar.",
      });
    const created = await createBundle({ files: await deps.openBlobFiles(io.readStdin) })(ctx, {
      artifact: flags.artifact,
      paper: paperIn(flags),
      trust: await openKey(deps, ctx, flags.key),
    });
    return writeBundleResult({ io, ctx, deps }, created, flags.out);
  },
});

const KINDS = ["signature", "attestation", "bundle"] as const;

/** Exactly one: nobody could tell which of two the bundle should hold. */
const paperIn = (flags: Readonly<Record<(typeof KINDS)[number], string | undefined>>): CreateBundleInput["paper"] => {
  const given = KINDS.flatMap((kind) => {
    const source = flags[kind];
    return source === undefined ? [] : [{ kind, source }];
  });
  const [paper] = given;
  if (paper !== undefined && given.length === 1) return paper;
  throw new WaybillError("USAGE_INVALID", "one of --signature, --attestation and --bundle is required", {
    hint: "Give what the bundle is to hold, such as --signature app.tar.sig.",
  });
};
