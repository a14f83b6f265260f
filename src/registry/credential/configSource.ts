import type { Ctx } from "#core/ctx.ts";
import { trimOldest } from "#core/trimOldest.ts";
import type { Credential, CredentialSource } from "#registry/client/credentials.ts";
import { sharedWork } from "#registry/client/sharedWork.ts";
import type { SharedWork } from "#registry/client/sharedWork.ts";
import { askHelper } from "#registry/credential/askHelper.ts";
import type { RunHelper } from "#registry/credential/askHelper.ts";
import { parseConfigFile } from "#registry/credential/parseConfigFile.ts";
import type { ConfigFile, HelperCall } from "#registry/credential/parseConfigFile.ts";

export interface ConfigSourceDeps {
  /** The file as it is now; undefined where there is none. */
  readonly read: (ctx: Ctx) => Promise<ConfigFile | undefined>;
  readonly runHelper: RunHelper;
}

// Some helpers take a second; an image with many repositories is not to wait for each.
const HELPER_KEEP_MS = 60_000;
const MAX_KNOWN = 1000;

/**
 * Credentials of one file, which is read again whenever it is asked. An entry for a part of the registry goes first, being
 * the more precise; then docker's order: the registry's helper, else the one of all, else the entry for the registry.
 */
export const configSource = ({ read, runHelper }: ConfigSourceDeps): CredentialSource => {
  const ask = rememberHelpers(runHelper);
  return async (ctx, place, refused) => {
    const file = await read(ctx);
    if (file === undefined) return undefined;
    const config = parseConfigFile(file);
    const precise = config.find(place, "path");
    if (precise !== undefined) return precise;
    for (const call of config.helpersOf(place.registry)) {
      const credential = await ask(ctx, call, refused?.credential);
      if (credential !== undefined) return { credential, from: `docker-credential-${call.helper} (${call.where})` };
    }
    return config.find(place, "host");
  };
};

interface Told {
  readonly credential: Credential | undefined;
  readonly until: number;
}

const rememberHelpers = (runHelper: RunHelper) => {
  const known = new Map<string, SharedWork<Told>>();
  const refusals = new WeakSet<Credential>();
  return async (ctx: Ctx, call: HelperCall, refused: Credential | undefined): Promise<Credential | undefined> => {
    if (refused !== undefined) refusals.add(refused);
    const key = `${call.helper} ${call.server}`;
    const asking =
      known.get(key) ??
      sharedWork(
        async (own): Promise<Told> => ({
          credential: await askHelper(runHelper, own, call),
          until: own.clock.now() + HELPER_KEEP_MS,
        }),
        ({ credential, until }, own) =>
          own.clock.now() < until && (credential === undefined || !refusals.has(credential)),
      );
    known.set(key, asking);
    trimOldest(known, MAX_KNOWN);
    return (await asking(ctx)).credential;
  };
};
