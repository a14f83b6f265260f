import type { ConnectionValues } from "#cli/registryFlags.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { readLocalFile } from "#host/readLocalFile.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import { createRegistryClient } from "#registry/client/registryClient.ts";
import type { RegistryClient } from "#registry/client/registryClient.ts";
import { VERSION } from "#main/version.ts";

const MAX_CA_BYTES = 1024 * 1024;

/** A client as the flags of the connection say. */
export const openRegistryClient = async (
  ctx: Ctx,
  settings: ConnectionValues,
  credentials: CredentialSource,
): Promise<RegistryClient> =>
  createRegistryClient({
    version: VERSION,
    credentials,
    allowHttp: settings.allowHttpRegistry,
    allowInsecure: settings.allowInsecureRegistry,
    ca: await readAuthorities(ctx, settings.registryCacert),
  });

const readAuthorities = async (ctx: Ctx, path: string | undefined): Promise<string | undefined> => {
  if (path === undefined) return undefined;
  try {
    return (await readLocalFile(ctx, path, { cap: MAX_CA_BYTES, what: "--registry-cacert" })).toString();
  } catch (error) {
    // "Not found" is said of what a registry does not have, and of nothing else that an image needs.
    if (!hasCode(error, "NOT_FOUND", "INPUT_INVALID", "LIMIT_EXCEEDED")) throw error;
    throw new WaybillError("CONFIG_INVALID", error.message, { cause: error });
  }
};
