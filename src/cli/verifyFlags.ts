import { demandHash } from "#app/demandHash.ts";
import { demandSigners } from "#app/demandSigners.ts";
import type { DemandWish } from "#app/demandSigners.ts";
import type { Deps } from "#cli/deps.ts";
import { flag } from "#cli/flag.ts";
import { layoutName } from "#cli/layoutName.ts";
import { storageFlags } from "#cli/paperFlags.ts";
import { refusedVerifyFlags } from "#cli/refusedFlags.ts";
import { registryFlags } from "#cli/registryFlags.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { SignerDemand } from "#trust/tallySigners.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

/** Flags that say whose word counts, of everything that verifies. */
export const trustFlags = flag.grouped("Trust", {
  key: flag.list({
    value: "KEY",
    summary: "public key: file, env://VARIABLE or https://...; each one given must have signed",
  }),
  anyKey: flag.toggle({ default: false, summary: "of several keys, one that signed is enough" }),
  atLeast: flag.count({
    value: "N",
    min: 1,
    max: 1000,
    summary: "of several keys, so many distinct ones must have signed the same",
  }),
  insecureIgnoreTlog: flag.toggle({ default: true, summary: "demand no transparency log entry" }),
});

/** Flags of `verify` and `verify-attestation`. */
export const verifyFlags = {
  ...trustFlags,
  ...flag.grouped("Trust", {
    checkClaims: flag.toggle({ default: true, summary: "compare digest and annotations with what was signed" }),
    offline: flag.ignored({ summary: "nothing but the registry is contacted anyway" }),
    insecureIgnoreSct: flag.ignored({ summary: "certificates are not accepted anyway" }),
    trustedRoot: flag.ignored({ value: "FILE", summary: "only the keys given with --key are trusted" }),
    privateInfrastructure: flag.ignored({ summary: "no public service is contacted anyway" }),
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

/** The keys that may speak, and how many of them must. USAGE_INVALID for a number that the keys cannot reach. */
export const openSigners = async (
  deps: Pick<Deps, "openTrust">,
  ctx: Ctx,
  flags: DemandWish & { readonly key: readonly string[]; readonly signatureDigestAlgorithm?: string | undefined },
): Promise<{ readonly trust: TrustMaterial; readonly demand: SignerDemand }> => {
  const trust = await deps.openTrust(ctx, flags.key);
  demandHash(trust, flags.signatureDigestAlgorithm);
  return { trust, demand: demandSigners(trust, flags) };
};

/** Demands that this version cannot meet are refused: ignoring them would accept more than was asked for. */
export const refuseUnmetDemands = (flags: {
  readonly insecureIgnoreTlog: boolean;
  readonly key: readonly string[];
}): void => {
  if (!flags.insecureIgnoreTlog) {
    throw new WaybillError(
      "USAGE_INVALID",
      "--insecure-ignore-tlog=false: log entries are not verified by this version",
      {
        hint: "Leave the flag away to verify with the key alone.",
      },
    );
  }
  if (flags.key.length === 0)
    throw new WaybillError("USAGE_INVALID", "--key is required", {
      hint: "Give the public key of who must have signed, such as --key cosign.pub.",
    });
};
