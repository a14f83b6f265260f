import { checkSigningConfig } from "#app/checkSigningConfig.ts";
import { preparePayload } from "#app/preparePredicate.ts";
import { failureOf } from "#app/paperPlan.ts";
import { signImages } from "#app/signImages.ts";
import { takeSigned } from "#app/takeSigned.ts";
import { defineCommand } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import { keepTaken, printSignatures, wantsFiles } from "#cli/keepTaken.ts";
import { looseFlags, refuseBoth, signatureFileFlags } from "#cli/looseFlags.ts";
import { readPairs, refuseServices, requiredKey, storageOf, writingFlags } from "#cli/paperFlags.ts";
import { refusedImageSigningFlags, refusedSigningFlags } from "#cli/refusedFlags.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { writeResults } from "#cli/writeResults.ts";
import { WaybillError } from "#core/errors.ts";

export const command = defineCommand({
  positionals: [{ name: "REF", many: true, fromStdin: true }],
  description:
    "Signs the digest that each REF resolves to and stores the signature beside the image. A signature that is there already is not written again. With --upload=false nothing is stored: the signature is printed, or goes to the files that are named.",
  flags: {
    ...writingFlags,
    ...flag.grouped("Papers", {
      annotations: flag.list({
        short: "a",
        value: "NAME=VALUE",
        separator: ",",
        summary: "signed along with the image; may repeat",
      }),
      recursive: flag.toggle({ short: "r", default: false, summary: "of an index, every image too" }),
      signContainerIdentity: flag.list({
        value: "NAME",
        separator: ",",
        summary: "sign this name instead of the repository's; may repeat, one signature for each",
      }),
    }),
    ...looseFlags,
    ...signatureFileFlags,
    ...refusedSigningFlags,
    ...refusedImageSigningFlags,
    ...registryFlags,
  },
  examples: [
    ["waybill sign --key cosign.key registry.example/app@sha256:HEX", "both forms: bundle and .sig tag"],
    ["waybill sign --key cosign.key -a tenant_id=t-1 -a commit_sha=4b82 registry.example/app:1.0", "with annotations"],
    [
      "waybill sign --key env://SIGNING_KEY --storage legacy -r registry.example/app:1.0",
      "an index and its images, .sig tags only",
    ],
    ["cat images.txt | waybill sign --key cosign.key -", "many images in one process"],
    [
      "waybill sign --key cosign.key --upload=false --bundle app.sigstore.json registry.example/app:1.0",
      "a bundle in a file, nothing in the registry",
    ],
  ],
  run: async ({ io, ctx, deps, args, flags }) => {
    refuseServices(flags);
    refuseOddFiles(flags, args);
    if (flags.signingConfig !== undefined)
      checkSigningConfig(await deps.readInput(ctx, flags.signingConfig, io.readStdin), flags.signingConfig);
    const annotations = readPairs(flags.annotations, "--annotations");
    const paper =
      flags.payload === undefined
        ? ({ kind: "signature", annotations } as const)
        : preparePayload(await deps.readInput(ctx, flags.payload, io.readStdin));
    const key = await deps.readKey(ctx, requiredKey(flags.key), flags.passwordFile);
    const access = { repositories: await deps.openRepositories(flags, args), signer: await key.unlock() };
    const { recursive, platform } = flags;
    if (!flags.upload) {
      const [dockerReference] = flags.signContainerIdentity;
      const only = { ...paper, dockerReference };
      const taken = await takeSigned(access)(ctx, {
        references: args,
        paper: only,
        recursive,
        platform,
        stored: false,
      });
      await (wantsFiles(flags) ? keepTaken({ io, ctx, deps }, taken, flags) : printSignatures(io, taken));
      return 0;
    }
    const all = await signImages(access)(ctx, {
      references: args,
      paper,
      identities: flags.signContainerIdentity,
      recursive,
      storage: flags.payload === undefined ? storageOf(flags) : "legacy",
      dryRun: flags.dryRun,
      platform,
      maxWorkers: flags.maxWorkers,
      settleMs: flags.settle,
    });
    const exitCode = await writeResults(io, all, flags);
    if (wantsFiles(flags) && !all.some(failureOf)) {
      const [dockerReference] = flags.signContainerIdentity;
      const references = all.flatMap((one) => (one.kind === "done" ? one.images.map(({ image }) => image) : []));
      const only = { ...paper, dockerReference };
      const taken = await takeSigned(access)(ctx, { references, paper: only, recursive: false, stored: true });
      await keepTaken({ io, ctx, deps }, taken, flags);
    }
    return exitCode;
  },
});

interface FileWishes {
  readonly upload: boolean;
  readonly dryRun: boolean;
  readonly bundle: string | undefined;
  readonly payload: string | undefined;
  readonly outputSignature: string | undefined;
  readonly outputPayload: string | undefined;
  readonly annotations: readonly string[];
  readonly signContainerIdentity: readonly string[];
  readonly signingConfig: string | undefined;
  readonly storage: "both" | "bundle" | "legacy" | undefined;
  readonly newBundleFormat: boolean | undefined;
}

const refuseOddFiles = (flags: FileWishes, args: readonly string[]): void => {
  const loose = !flags.upload || wantsFiles(flags);
  if (flags.dryRun && loose) throw refuseBoth("--dry-run", flags.upload ? "a file to write" : "--upload=false");
  if (loose && flags.signContainerIdentity.length > 1)
    throw new WaybillError(
      "USAGE_INVALID",
      "several --sign-container-identity make several signatures; one file holds one",
    );
  if (flags.payload !== undefined) {
    if (flags.annotations.length > 0) throw refuseBoth("--payload", "--annotations");
    if (flags.signContainerIdentity.length > 0) throw refuseBoth("--payload", "--sign-container-identity");
    if (flags.bundle !== undefined) throw refuseBoth("--payload", "--bundle");
    if (flags.storage === "bundle" || flags.newBundleFormat === true) throw refuseBoth("--payload", "the bundle form");
    if (args.length > 1)
      throw new WaybillError("USAGE_INVALID", "--payload speaks of one image, and several are named", {
        hint: "Sign them one after another, each with a payload of its own.",
      });
  }
  if (!flags.upload && flags.bundle === undefined && (flags.storage === "bundle" || flags.newBundleFormat === true))
    throw new WaybillError("USAGE_INVALID", "--upload=false with the bundle form alone leaves nothing", {
      hint: "Name a file for the bundle: --bundle FILE.",
    });
};
