import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { artifactRegistry } from "#registry/credential/cloud/artifactRegistry.ts";
import { START, benchCloud, shown } from "../../../../test/fakes/cloudBench.ts";
import type { CloudCall } from "../../../../test/fakes/cloudBench.ts";
import { codeOfPromise } from "../../../../test/fakes/codeOfPromise.ts";

const bench = benchCloud();
const FILE = { GOOGLE_APPLICATION_CREDENTIALS: "/google.json" };
const METADATA = "metadata.google.internal";
const find = () => artifactRegistry(bench.deps).find(bench.ctx(), "europe-docker.pkg.dev");
const passwordOf = (password: string) => ({ kind: "password", username: "oauth2accesstoken", password });

describe("the hosts of Google Artifact Registry", () => {
  it.each(["europe-docker.pkg.dev", "us-central1-docker.pkg.dev", "gcr.io", "eu.gcr.io", "mirror.gcr.io"])(
    "are its own: %s",
    (host) => expect(artifactRegistry(bench.deps).owns(host)).toBe(true),
  );

  it.each([
    "docker.pkg.dev",
    "-docker.pkg.dev",
    "evil.europe-docker.pkg.dev",
    "europe-docker.pkg.dev.evil.test",
    "europe-docker.pkg.dev:443",
    "europe-npm.pkg.dev",
    "a.b.gcr.io",
    "evilgcr.io",
    "gcr.io.evil.test",
    "gcr.io:5000",
    "docker.io",
  ])("attack 47: are no others: %s", (host) => expect(artifactRegistry(bench.deps).owns(host)).toBe(false));
});

describe("a credential for Google Artifact Registry", () => {
  it("comes for the service account of the machine", async () => {
    bench.serve({
      [METADATA]: ({ path, headers }) =>
        headers["metadata-flavor"] === "Google" &&
        path === "/computeMetadata/v1/instance/service-accounts/default/token"
          ? {
              headers: { "metadata-flavor": "Google" },
              body: { access_token: "ya29", expires_in: 3599, token_type: "Bearer" },
            }
          : { status: 403 },
    });
    expect(await find()).toEqual({
      credential: passwordOf("ya29"),
      usableUntil: START + 3_599_000,
      from: "Google (service account of this machine)",
    });
  });

  it("is none outside of Google, without an account, and where something else answers", async () => {
    expect(await find()).toBeUndefined();
    bench.serve({ [METADATA]: () => ({ status: 404, headers: { "metadata-flavor": "Google" } }) });
    expect(await find()).toBeUndefined();
    bench.serve({ [METADATA]: () => ({ body: { access_token: "not Google's" } }) });
    expect(await find()).toBeUndefined();
  });

  it("comes for the key of a service account", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = privateKey.export({ type: "pkcs8", format: "pem" });
    const file = {
      type: "service_account",
      client_email: "ci@project.iam.gserviceaccount.com",
      private_key_id: "k1",
      private_key: key,
      token_uri: "https://oauth2.googleapis.com/token",
    };
    bench.given(FILE, { "/google.json": JSON.stringify(file) });
    bench.serve({
      "oauth2.googleapis.com": ({ body }) => {
        const form = new URLSearchParams(body);
        const [header = "", claims = "", signature = ""] = (form.get("assertion") ?? "").split(".");
        const signed = Buffer.from(`${header}.${claims}`);
        const holds = verify(
          "sha256",
          signed,
          createPublicKey(publicKey.export({ type: "spki", format: "pem" })),
          Buffer.from(signature, "base64url"),
        );
        const said = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, unknown>;
        const good =
          said["iss"] === file.client_email &&
          said["aud"] === file.token_uri &&
          said["iat"] === START / 1000 &&
          said["exp"] === START / 1000 + 3600 &&
          said["scope"] === "https://www.googleapis.com/auth/cloud-platform";
        return holds && good && form.get("grant_type") === "urn:ietf:params:oauth:grant-type:jwt-bearer"
          ? { body: { access_token: "ya29.sa", expires_in: 3600 } }
          : { status: 400, body: { error: "invalid_grant" } };
      },
    });
    expect(await find()).toMatchObject({ credential: passwordOf("ya29.sa"), from: `Google (${file.client_email})` });
  });

  const external = {
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: "https://sts.googleapis.com/v1/token",
    credential_source: { file: "/token", format: { type: "json", subject_token_field_name: "jwt" } },
  };
  const impersonation = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/ci@p:generateAccessToken";

  it("comes for a workload identity, and for the account that it stands for", async () => {
    const files = { "/token": JSON.stringify({ jwt: "cluster-token" }) };
    const services = {
      "sts.googleapis.com": ({ body }: CloudCall) => {
        const form = Object.fromEntries(new URLSearchParams(body));
        return form["subject_token"] === "cluster-token" &&
          form["audience"] === external.audience &&
          form["grant_type"] === "urn:ietf:params:oauth:grant-type:token-exchange"
          ? { body: { access_token: "federated", expires_in: 3600 } }
          : { status: 400 };
      },
      "iamcredentials.googleapis.com": ({ headers }: CloudCall) =>
        headers.authorization === "Bearer federated"
          ? { body: { accessToken: "ya29.ci", expireTime: "2026-11-21T13:00:00Z" } }
          : { status: 401 },
    };
    bench.given(FILE, { ...files, "/google.json": JSON.stringify(external) });
    bench.serve(services);
    expect(await find()).toMatchObject({ credential: passwordOf("federated") });
    const own = { ...external, service_account_impersonation_url: impersonation };
    bench.given(FILE, { ...files, "/google.json": JSON.stringify(own) });
    expect(await find()).toMatchObject({ credential: passwordOf("ya29.ci"), usableUntil: START + 3_600_000 });
  });

  it("comes for a user's own login", async () => {
    const user = { type: "authorized_user", client_id: "i", client_secret: "s", refresh_token: "r" };
    bench.given(FILE, { "/google.json": JSON.stringify(user) });
    bench.serve({
      "oauth2.googleapis.com": ({ body }) =>
        body === "grant_type=refresh_token&client_id=i&client_secret=s&refresh_token=r"
          ? { body: { access_token: "ya29.user" } }
          : { status: 400 },
    });
    expect(await find()).toMatchObject({ credential: passwordOf("ya29.user"), usableUntil: START + 300_000 });
  });

  it.each<readonly [string, unknown]>([
    ["a token service elsewhere", { ...external, token_url: "https://evil.test/token" }],
    ["a token service over http", { ...external, token_url: "http://sts.googleapis.com/token" }],
    ["one that only looks like Google's", { ...external, token_url: "https://evilgoogleapis.com/token" }],
    ["one on another port", { ...external, token_url: "https://sts.googleapis.com:444/token" }],
    ["no source of a token", { ...external, credential_source: { executable: { command: "sh" } } }],
    ["a source at another machine", { ...external, credential_source: { url: "http://evil.test/token" } }],
    ["another kind", { type: "hunter2" }],
    ["a key that is none", { type: "service_account", client_email: "a", private_key: "hunter2" }],
    ["no object", ["hunter2"]],
  ])("attack 48: a file with %s sends nothing", async (_what, file) => {
    bench.given(FILE, { "/google.json": JSON.stringify(file), "/token": '{"jwt":"hunter2"}' });
    bench.serve({ "evil.test": () => ({}), "evilgoogleapis.com": () => ({}), [METADATA]: () => ({}) });
    const error: unknown = await find().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(shown(error)).not.toMatch(/hunter2/);
    expect(bench.calls).toEqual([]);
  });

  it("that is refused is no reason to ask the machine", async () => {
    const user = { type: "authorized_user", client_id: "i", client_secret: "hunter2", refresh_token: "r" };
    bench.given(FILE, { "/google.json": JSON.stringify(user) });
    bench.serve({
      "oauth2.googleapis.com": () => ({ status: 400, body: { error: "invalid_grant" } }),
      [METADATA]: () => ({}),
    });
    expect(await codeOfPromise(find())).toBe("AUTH_REQUIRED");
    expect(bench.calls).toHaveLength(1);
  });
});
