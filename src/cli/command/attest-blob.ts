import { basename } from "node:path";
import { attestBlobs } from "#app/attestBlobs.ts";
import type { BlobToAttest } from "#app/attestBlobs.ts";
import type { AttestationPaper } from "#app/paper.ts";
import { preparePredicate, prepareStatement } from "#app/preparePredicate.ts";
import { checkTargets, checkTemplates, paperPath } from "#cli/blobPaths.ts";
import { defineCommand } from "#cli/command.ts";
import type { Deps } from "#cli/deps.ts";
import { flag } from "#cli/flag.ts";
import type { Io } from "#cli/io.ts";
import { openResult } from "#cli/openResult.ts";
import { refuseServices, requiredKey, signingFlags } from "#cli/paperFlags.ts";
import { predicateFlags } from "#cli/predicateFlags.ts";
import { readHexDigest } from "#cli/readHexDigest.ts";
import { refusedAttestingFlags, refusedBlobSigningFlags, refusedSigningFlags } from "#cli/refusedFlags.ts";
import { noteTargets, writeBlobResults } from "#cli/writeBlobResults.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [{ name: "FILE", many: true, optional: true }],
  description:
    "Signs a statement that says the predicate about the SHA-256 of each FILE (- is stdin). Without --bundle or --output-signature the DSSE envelope is printed. With --hash the file need not be there, and a --statement may stand alone.",
  timeout: "6h",
  flags: {
    ...predicateFlags,
    ...flag.grouped("Predicate", {
      statement: flag.text({ value: "FILE", summary: "a whole in-toto statement instead, signed as it is" }),
      hash: flag.text({ value: "HEX", summary: "SHA-256 of the file, instead of reading it" }),
    }),
    ...signingFlags,
    ...flag.grouped("Signing", {
      trustedRoot: flag.ignored({ value: "FILE", summary: "a keyed signature needs no trusted root" }),
    }),
    ...flag.grouped("Papers", {
      bundle: flag.text({ value: "FILE", summary: "write a Sigstore bundle; {} is the file, {/} its name alone" }),
      newBundleFormat: flag.toggle({ default: true, summary: "false: the bundle file of cosign 2" }),
      outputSignature: flag.text({
        value: "FILE",
        summary: "write the DSSE envelope alone; {} and {/} as in --bundle",
      }),
      outputAttestation: flag.text({
        value: "FILE",
        summary: "write the statement, unsigned; {} and {/} as in --bundle",
      }),
      outputCertificate: flag.ignored({ value: "FILE", summary: "a key signs, there is no certificate" }),
      outputFile: flag.text({ value: "FILE", summary: "write there what would go to stdout" }),
      maxWorkers: flag.count({ value: "N", default: 4, min: 1, max: 100, summary: "files under way at once" }),
    }),
    ...refusedSigningFlags,
    ...refusedAttestingFlags,
    ...refusedBlobSigningFlags,
  },
  examples: [
    [
      "waybill attest-blob --key cosign.key --type cyclonedx --predicate app.cdx.json --bundle app.tar.att.json app.tar",
      "an SBOM of a file",
    ],
    [
      "waybill attest-blob --key cosign.key --type slsaprovenance1 --predicate p.json --bundle '{}.intoto.json' dist/*",
      "the same provenance for each file",
    ],
    [
      "waybill attest-blob --key cosign.key --statement statement.json --bundle statement.sigstore.json",
      "a statement that names its subjects itself",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    refuseServices(flags);
    const digest = flags.hash === undefined ? undefined : readHexDigest(flags.hash, "--hash");
    checkSubjects(args, flags, digest);
    const named = args.length === 0 ? ["-"] : args;
    checkTemplates(named, {
      bundle: flags.bundle,
      "output-signature": flags.outputSignature,
      "output-attestation": flags.outputAttestation,
    });
    const blobs = args.length === 0 ? [withoutFile(digest, flags)] : args.map((blob) => withFile(blob, digest, flags));
    checkTargets(
      args,
      blobs.flatMap((one) => [one.bundle, one.envelope, one.statement].filter((path) => path !== undefined)),
    );
    const said = await readSaid({ io, ctx, deps }, flags);
    const key = await deps.readKey(ctx, requiredKey(flags.key), flags.passwordFile);
    const outcomes = await attestBlobs({
      files: await deps.openBlobFiles(io.readStdin),
      signer: await key.unlock(),
    })(ctx, { blobs, said, bundleForm: flags.newBundleFormat ? "sigstore" : "local", maxWorkers: flags.maxWorkers });
    const printed = flags.outputSignature === undefined && (flags.bundle === undefined || !flags.newBundleFormat);
    return writeBlobResults(io, outcomes, {
      result: openResult({ io, ctx, deps }, flags.outputFile),
      show: ({ envelope }) => (printed ? Buffer.concat([envelope, Buffer.from("\n")]) : new Uint8Array()),
      note: (_, { targets: { bundle, envelope, statement } }) =>
        noteTargets(io, { bundle, signature: envelope, attestation: statement }),
    });
  },
});

interface Said {
  readonly predicate: string | undefined;
  readonly statement: string | undefined;
  readonly type: string;
}

/** What must be there, and what would contradict something else. */
const checkSubjects = (args: readonly string[], { predicate, statement }: Said, digest: Digest | undefined): void => {
  if ((predicate === undefined) === (statement === undefined)) {
    throw new WaybillError(
      "USAGE_INVALID",
      predicate === undefined ? "--predicate or --statement is required" : "--predicate and --statement are both given",
      { hint: "Give the file that holds the predicate, or a whole statement; - reads stdin." },
    );
  }
  if (digest !== undefined && args.length > 1)
    throw new WaybillError("USAGE_INVALID", `--hash is of one file, and ${args.length} are given`);
  if (args.length === 0 && digest === undefined && statement === undefined)
    throw new WaybillError("USAGE_INVALID", "FILE is required, unless --hash or --statement says what it is about");
  if (args.includes("-") && digest === undefined && (predicate === "-" || statement === "-"))
    throw new WaybillError("USAGE_INVALID", "- stands for stdin, which is there only once");
};

const readSaid = async (
  { io, ctx, deps }: { readonly io: Io; readonly ctx: Ctx; readonly deps: Deps },
  { predicate, statement, type }: Said,
): Promise<AttestationPaper> => {
  if (statement !== undefined) return prepareStatement(await deps.readInput(ctx, statement, io.readStdin));
  return preparePredicate(type, await deps.readInput(ctx, predicate ?? "-", io.readStdin));
};

interface Targets {
  readonly bundle: string | undefined;
  readonly outputSignature: string | undefined;
  readonly outputAttestation: string | undefined;
}

const withFile = (blob: string, digest: Digest | undefined, targets: Targets): BlobToAttest => {
  const at = (template: string | undefined) => (template === undefined ? undefined : paperPath(template, blob));
  return {
    blob,
    name: blob === "-" ? undefined : basename(blob),
    subject: digest ?? "file",
    bundle: at(targets.bundle),
    envelope: at(targets.outputSignature),
    statement: at(targets.outputAttestation),
  };
};

const withoutFile = (digest: Digest | undefined, targets: Targets): BlobToAttest => ({
  blob: digest ?? "the statement",
  name: undefined,
  subject: digest ?? "none",
  bundle: targets.bundle,
  envelope: targets.outputSignature,
  statement: targets.outputAttestation,
});
