import { keyFingerprint } from "#trust/publicKey.ts";
import type { ClaimSigner, TrustMaterial } from "#trust/verifiedClaim.ts";

/** One of those who may speak, as they are counted and as they are called. */
export interface CountedSigner {
  /** Equal for whatever counts as the same signer (attack 19). */
  readonly id: string;
  readonly name: string;
}

/** A key by its fingerprint, an identity by the rule that it fits: whoever fits it is one signer. */
export const signerId = ({ identity, key }: Pick<ClaimSigner, "identity" | "key">): string =>
  identity === undefined ? `key ${keyFingerprint(key)}` : `identity ${identity.rule}`;

/** A key, and the holder of its certificate: who shares one of them is the same person, whichever rule lets them speak. */
export const personNames = ({ identity, key }: Pick<ClaimSigner, "identity" | "key">): readonly string[] => [
  `key ${keyFingerprint(key)}`,
  ...(identity === undefined ? [] : [`holder ${JSON.stringify([identity.issuer, identity.subject])}`]),
];

/** All who may speak, each once, under the name by which they were given first. */
export const countedSigners = ({ keys, certified = [] }: TrustMaterial): readonly CountedSigner[] => {
  const byId = new Map<string, CountedSigner>();
  const add = (id: string, name: string): void => {
    if (!byId.has(id)) byId.set(id, { id, name });
  };
  for (const { name, key } of keys) add(signerId({ key }), name);
  for (const { identity } of certified) add(`identity ${identity.name}`, identity.name);
  return [...byId.values()];
};
