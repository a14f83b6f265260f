import type { RegistryValues } from "#cli/registryFlags.ts";
import type { OpenRepositories } from "#cli/deps.ts";
import type { Access, Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { RegistryReference } from "#core/reference.ts";
import { repositoryName } from "#core/reference.ts";
import { trimOldest } from "#core/trimOldest.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import type { RegistryClient } from "#registry/client/registryClient.ts";
import { flagCredentials } from "#main/flagCredentials.ts";
import { openLayoutAccess } from "#main/layoutAccess.ts";

// A service sees as many as its tenants have; opening one again costs no request.
const MAX_OPENED = 500;

/**
 * Registries and layouts, opened when first asked for; one client, one connection pool and one repository for all of a
 * command. `references` are those that the user named: what the flags say of credentials is for them alone.
 */
export const openRepositories = (settings: RegistryValues, references: readonly string[]): OpenRepositories => {
  refuseOtherRepository(process.env["COSIGN_REPOSITORY"]);
  const fromFlags = flagCredentials(settings, references);
  const opened = new Map<string, Promise<Repository>>();
  const once = (name: string, open: () => Promise<Repository>): Promise<Repository> => {
    const opening = opened.get(name) ?? open();
    // Put last again: what is forgotten is what was not asked for the longest.
    opened.delete(name);
    opened.set(name, opening);
    trimOldest(opened, MAX_OPENED);
    // What failed may go well the next time, in a process that runs for months.
    opening.catch(() => {
      if (opened.get(name) === opening) opened.delete(name);
    });
    return opening;
  };
  let client: Promise<RegistryClient> | undefined;
  const fromRegistry = async (ctx: Ctx, reference: RegistryReference, access: Access): Promise<Repository> => {
    client ??= openClient(ctx, settings, fromFlags);
    client.catch(() => (client = undefined));
    return (await client).repository(reference, access);
  };
  const layouts = openLayoutAccess();
  return {
    finish: layouts.finish,
    open: (ctx, reference, access) =>
      reference.kind === "layout"
        ? layouts.open(ctx, reference, access)
        : once(`${access} ${repositoryName(reference)}`, () => fromRegistry(ctx, reference, access)),
  };
};

/** Whoever sets it keeps papers in another repository; looking or writing elsewhere would answer another question. */
const refuseOtherRepository = (name: string | undefined): void => {
  if (name === undefined || name === "") return;
  throw new WaybillError(
    "CONFIG_INVALID",
    "COSIGN_REPOSITORY is set, and this version keeps papers beside the image only",
    {
      hint: "Unset COSIGN_REPOSITORY.",
    },
  );
};

const openClient = async (
  ctx: Ctx,
  settings: RegistryValues,
  fromFlags: CredentialSource | undefined,
): Promise<RegistryClient> => {
  const { openRegistryClient } = await import("#main/openRegistryClient.ts");
  const { registryCredentials } = await import("#main/registryCredentials.ts");
  return openRegistryClient(ctx, settings, await registryCredentials(ctx, settings, fromFlags));
};
