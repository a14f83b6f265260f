import type { Ctx } from "#core/ctx.ts";
import { hasCode } from "#core/errors.ts";
import { isJsonObject } from "#core/strictJson.ts";
import type { JsonObject } from "#core/strictJson.ts";
import type { FoundCredential } from "#registry/client/credentials.ts";
import { MAX_ANSWER_BYTES, askCloud, parseObject, textOf, unusable } from "#registry/credential/cloud/askCloud.ts";
import { findAwsKeys } from "#registry/credential/cloud/awsKeys.ts";
import type { FoundKeys } from "#registry/credential/cloud/awsKeys.ts";
import type { Cloud, CloudDeps } from "#registry/credential/cloud/cloud.ts";
import { cloudUrl } from "#registry/credential/cloud/cloudUrl.ts";
import { signAws } from "#registry/credential/cloud/signAws.ts";
import { credentialOf } from "#registry/credential/readAuthEntry.ts";

const PRIVATE = /^[0-9]{12}\.dkr\.ecr(-fips)?\.([a-z]{2}(?:-[a-z]+)+-[0-9]{1,2})\.(amazonaws\.com(?:\.cn)?)$/;
const PUBLIC = "public.ecr.aws";

/** A registry of Amazon's: where its API is, and what it is called there. */
interface Endpoint {
  readonly url: URL;
  readonly service: "ecr" | "ecr-public";
  readonly target: string;
  readonly region: string;
  readonly domain: string;
}

/** Amazon ECR: GetAuthorizationToken, signed by whoever we are to AWS. */
export const ecr = (deps: CloudDeps): Cloud => ({
  owns: (registry) => registry === PUBLIC || readPrivate(registry) !== undefined,
  find: async (ctx, registry) => {
    const endpoint = endpointOf(deps, registry);
    const found = await findAwsKeys(deps, ctx, endpoint);
    if (found === undefined) return undefined;
    try {
      return await getToken(deps, ctx, endpoint, found);
    } catch (error) {
      // Everybody may read there, also those whose role knows nothing of it.
      if (endpoint.service === "ecr" || !hasCode(error, "AUTH_REQUIRED")) throw error;
      ctx.emit({ kind: "warning", message: `${error.message}; going on without credentials` });
      return undefined;
    }
  },
});

const readPrivate = (registry: string) => {
  const [, fips, region = "", domain = ""] = PRIVATE.exec(registry) ?? [];
  // Only China's regions are below .cn, and they are nowhere else.
  return region === "" || region.startsWith("cn-") !== domain.endsWith(".cn")
    ? undefined
    : { isFips: fips !== undefined, region, domain };
};

const endpointOf = ({ env }: CloudDeps, registry: string): Endpoint => {
  const known = readPrivate(registry);
  if (known === undefined) {
    const named = env["AWS_ENDPOINT_URL_ECR_PUBLIC"] || env["AWS_ENDPOINT_URL"];
    return {
      url: cloudUrl(named || "https://api.ecr-public.us-east-1.amazonaws.com/", "AWS_ENDPOINT_URL_ECR_PUBLIC"),
      service: "ecr-public",
      target: "SpencerFrontendService.GetAuthorizationToken",
      region: "us-east-1",
      domain: "amazonaws.com",
    };
  }
  const { isFips, region, domain } = known;
  const named = env["AWS_ENDPOINT_URL_ECR"] || env["AWS_ENDPOINT_URL"];
  const own = `https://${isFips ? "ecr-fips" : "api.ecr"}.${region}.${domain}/`;
  return {
    url: cloudUrl(named || own, "AWS_ENDPOINT_URL_ECR"),
    service: "ecr",
    target: "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
    region,
    domain,
  };
};

const getToken = async (
  { send }: CloudDeps,
  ctx: Ctx,
  { url, service, target, region }: Endpoint,
  { keys, of }: FoundKeys,
): Promise<FoundCredential> => {
  const body = Buffer.from("{}");
  const plain = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
  const request = { method: "POST", url, headers: plain, body } as const;
  const headers = signAws(request, keys, { region, service, at: ctx.clock.now() });
  const who = `Amazon ECR (${of})`;
  const answer = parseObject(await askCloud(send, ctx, who, { ...request, headers, maxBytes: MAX_ANSWER_BYTES }), who);
  return { ...readToken(answer, who), from: who };
};

/** A list in the private API, one object in the public one. */
const readToken = (answer: JsonObject, who: string): Pick<FoundCredential, "credential" | "usableUntil"> => {
  const data = answer["authorizationData"];
  const one = Array.isArray(data) ? (data as readonly JsonObject[])[0] : data;
  if (!isJsonObject(one)) throw unusable(who);
  const decoded = Buffer.from(textOf(one, "authorizationToken", who), "base64").toString();
  const colon = decoded.indexOf(":");
  const credential = credentialOf({ username: decoded.slice(0, colon), password: decoded.slice(colon + 1) });
  const seconds = one["expiresAt"];
  if (colon < 1 || credential === undefined || typeof seconds !== "number") throw unusable(who);
  return { credential, usableUntil: seconds * 1000 };
};
