import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import {
  askCloud,
  askMachine,
  formRequest,
  getRequest,
  parseObject,
  textOf,
} from "#registry/credential/cloud/askCloud.ts";
import type { Cloud, CloudDeps } from "#registry/credential/cloud/cloud.ts";
import { cloudUrl } from "#registry/credential/cloud/cloudUrl.ts";

// Names are 5 to 50 letters and digits, since 2025 with a hash after a hyphen.
const HOST = /^[a-z0-9]{5,50}(?:-[a-z0-9]{1,32})?\.azurecr\.io$/;
const RESOURCE = "https://containerregistry.azure.net/";
const MACHINE = "http://169.254.169.254";
// What ACR gives a refresh token, where the token does not say.
const DEFAULT_MS = 3600_000;

interface AzureToken {
  readonly token: string;
  readonly of: string;
}

/**
 * Azure Container Registry: a token of Microsoft Entra, of the workload's or the machine's identity, is exchanged at the
 * registry for a refresh token ("ACR's AAD-OAuth", github.com/Azure/acr/blob/main/docs/AAD-OAuth.md).
 */
export const acr = (deps: CloudDeps): Cloud => ({
  owns: (registry) => HOST.test(registry),
  find: async (ctx, registry) => {
    const entra = (await ofWorkload(deps, ctx)) ?? (await ofMachine(deps, ctx));
    if (entra === undefined) return undefined;
    const tenant = deps.env["AZURE_TENANT_ID"];
    const who = entra.of;
    const form = {
      grant_type: "access_token",
      service: registry,
      ...(tenant ? { tenant } : {}),
      access_token: entra.token,
    };
    const answer = await askCloud(
      deps.send,
      ctx,
      who,
      formRequest(new URL(`https://${registry}/oauth2/exchange`), form),
    );
    const token = textOf(parseObject(answer, who), "refresh_token", who);
    return { credential: { kind: "refresh", token }, usableUntil: expiryOf(token, ctx), from: entra.of };
  },
});

/** Workload identity: a token of the cluster, which Entra takes for the client's own (RFC 7523 section 2.2). */
const ofWorkload = async (deps: CloudDeps, ctx: Ctx): Promise<AzureToken | undefined> => {
  const { env } = deps;
  const [tenant, client, file] = [env["AZURE_TENANT_ID"], env["AZURE_CLIENT_ID"], env["AZURE_FEDERATED_TOKEN_FILE"]];
  if (!tenant || !client || !file) return undefined;
  if (!/^[A-Za-z0-9.-]+$/.test(tenant)) throw new WaybillError("CONFIG_INVALID", "AZURE_TENANT_ID is no tenant");
  const of = `Azure (workload identity ${client})`;
  const authority = cloudUrl(
    env["AZURE_AUTHORITY_HOST"] || "https://login.microsoftonline.com/",
    "AZURE_AUTHORITY_HOST",
  );
  const form = {
    grant_type: "client_credentials",
    client_id: client,
    scope: `${RESOURCE}.default`,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: Buffer.from(await deps.readFile(ctx, file))
      .toString()
      .trim(),
  };
  const request = formRequest(new URL(`/${tenant}/oauth2/v2.0/token`, authority), form);
  return { token: textOf(parseObject(await askCloud(deps.send, ctx, of, request), of), "access_token", of), of };
};

/** Managed identity, from the machine's metadata service. */
const ofMachine = async (deps: CloudDeps, ctx: Ctx): Promise<AzureToken | undefined> => {
  const { env } = deps;
  const of = "Azure (managed identity)";
  const base = cloudUrl(env["AZURE_POD_IDENTITY_AUTHORITY_HOST"] || MACHINE, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
  const url = new URL("/metadata/identity/oauth2/token?api-version=2018-02-01", base);
  url.searchParams.set("resource", RESOURCE);
  const client = env["AZURE_CLIENT_ID"];
  if (client) url.searchParams.set("client_id", client);
  const bytes = await askMachine(deps.sendToMachine, ctx, of, getRequest(url, { metadata: "true" }));
  return bytes === undefined ? undefined : { token: textOf(parseObject(bytes, of), "access_token", of), of };
};

/** Read from the token without belief: it only says when to ask again. */
const expiryOf = (token: string, ctx: Ctx): number => {
  try {
    const claims = parseStrict(Buffer.from(token.split(".")[1] ?? "", "base64url"), "token");
    if (isJsonObject(claims) && typeof claims["exp"] === "number") return claims["exp"] * 1000;
  } catch {
    // It is no JWT.
  }
  return ctx.clock.now() + DEFAULT_MS;
};
