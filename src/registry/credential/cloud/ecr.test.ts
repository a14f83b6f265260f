import { describe, expect, it } from "vitest";
import { ecr } from "#registry/credential/cloud/ecr.ts";
import { signAws } from "#registry/credential/cloud/signAws.ts";
import type { AwsKeys } from "#registry/credential/cloud/signAws.ts";
import { START, benchCloud, shown } from "../../../../test/fakes/cloudBench.ts";
import type { CloudAnswer, CloudCall } from "../../../../test/fakes/cloudBench.ts";
import { codeOfPromise } from "../../../../test/fakes/codeOfPromise.ts";

const bench = benchCloud();
const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const API = "api.ecr.eu-west-1.amazonaws.com";
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "hunter2" };
const ENV_KEYS = { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };
const ROLE = "arn:aws:iam::123456789012:role/builder";
const WEB = { AWS_WEB_IDENTITY_TOKEN_FILE: "/token", AWS_ROLE_ARN: ROLE };
const EXPIRES = START / 1000 + 43_200;
const token = Buffer.from("AWS:ecr-password").toString("base64");
const FOUND = { kind: "password", username: "AWS", password: "ecr-password" };

/** ECR's GetAuthorizationToken, which knows only who signed with these keys. */
const api =
  (keys: AwsKeys, service: "ecr" | "ecr-public" = "ecr", region = "eu-west-1") =>
  (call: CloudCall): CloudAnswer => {
    const target = {
      ecr: "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
      "ecr-public": "SpencerFrontendService.GetAuthorizationToken",
    }[service];
    const plain = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    const request = {
      method: "POST",
      url: new URL(`https://${call.host}/`),
      headers: plain,
      body: Buffer.from(call.body),
    } as const;
    const { authorization } = signAws(request, keys, { region, service, at: START });
    if (
      call.method !== "POST" ||
      call.headers["x-amz-target"] !== target ||
      call.headers.authorization !== authorization
    )
      return {
        status: 400,
        body: { __type: "UnrecognizedClientException", message: `bad token ${call.headers.authorization}` },
      };
    const data = { authorizationToken: token, expiresAt: EXPIRES, proxyEndpoint: `https://${HOST}` };
    return { body: { authorizationData: service === "ecr" ? [data] : data } };
  };

const find = (registry = HOST) => ecr(bench.deps).find(bench.ctx(), registry);

describe("the hosts of Amazon ECR", () => {
  it.each([
    HOST,
    "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com",
    "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
    "public.ecr.aws",
  ])("are its own: %s", (host) => expect(ecr(bench.deps).owns(host)).toBe(true));

  it.each([
    `${HOST}.evil.test`,
    `${HOST}:5000`,
    `evil-${HOST}`,
    `evil.${HOST}`,
    "12345678901.dkr.ecr.eu-west-1.amazonaws.com",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com.cn",
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com",
    "123456789012.dkr.ecr.evil.amazonaws.com",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.example",
    "123456789012.dkr.ecr.eu-west-1xamazonaws.com",
    "public.ecr.aws.evil.test",
    "x.public.ecr.aws",
    "169.254.169.254",
    "docker.io",
  ])("attack 47: are no others: %s", (host) => expect(ecr(bench.deps).owns(host)).toBe(false));
});

describe("a credential for Amazon ECR", () => {
  it("comes for the keys of the environment, and until it expires", async () => {
    bench.given(ENV_KEYS);
    bench.serve({ [API]: api(KEYS) });
    expect(await find()).toEqual({
      credential: FOUND,
      usableUntil: EXPIRES * 1000,
      from: "Amazon ECR (AWS_ACCESS_KEY_ID)",
    });
    expect(bench.calls).toHaveLength(1);
  });

  it("comes for a service account's token, by STS", async () => {
    const keys = { ...KEYS, sessionToken: "session+/=" };
    bench.given(WEB, { "/token": "web-token\n" });
    bench.serve({
      "sts.eu-west-1.amazonaws.com": ({ body }) => {
        const form = Object.fromEntries(new URLSearchParams(body));
        const good = form["Action"] === "AssumeRoleWithWebIdentity" && form["WebIdentityToken"] === "web-token";
        if (!good || form["RoleArn"] !== ROLE || form["Version"] !== "2011-06-15") return { status: 400 };
        return {
          body: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${keys.accessKeyId}</AccessKeyId><SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey><SessionToken>${keys.sessionToken}</SessionToken><Expiration>2026-11-21T13:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
        };
      },
      [API]: api(keys),
    });
    expect(await find()).toMatchObject({ credential: FOUND, from: `Amazon ECR (${ROLE} by web identity)` });
  });

  it.each([
    [{ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/role" }, "169.254.170.2", undefined],
    [
      {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/pod",
      },
      "169.254.170.23",
      "pod-token",
    ],
  ])("comes for the container's role: %j", async (variables, host, authorization) => {
    bench.given(variables, { "/pod": "pod-token\n" });
    const body = {
      AccessKeyId: "AKIDEXAMPLE",
      SecretAccessKey: "hunter2",
      Token: "t",
      Expiration: "2026-11-21T13:00:00Z",
    };
    bench.serve({
      [host]: ({ headers }) => (headers.authorization === authorization ? { body } : { status: 401 }),
      [API]: api({ ...KEYS, sessionToken: "t" }),
    });
    expect(await find()).toMatchObject({ credential: FOUND, from: "Amazon ECR (the container's role)" });
  });

  it("comes for the instance's role, by version 2 of its metadata alone", async () => {
    const base = "/latest/meta-data/iam/security-credentials/";
    const keys = { AccessKeyId: "AKIDEXAMPLE", SecretAccessKey: "hunter2", Token: "t" };
    bench.serve({
      "169.254.169.254": ({ method, path, headers }) => {
        const ttl = headers["x-aws-ec2-metadata-token-ttl-seconds"];
        if (method === "PUT" && path === "/latest/api/token")
          return ttl === undefined ? { status: 400 } : { body: "v2" };
        if (headers["x-aws-ec2-metadata-token"] !== "v2") return { status: 401 };
        if (path === base) return { body: "node-role\n" };
        return path === `${base}node-role` ? { body: { Code: "Success", ...keys } } : { status: 404 };
      },
      [API]: api({ ...KEYS, sessionToken: "t" }),
    });
    expect(await find()).toMatchObject({ credential: FOUND, from: "Amazon ECR (the instance's role node-role)" });
    bench.given({ AWS_EC2_METADATA_DISABLED: "true" });
    expect(await find()).toBeUndefined();
  });

  it("comes from the public registry's own API, and its refusal lets everybody read", async () => {
    bench.given(ENV_KEYS);
    bench.serve({ "api.ecr-public.us-east-1.amazonaws.com": api(KEYS, "ecr-public", "us-east-1") });
    expect(await find("public.ecr.aws")).toMatchObject({ credential: FOUND });
    bench.given({ ...ENV_KEYS, AWS_SECRET_ACCESS_KEY: "hunter3" });
    expect(await find("public.ecr.aws")).toBeUndefined();
  });

  it("is none where nothing says who we are", async () => {
    expect(await find()).toBeUndefined();
    bench.serve({ "169.254.169.254": () => ({ status: 404 }) });
    expect(await find()).toBeUndefined();
  });

  it.each<readonly [number, unknown, string]>([
    [400, { __type: "AccessDeniedException", message: "hunter2" }, "AUTH_REQUIRED"],
    [403, "<Error><Code>AccessDenied</Code><Message>hunter2</Message></Error>", "AUTH_REQUIRED"],
    [404, "", "AUTH_REQUIRED"],
    [302, "", "REGISTRY_PROTOCOL"],
    [500, "hunter2", "REGISTRY_UNAVAILABLE"],
    [200, "hunter2", "REGISTRY_PROTOCOL"],
    [200, { authorizationData: [] }, "REGISTRY_PROTOCOL"],
    [200, { authorizationData: [{ authorizationToken: "hunter2", expiresAt: 1 }] }, "REGISTRY_PROTOCOL"],
    [200, { authorizationData: [{ authorizationToken: token, expiresAt: "soon" }] }, "REGISTRY_PROTOCOL"],
  ])("that is refused with %i %j is an error without a secret", async (status, body, code) => {
    bench.given(ENV_KEYS);
    bench.serve({ [API]: () => ({ status, body, headers: { location: "https://evil.test/" } }) });
    const error: unknown = await find().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(shown(error)).not.toMatch(/hunter2/);
    expect(shown(error)).toContain("Amazon ECR (AWS_ACCESS_KEY_ID)");
    expect(bench.calls.map(({ host }) => host)).toEqual([API]);
  });

  it.each([
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://evil.test/" },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://10.0.0.1/" },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: "ftp://127.0.0.1/" },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://me@127.0.0.1/" },
    { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "@evil.test/" },
    { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://evil.test/" },
    { ...ENV_KEYS, AWS_ENDPOINT_URL_ECR: "http://evil.test/" },
    { ...WEB, AWS_ENDPOINT_URL_STS: "http://evil.test/" },
    { ...WEB, AWS_WEB_IDENTITY_TOKEN_FILE: "/absent" },
  ])("attack 48: nothing is sent where %j points", async (variables) => {
    bench.given(variables);
    bench.serve({ "evil.test": () => ({}), "10.0.0.1": () => ({}) });
    expect(await codeOfPromise(find())).toBe("CONFIG_INVALID");
    expect(bench.calls).toEqual([]);
  });
});
