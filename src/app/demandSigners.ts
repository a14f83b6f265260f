import { WaybillError } from "#core/errors.ts";
import { countedSigners } from "#trust/signerId.ts";
import type { SignerDemand } from "#trust/tallySigners.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

/** What was said about how many of several keys must have signed. */
export interface DemandWish {
  /** One of them is enough. */
  readonly anyKey: boolean;
  /** So many distinct ones. */
  readonly atLeast: number | undefined;
}

/** The demand that a wish makes of keys; every key where nothing was said. USAGE_INVALID for what they cannot meet. */
export const demandSigners = (trust: TrustMaterial, { anyKey, atLeast }: DemandWish): SignerDemand => {
  if (anyKey && atLeast !== undefined)
    throw new WaybillError("USAGE_INVALID", "--any-key and --at-least contradict each other", {
      hint: "--any-key is --at-least 1; give one of the two.",
    });
  const count = anyKey ? 1 : atLeast;
  if (count === undefined) return { kind: "every" };
  const distinct = countedSigners(trust).length;
  if (count <= distinct) return { kind: "at-least", count };
  const given = distinct === 1 ? "one distinct key is" : `${distinct} distinct keys are`;
  throw new WaybillError("USAGE_INVALID", `--at-least ${count}: only ${given} given`, {
    hint: "Give as many different keys, each with --key; the same key twice is one.",
  });
};
