import type { Login, LoginKeeper } from "#app/logIn.ts";
import type { ConnectionValues } from "#cli/registryFlags.ts";
import type { Ctx } from "#core/ctx.ts";
import {
  listRegistryConfigs,
  placeRegistryConfig,
  readRegistryConfig,
  writeRegistryConfig,
} from "#host/registryConfigs.ts";
import { runCredentialHelper } from "#host/runCredentialHelper.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import type { RunHelper } from "#registry/credential/askHelper.ts";
import { authOf, editConfigFile } from "#registry/credential/editConfigFile.ts";
import type { AuthEntry } from "#registry/credential/editConfigFile.ts";
import { eraseWithHelper, storeWithHelper } from "#registry/credential/keepWithHelper.ts";
import { parseConfigFile } from "#registry/credential/parseConfigFile.ts";
import type { ConfigFile, HelperCall } from "#registry/credential/parseConfigFile.ts";
import { takeWriteLock } from "#registry/layout/writeLock.ts";
import { openRegistryClient } from "#main/openRegistryClient.ts";
import { registryCredentials } from "#main/registryCredentials.ts";

/** Keeps logins in the first of the files that are asked, or with the helper that it names. */
export const loginKeeper = (settings: ConnectionValues): LoginKeeper => ({
  check: (ctx, login) => checkLogin(settings, ctx, login),
  store: async (ctx, login) => {
    const { file, helper } = await openFile(settings, ctx, login.registry);
    if (helper === undefined) await write(settings, ctx, login.registry, { auth: authOf(login) });
    else {
      await storeWithHelper(runHelper, ctx, helper, login);
      // An entry without content is docker's mark for what a helper knows.
      await write(settings, ctx, login.registry, {});
    }
    return helper === undefined ? file.path : `docker-credential-${helper.helper}, as ${helper.where} says`;
  },
  erase: async (ctx, registry) => {
    const { file, helper } = await openFile(settings, ctx, registry);
    const erased = helper !== undefined && (await eraseWithHelper(runHelper, ctx, helper));
    const edited = await write(settings, ctx, registry, undefined);
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

/**
 * Reads the file again and writes it while no other login does; false where nothing was to be changed. A helper may have
 * asked its user for minutes, and another file may be the first by now.
 */
const write = async (settings: ConnectionValues, ctx: Ctx, registry: string, entry: AuthEntry): Promise<boolean> => {
  const before = (await openFile(settings, ctx, registry)).file;
  if (editConfigFile(before, registry, entry) === undefined) return false;
  const target = await placeRegistryConfig(before.path);
  const release = await takeWriteLock(`${target}.waybill-lock`, "the logins", ctx.signal);
  try {
    const { file } = await openFile(settings, ctx, registry);
    const text = editConfigFile(file, registry, entry);
    if (text !== undefined) await writeRegistryConfig(ctx, await placeRegistryConfig(file.path), Buffer.from(text));
    return text !== undefined;
  } finally {
    await release();
  }
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
