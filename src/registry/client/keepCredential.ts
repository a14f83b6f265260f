import { isDeepStrictEqual } from "node:util";
import type { Ctx } from "#core/ctx.ts";
import { checkCredential } from "#registry/client/credentials.ts";
import type { CredentialPlace, CredentialSource, FoundCredential } from "#registry/client/credentials.ts";
import { sharedWork } from "#registry/client/sharedWork.ts";

/** The credential of one place, remembered for a while. */
export interface KeptCredential {
  readonly find: (ctx: Ctx) => Promise<FoundCredential | undefined>;
  /** Asks anew after `refused` was of no use; undefined where nothing else is known. */
  readonly renew: (ctx: Ctx, refused: FoundCredential | undefined) => Promise<FoundCredential | undefined>;
}

interface Kept {
  readonly found: FoundCredential | undefined;
  readonly until: number;
}

// A process that runs for months sees a changed file soon, and one of many requests does not read it for each.
const KEEP_MS = 30_000;

export const keepCredential = (source: CredentialSource, place: CredentialPlace): KeptCredential => {
  let latest: Kept | undefined;
  let stale: Kept | undefined;
  const ask = sharedWork(
    async (ctx): Promise<Kept> => {
      const found = await source(ctx, place, stale?.found);
      if (found !== undefined) checkCredential(found.credential, place.registry);
      const until = Math.min(found?.usableUntil ?? Number.POSITIVE_INFINITY, ctx.clock.now() + KEEP_MS);
      return (latest = { found, until });
    },
    (kept, ctx) => kept !== stale && ctx.clock.now() < kept.until,
  );
  return {
    find: async (ctx) => (await ask(ctx)).found,
    renew: async (ctx, refused) => {
      // Of several that are refused together, the first asks for all.
      if (latest?.found === refused) stale = latest;
      const { found } = await ask(ctx);
      return isDeepStrictEqual(found?.credential, refused?.credential) ? undefined : found;
    },
  };
};
