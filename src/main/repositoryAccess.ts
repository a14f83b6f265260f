import type { RegistryValues } from "#cli/registryFlags.ts";
import type { OpenRepositories } from "#cli/deps.ts";
import type { Access, Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { RegistryReference } from "#core/reference.ts";
import { repositoryName } from "#core/reference.ts";
import { trimOldest } from "#core/trimOldest.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import type { RegistryClient } from "#registry/client/registryClient.ts";
import { flagCredentials } from "#main/flagCredentials.ts";
import { openLayoutAccess } from "#main/layoutAccess.ts";
import { readPaperVariables } from "#main/readPaperVariables.ts";

// A service sees as many as its tenants have; opening one again costs no request.
const MAX_OPENED = 500;

/**
 * Registries and layouts, opened when first asked for; one client, one connection pool and one repository for all of a
 * command. `references` are those that the user named: what the flags say of credentials is for them alone.
 */
export const openRepositories = (settings: RegistryValues, references: readonly string[]): OpenRepositories => {
  const papers = readPaperVariables(process.env);
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
  const withPapers = async (ctx: Ctx, reference: RegistryReference, access: Access): Promise<Repository> => {
    const elsewhere = papers.repository;
    if (elsewhere === undefined || repositoryName(elsewhere) === repositoryName(reference))
      return { ...(await fromRegistry(ctx, reference, access)), papers: { ...papers.types } };
    // Of an image whose papers are elsewhere nothing is written; a target of a copy is.
    const image = await fromRegistry(ctx, reference, access === "write" ? "read" : access);
    return { ...image, papers: { ...papers.types, repository: await fromRegistry(ctx, elsewhere, access) } };
  };
  const layouts = openLayoutAccess();
  return {
    finish: layouts.finish,
    open: (ctx, reference, access) =>
      reference.kind === "layout"
        ? layouts.open(ctx, reference, access)
        : once(`${access} ${repositoryName(reference)}`, () => withPapers(ctx, reference, access)),
  };
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
