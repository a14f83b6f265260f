import type { ConnectionValues } from "#cli/registryFlags.ts";
import type { Ctx } from "#core/ctx.ts";
import { readProxies } from "#net/proxies.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import { createRegistryClient } from "#registry/client/registryClient.ts";
import type { RegistryClient, RegistryClientOptions } from "#registry/client/registryClient.ts";
import { readAuthorities } from "#main/readAuthorities.ts";
import { readClientIdentity } from "#main/readClientIdentity.ts";
import { startDigest } from "#main/startDigest.ts";
import { VERSION } from "#main/version.ts";

/** A client as the flags of the connection say. */
export const openRegistryClient = async (
  ctx: Ctx,
  settings: ConnectionValues,
  credentials: CredentialSource,
  watch?: RegistryClientOptions["watch"],
): Promise<RegistryClient> =>
  createRegistryClient({
    version: VERSION,
    credentials,
    allowHttp: settings.allowHttpRegistry,
    allowInsecure: settings.allowInsecureRegistry,
    ca: await readAuthorities(ctx, settings.registryCacert),
    identity: await readClientIdentity(ctx, settings),
    proxies: readProxies(process.env),
    startDigest,
    watch,
  });
