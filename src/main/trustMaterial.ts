import type { RootChoice, TrustChoice } from "#app/trustChoice.ts";
import type { Ctx } from "#core/ctx.ts";
import { mapLimited } from "#core/limit.ts";
import { readLooseTrust } from "#main/looseTrust.ts";
import { openTrustRoots } from "#main/openTrustRoots.ts";
import { demandTrust } from "#trust/demandTrust.ts";
import type { TrustPart } from "#trust/demandTrust.ts";
import { checkTrustedIdentity } from "#trust/identityRule.ts";
import { looseTrustRoot } from "#trust/looseTrustRoot.ts";
import { neededParts, replaceTrust } from "#trust/replaceTrust.ts";
import type { TrustRoot } from "#trust/trustRoot.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

/**
 * Reads what the user's choice names. A trusted root is opened only where something is demanded that it alone can judge, and a
 * mirror is asked for one only where no file gives it: a key by itself is verified without any. What reading keys, files and
 * mirrors throws; USAGE_INVALID for a pattern that is none, TRUST_INVALID and TRUST_EXPIRED for a root that could prove nothing.
 */
export const openTrustMaterial = async (ctx: Ctx, choice: TrustChoice): Promise<TrustMaterial> => {
  const { identity, demand } = choice;
  const at = choice.at ?? new Date(ctx.clock.now());
  if (choice.sets.length > 0) return openSets(ctx, choice, at);
  if (identity !== undefined) checkTrustedIdentity(identity);
  const keys = await openKeys(ctx, choice.keys);
  if (demand === undefined) return { keys };
  const needed = neededParts(demand, identity !== undefined);
  const roots = await openRoots(ctx, choice.roots, needed);
  demandTrust(roots, needed, at);
  const backing = { demand, roots };
  return {
    keys: keys.map((key) => ({ ...key, backing })),
    ...(identity === undefined ? {} : { certified: [{ identity, backing }] }),
  };
};

// Most choices are of one kind, and each kind's libraries take longer to load than one image to verify.
const openKeys = async (ctx: Ctx, keys: TrustChoice["keys"]): Promise<TrustMaterial["keys"]> =>
  keys.length === 0 ? [] : (await (await import("#main/keyAccess.ts")).openPublicKeys(ctx, keys)).keys;

const openSets = async (ctx: Ctx, { sets, roots }: TrustChoice, at: Date): Promise<TrustMaterial> => {
  const { joinTrust, openTrustSets } = await import("#main/openTrustSets.ts");
  const { offline } = roots;
  return joinTrust(await mapLimited(sets, 1, (name) => openTrustSets(ctx, name, { offline, at })));
};

/** Single files take the place of what a root says of the same; a root is opened for whatever else is needed. */
const openRoots = async (ctx: Ctx, choice: RootChoice, needed: readonly TrustPart[]): Promise<readonly TrustRoot[]> => {
  const loose = await readLooseTrust(ctx, choice, process.env);
  if (loose === undefined) return openTrustRoots(ctx, choice);
  const given = looseTrustRoot(loose, "the given files");
  if (choice.trustedRoots.length === 0 && isEnough(given, needed)) return [given];
  return (await openTrustRoots(ctx, choice)).map((root) => replaceTrust(root, given));
};

const MEMBERS = {
  certificates: "certificateAuthorities",
  "certificate logs": "ctLogs",
  "signature logs": "logs",
  timestamps: "timestampAuthorities",
} as const satisfies Readonly<Record<TrustPart, keyof TrustRoot>>;

const isEnough = (root: TrustRoot, needed: readonly TrustPart[]): boolean =>
  needed.every((part) => root[MEMBERS[part]].length > 0);
