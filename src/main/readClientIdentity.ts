import { createSecureContext } from "node:tls";
import type { ConnectionValues } from "#cli/registryFlags.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { RegistryClientOptions } from "#registry/client/registryClient.ts";
import { readNamedFile } from "#main/readNamedFile.ts";

const MAX_BYTES = 256 * 1024;

/** `--registry-client-cert`, `--registry-client-key` and `--registry-server-name`. USAGE_INVALID, CONFIG_INVALID. */
export const readClientIdentity = async (
  ctx: Ctx,
  { registryClientCert, registryClientKey, registryServerName: serverName }: ConnectionValues,
): Promise<RegistryClientOptions["identity"]> => {
  if ((registryClientCert === undefined) !== (registryClientKey === undefined))
    throw new WaybillError("USAGE_INVALID", "--registry-client-cert and --registry-client-key belong together");
  if (registryClientCert === undefined || registryClientKey === undefined)
    return serverName === undefined ? undefined : { serverName };
  const read = async (path: string, what: string): Promise<string> =>
    Buffer.from(await readNamedFile(ctx, path, { cap: MAX_BYTES, what })).toString();
  const cert = await read(registryClientCert, "--registry-client-cert");
  const key = await read(registryClientKey, "--registry-client-key");
  checkPair(cert, key);
  return { cert, key, serverName };
};

/** Else the first handshake would fail, with words about a connection. */
const checkPair = (cert: string, key: string): void => {
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new WaybillError("CONFIG_INVALID", "--registry-client-cert and --registry-client-key are no pair", {
      cause,
      hint: "Give a certificate and its private key as PEM; a key under a password is not supported.",
    });
  }
};
