import type { Login, LoginKeeper } from "#app/logIn.ts";
import type { ConnectionValues } from "#cli/registryFlags.ts";
import type { Ctx } from "#core/ctx.ts";
import { listRegistryConfigs, readRegistryConfig, writeRegistryConfig } from "#host/registryConfigs.ts";
import { runCredentialHelper } from "#host/runCredentialHelper.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import type { RunHelper } from "#registry/credential/askHelper.ts";
import { authOf, editConfigFile } from "#registry/credential/editConfigFile.ts";
import type { AuthEntry } from "#registry/credential/editConfigFile.ts";
import { eraseWithHelper, storeWithHelper } from "#registry/credential/keepWithHelper.ts";
import { parseConfigFile } from "#registry/credential/parseConfigFile.ts";
import type { ConfigFile, HelperCall } from "#registry/credential/parseConfigFile.ts";
import { openRegistryClient } from "#main/openRegistryClient.ts";
import { registryCredentials } from "#main/registryCredentials.ts";

/** Keeps logins in the first of the files that are asked, or with the helper that it names. */
export const loginKeeper = (settings: ConnectionValues): LoginKeeper => ({
  check: (ctx, login) => checkLogin(settings, ctx, login),
  store: async (ctx, login) => {
    const { file, helper } = await openFile(settings, ctx, login.registry);
    if (helper === undefined) await write(ctx, file, login.registry, { auth: authOf(login) });
    else {
      await storeWithHelper(runHelper, ctx, helper, login);
      // An entry without content is docker's mark for what a helper knows.
      await write(ctx, file, login.registry, {});
    }
    return helper === undefined ? file.path : `docker-credential-${helper.helper}, as ${helper.where} says`;
  },
  erase: async (ctx, registry) => {
    const { file, helper } = await openFile(settings, ctx, registry);
    const erased = helper !== undefined && (await eraseWithHelper(runHelper, ctx, helper));
    const edited = await write(ctx, file, registry, undefined);
    return erased || edited ? file.path : undefined;
  },
  findElsewhere: async (ctx, registry) => {
    // Nothing but the named file is ever asked.
    if (settings.registryConfig !== undefined) return undefined;
    const source = await registryCredentials(ctx, { ...settings, k8sKeychain: false }, undefined);
    return (await source(ctx, { registry, repository: undefined }))?.from;
  },
});

const runHelper: RunHelper = (ctx, helper, verb, input) => runCredentialHelper(ctx, helper, verb, input);

interface OpenFile {
  readonly file: ConfigFile;
  readonly helper: HelperCall | undefined;
}

const openFile = async (settings: ConnectionValues, ctx: Ctx, registry: string): Promise<OpenFile> => {
  const [config] = await listRegistryConfigs(settings.registryConfig, process.env);
  const file = (await readRegistryConfig(ctx, config)) ?? { path: config.path, bytes: Buffer.from("{}") };
  return { file, helper: parseConfigFile(file).helpersOf(registry)[0] };
};

/** False where nothing was to be changed. */
const write = async (ctx: Ctx, file: ConfigFile, registry: string, entry: AuthEntry): Promise<boolean> => {
  const text = editConfigFile(file, registry, entry);
  if (text !== undefined) await writeRegistryConfig(ctx, file.path, Buffer.from(text));
  return text !== undefined;
};

const checkLogin = async (
  settings: ConnectionValues,
  ctx: Ctx,
  { registry, username, password }: Login,
): Promise<"accepted" | "unasked"> => {
  let asked = false;
  const credentials: CredentialSource = async () => {
    asked = true;
    return { credential: { kind: "password", username, password }, from: "this login" };
  };
  const client = await openRegistryClient(ctx, settings, credentials);
  try {
    await client.checkLogin(ctx, registry);
    return asked ? "accepted" : "unasked";
  } finally {
    await client.close();
  }
};
