import type { ConnectionValues } from "#cli/registryFlags.ts";
import { WaybillError } from "#core/errors.ts";
import { listRegistryConfigs, readRegistryConfig } from "#host/registryConfigs.ts";
import { runCredentialHelper } from "#host/runCredentialHelper.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import { configSource } from "#registry/credential/configSource.ts";
import { firstSource } from "#registry/credential/firstSource.ts";

/** Everything that knows credentials, in the order of docs/credentials.md; `fromFlags` goes first. */
export const registryCredentials = async (
  settings: ConnectionValues,
  fromFlags: CredentialSource | undefined,
): Promise<CredentialSource> => {
  const files = await listRegistryConfigs(settings.registryConfig, process.env);
  const fromFiles = files.map((file) =>
    configSource({
      read: async (ctx) => {
        const found = await readRegistryConfig(ctx, file);
        if (found === undefined && settings.registryConfig !== undefined)
          throw new WaybillError("CONFIG_INVALID", `--registry-config: there are no credentials at ${file.path}`);
        return found;
      },
      runHelper: (ctx, helper, verb, input) => runCredentialHelper(ctx, helper, verb, input),
    }),
  );
  return firstSource([...(fromFlags === undefined ? [] : [fromFlags]), ...fromFiles]);
};
