import type { Ctx } from "#core/ctx.ts";
import type { Credential, CredentialSource, FoundCredential } from "#registry/client/credentials.ts";
import { sharedWork } from "#registry/client/sharedWork.ts";
import type { SharedWork } from "#registry/client/sharedWork.ts";
import type { Cloud } from "#registry/credential/cloud/cloud.ts";

interface Bought {
  readonly found: FoundCredential | undefined;
  readonly until: number;
}

// What is bought must outlive the requests that it is for.
const MARGIN_MS = 300_000;
// A machine outside of the cloud is not made to wait for its silence again and again.
const NONE_MS = 300_000;

/** Asks the cloud that a registry belongs to; what it gives is kept until it expires, unless the registry refuses it. */
export const cloudSource = (clouds: readonly Cloud[]): CredentialSource => {
  const bought = new Map<string, SharedWork<Bought>>();
  const refusals = new WeakSet<Credential>();
  const buy = async (cloud: Cloud, ctx: Ctx, registry: string): Promise<Bought> => {
    const found = await cloud.find(ctx, registry);
    const now = ctx.clock.now();
    if (found === undefined) return { found, until: now + NONE_MS };
    const until = Math.max(now, (found.usableUntil ?? now) - MARGIN_MS);
    return { found: { ...found, usableUntil: until }, until };
  };
  return async (ctx, { registry }, refused) => {
    const cloud = clouds.find((one) => one.owns(registry));
    if (cloud === undefined) return undefined;
    if (refused !== undefined) refusals.add(refused.credential);
    const known =
      bought.get(registry) ??
      sharedWork(
        (own) => buy(cloud, own, registry),
        ({ found, until }, own) => own.clock.now() < until && (found === undefined || !refusals.has(found.credential)),
      );
    bought.set(registry, known);
    return (await known(ctx)).found;
  };
};
