import { demandHash } from "#app/demandHash.ts";
import { demandSigners } from "#app/demandSigners.ts";
import type { DemandWish } from "#app/demandSigners.ts";
import { readGivenProofs } from "#app/readGivenProofs.ts";
import { chooseTrust } from "#cli/chooseTrust.ts";
import type { TrustValues } from "#cli/chooseTrust.ts";
import type { Run } from "#cli/command.ts";
import { flag } from "#cli/flag.ts";
import type { FlagTable } from "#cli/flag.ts";
import { layoutName } from "#cli/layoutName.ts";
import { storageFlags } from "#cli/paperFlags.ts";
import { refusedVerifyFlags } from "#cli/refusedFlags.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import { allTrustFlags } from "#cli/trustFlags.ts";
import type { GivenProofs } from "#claims/givenProofs.ts";
import type { SignerDemand } from "#trust/tallySigners.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

/** Flags of `verify` and `verify-attestation`. */
export const verifyFlags = {
  ...allTrustFlags,
  ...flag.grouped("Trust", {
    checkClaims: flag.toggle({ default: true, summary: "compare digest and annotations with what was signed" }),
  }),
  ...storageFlags,
  ...flag.grouped("Papers", {
    localImage: flag.toggle({
      default: false,
      summary: "REF is a directory that save wrote, ours or cosign's; as oci:DIR",
    }),
    platform: flag.text({ value: "OS/ARCH", summary: "of an index, this image" }),
    maxWorkers: flag.count({ value: "N", default: 10, min: 1, max: 100, summary: "images under way at once" }),
    output: flag.choice(["json", "text", "report", "lines"], {
      short: "o",
      default: "json",
      summary: "json and text as cosign; report: one document on all; lines: OK or FAIL for each REF",
    }),
  }),
  ...flag.grouped("Trust", {
    signatureDigestAlgorithm: flag.choice(["sha224", "sha256", "sha384", "sha512"], {
      summary: "the hash comes from the key; another one is refused",
      hidden: true,
    }),
  }),
  ...refusedVerifyFlags,
  ...registryFlags,
};

/** What the signature of an image must say. */
export const annotationFlags = flag.grouped("Papers", {
  annotations: flag.list({
    short: "a",
    value: "NAME=VALUE",
    separator: ",",
    summary: "must have been signed with exactly this value; may repeat",
  }),
});

/** What is to be verified: names of images, or with `--local-image` directories of layouts. */
export const referencesOf = (flags: { readonly localImage: boolean }, args: readonly string[]): readonly string[] =>
  flags.localImage ? args.map((arg) => (arg.startsWith("oci:") ? arg : layoutName(arg, "--local-image"))) : args;

/** Who may speak, how many of them must, as of when, and what stands beside the papers. USAGE_INVALID. */
export const openSigners = async (
  { deps, ctx, io }: Pick<Run<FlagTable>, "deps" | "ctx" | "io">,
  flags: TrustValues & DemandWish & SignerValues,
): Promise<{
  readonly trust: TrustMaterial;
  readonly demand: SignerDemand;
  readonly at: Date | undefined;
  readonly given: GivenProofs | undefined;
}> => {
  const choice = chooseTrust(flags);
  const files = { certificate: flags.certificate, sct: flags.sct, timestamp: flags.rfc3161Timestamp };
  const given = await readGivenProofs(files, (path) => deps.readInput(ctx, path, io.readStdin));
  const trust = await deps.openTrustMaterial(ctx, choice);
  demandHash(trust, flags.signatureDigestAlgorithm);
  // Of trust sets, which say who may sign, one is enough; what is given one by one is demanded one by one.
  const wish = flags.trust.length > 0 && flags.atLeast === undefined ? { ...flags, anyKey: true } : flags;
  return { trust, demand: demandSigners(trust, wish), at: choice.at, given };
};

interface SignerValues {
  readonly certificate: string | undefined;
  readonly sct: string | undefined;
  readonly rfc3161Timestamp?: string | undefined;
  readonly signatureDigestAlgorithm?: string | undefined;
}
