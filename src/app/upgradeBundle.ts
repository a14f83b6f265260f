import { assembleBundle } from "#app/assembleBundle.ts";
import type { AssembledBundle } from "#app/assembleBundle.ts";
import type { BlobFiles } from "#app/blobFiles.ts";
import { trustOfOldBundle } from "#app/createBundle.ts";
import { readOldBundle } from "#app/readOldBundle.ts";
import { upgradeBundle as upgradeSigstoreBundle } from "#claims/upgradeBundle.ts";
import type { Ctx } from "#core/ctx.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

export interface UpgradeInput {
  /** For messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Of a chain of certificates keep the first. */
  readonly leafOnly: boolean;
  /** The key that made cosign's old bundle file; undefined: the one in it. */
  readonly trust: TrustMaterial | undefined;
  /** The file that cosign's old bundle file is about. */
  readonly artifact: string | undefined;
}

/** A bundle v0.3, or why there is none. */
export type UpgradeOutcome =
  | (AssembledBundle & { readonly kind: "refused" })
  | {
      readonly kind: "made";
      readonly bytes: Uint8Array;
      /** Version that it had; undefined for cosign's old bundle file. */
      readonly from: string | undefined;
      /** Certificates that were left out. */
      readonly dropped: number;
    };

/**
 * Makes a Sigstore bundle v0.3 of an older one or of cosign's old bundle file. What is signed and every proof stay as they
 * are; what v0.3 cannot hold is INPUT_INVALID. An old bundle file, which lacks what a bundle says, must verify.
 */
export const upgradeBundle =
  (deps: { readonly files: Pick<BlobFiles, "open"> }) =>
  async (ctx: Ctx, { name, bytes, leafOnly, trust, artifact }: UpgradeInput): Promise<UpgradeOutcome> => {
    const old = readOldBundle(bytes, name);
    if (old === undefined) return { kind: "made", ...upgradeSigstoreBundle(bytes, { leafOnly }) };
    const paper = { name, candidate: old.candidate, trust: trustOfOldBundle(old, trust, name), artifact };
    const made = await assembleBundle(deps)(ctx, paper);
    return made.kind === "refused" ? made : { ...made, from: undefined, dropped: 0 };
  };
