import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { JsonObject } from "#core/strictJson.ts";
import {
  askCloud,
  askMachine,
  formRequest,
  getRequest,
  parseObject,
  textOf,
  unusable,
} from "#registry/credential/cloud/askCloud.ts";
import type { CloudDeps } from "#registry/credential/cloud/cloud.ts";
import { cloudUrl } from "#registry/credential/cloud/cloudUrl.ts";
import type { AwsKeys } from "#registry/credential/cloud/signAws.ts";

/** Keys, and for people whose they are. */
export interface FoundKeys {
  readonly keys: AwsKeys;
  readonly of: string;
}

const CONTAINER = "http://169.254.170.2";
const INSTANCE = "http://169.254.169.254";
const INSTANCE_TOKEN_SECONDS = "300";

/**
 * Who we are to AWS, in the SDKs' order: keys in the environment, web identity (EKS service accounts), the container's
 * endpoint (ECS, EKS pod identity), the instance's role (IMDSv2 alone: version 1 can be reached through a careless proxy).
 * Undefined where nothing says so. What is configured and fails, throws. `domain`: `amazonaws.com`, with `.cn` in China.
 */
export const findAwsKeys = async (
  deps: CloudDeps,
  ctx: Ctx,
  place: { readonly region: string; readonly domain: string },
): Promise<FoundKeys | undefined> =>
  keysOfEnvironment(deps) ??
  (await keysOfWebIdentity(deps, ctx, place)) ??
  (await keysOfContainer(deps, ctx)) ??
  (await keysOfInstance(deps, ctx));

const keysOfEnvironment = ({ env }: CloudDeps): FoundKeys | undefined => {
  const [id, secret, token] = [env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"]];
  if (!id || !secret) return undefined;
  const keys = { accessKeyId: id, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
  return { keys, of: "AWS_ACCESS_KEY_ID" };
};

/** STS AssumeRoleWithWebIdentity, which needs no signature. */
const keysOfWebIdentity = async (
  deps: CloudDeps,
  ctx: Ctx,
  { region, domain }: { readonly region: string; readonly domain: string },
): Promise<FoundKeys | undefined> => {
  const { env } = deps;
  const [file, role] = [env["AWS_WEB_IDENTITY_TOKEN_FILE"], env["AWS_ROLE_ARN"]];
  if (!file || !role) return undefined;
  const who = `AWS STS (${role})`;
  const named = env["AWS_ENDPOINT_URL_STS"] || env["AWS_ENDPOINT_URL"];
  const url = cloudUrl(named || `https://sts.${region}.${domain}/`, "AWS_ENDPOINT_URL_STS");
  const request = formRequest(url, {
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: role,
    RoleSessionName: env["AWS_ROLE_SESSION_NAME"] || "waybill",
    WebIdentityToken: Buffer.from(await deps.readFile(ctx, file))
      .toString()
      .trim(),
  });
  const answer = await askCloud(deps.send, ctx, who, { ...request, headers: { ...request.headers, accept: "*/*" } });
  return { keys: readXml(answer, who), of: `${role} by web identity` };
};

/** The answer is XML; keys and tokens have no character that XML writes otherwise. */
const readXml = (bytes: Uint8Array, who: string): AwsKeys => {
  const text = Buffer.from(bytes).toString();
  const [accessKeyId, secretAccessKey, sessionToken] = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(
    (name) => new RegExp(`<${name}>\\s*([A-Za-z0-9+/=_.-]+)\\s*</${name}>`).exec(text)?.[1],
  );
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined) throw unusable(who);
  return { accessKeyId, secretAccessKey, sessionToken };
};

const keysOfContainer = async (deps: CloudDeps, ctx: Ctx): Promise<FoundKeys | undefined> => {
  const { env } = deps;
  const relative = env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
  const full = env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  if (!relative && !full) return undefined;
  if (relative && !relative.startsWith("/"))
    throw new WaybillError("CONFIG_INVALID", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with /");
  const url = relative ? new URL(CONTAINER + relative) : cloudUrl(full ?? "", "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const file = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  const token = file
    ? Buffer.from(await deps.readFile(ctx, file))
        .toString()
        .trim()
    : env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
  if (token !== undefined && !/^[\x20-\x7e]*$/.test(token))
    throw new WaybillError("CONFIG_INVALID", "the token for AWS' container credentials cannot stand in a header");
  const who = "AWS container credentials";
  const answer = await askCloud(deps.sendToMachine, ctx, who, getRequest(url, token ? { authorization: token } : {}));
  return { keys: keysIn(parseObject(answer, who), who), of: "the container's role" };
};

const keysOfInstance = async (deps: CloudDeps, ctx: Ctx): Promise<FoundKeys | undefined> => {
  const { env, sendToMachine } = deps;
  if (env["AWS_EC2_METADATA_DISABLED"]?.toLowerCase() === "true") return undefined;
  const who = "EC2 metadata";
  const base = cloudUrl(env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || INSTANCE, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  const ask = async (method: "GET" | "PUT", path: string, headers: Readonly<Record<string, string>>) => {
    const bytes = await askMachine(sendToMachine, ctx, who, { ...getRequest(new URL(path, base), headers), method });
    return bytes && Buffer.from(bytes).toString().trim();
  };
  const seconds = { "x-aws-ec2-metadata-token-ttl-seconds": INSTANCE_TOKEN_SECONDS };
  const token = await ask("PUT", "/latest/api/token", seconds);
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) return undefined;
  const headers = { "x-aws-ec2-metadata-token": token };
  const roles = await ask("GET", "/latest/meta-data/iam/security-credentials/", headers);
  const role = roles?.split("\n")[0] ?? "";
  if (!/^[\w+=,.@-]{1,64}$/.test(role)) return undefined;
  const text = await ask("GET", `/latest/meta-data/iam/security-credentials/${role}`, headers);
  if (text === undefined) return undefined;
  return { keys: keysIn(parseObject(Buffer.from(text), who), who), of: `the instance's role ${role}` };
};

/** As the endpoint of containers and that of instances both answer. */
const keysIn = (object: JsonObject, who: string): AwsKeys => ({
  accessKeyId: textOf(object, "AccessKeyId", who),
  secretAccessKey: textOf(object, "SecretAccessKey", who),
  sessionToken: textOf(object, "Token", who),
});
