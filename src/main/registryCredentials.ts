import type { ConnectionValues } from "#cli/registryFlags.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { listRegistryConfigs, readRegistryConfig } from "#host/registryConfigs.ts";
import { runCredentialHelper } from "#host/runCredentialHelper.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import { configSource } from "#registry/credential/configSource.ts";
import { firstSource } from "#registry/credential/firstSource.ts";
import { cloudCredentials } from "#main/cloudCredentials.ts";
import { readAuthorities } from "#main/readAuthorities.ts";

/** Everything that knows credentials, in the order of docs/credentials.md; `fromFlags` goes first. */
export const registryCredentials = async (
  ctx: Ctx,
  settings: ConnectionValues,
  fromFlags: CredentialSource | undefined,
): Promise<CredentialSource> => {
  const files = await listRegistryConfigs(settings.registryConfig, process.env);
  const fromFiles = files.map((file) =>
    configSource({
      read: async (own) => {
        const found = await readRegistryConfig(own, file);
        if (found === undefined && settings.registryConfig !== undefined)
          throw new WaybillError("CONFIG_INVALID", `--registry-config: there are no credentials at ${file.path}`);
        return found;
      },
      runHelper: (own, helper, verb, input) => runCredentialHelper(own, helper, verb, input),
    }),
  );
  // Whoever names the one file means it.
  const asksClouds = settings.k8sKeychain && settings.registryConfig === undefined;
  const fromClouds = asksClouds ? [cloudCredentials(await readAuthorities(ctx, settings.registryCacert))] : [];
  return firstSource([...(fromFlags === undefined ? [] : [fromFlags]), ...fromFiles, ...fromClouds]);
};
