import { createHash } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDevSigstore } from "#devsigstore/startDevSigstore.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { openDevBench } from "../../test/fakes/devBench.ts";
import type { DevBench } from "../../test/fakes/devBench.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

let bench: DevBench;
beforeAll(async () => {
  bench = await openDevBench();
});
afterAll(() => bench.close());

const issuer = () => bench.sigstore.urls.oidcIssuer;

/** The claims, as a stranger reads them who knows the issuer's address alone. */
const verified = async (token: string) => {
  const found = (await (await fetch(`${issuer()}/.well-known/openid-configuration`)).json()) as { jwks_uri: string };
  const options = { issuer: issuer(), audience: "sigstore", currentDate: new Date(bench.clock.now()) };
  return (await jwtVerify(token, createRemoteJWKSet(new URL(found.jwks_uri)), options)).payload;
};

describe("tokens", () => {
  it("are for whom they were asked for, and for five minutes", async () => {
    const token = await (await fetch(`${issuer()}/token?email=a@example.com&group=ops&email_verified=false`)).text();
    const seconds = Math.floor(bench.clock.now() / 1000);
    const own = { iat: seconds, nbf: seconds, exp: seconds + 300 };
    const person = { sub: "a@example.com", email: "a@example.com", email_verified: false, group: "ops" };
    expect(await verified(token)).toMatchObject({ ...own, ...person });
  });

  it("of workflow runs follow what was asked for", async () => {
    const token = await (await fetch(`${issuer()}/token?repository=octo/app&ref=refs/tags/v2`)).text();
    const path = "octo/app/.github/workflows/release.yml@refs/tags/v2";
    expect(await verified(token)).toMatchObject({
      sub: "repo:octo/app:ref:refs/tags/v2",
      job_workflow_ref: path,
      workflow_ref: path,
      ref_type: "tag",
      repository_owner: "octo",
    });
  });

  it("cannot be made to be of another issuer, for another audience or for longer", async () => {
    const url = `${issuer()}/token?subject=x&iss=https://else.example&aud=else&exp=9999999999`;
    expect((await verified(await (await fetch(url)).text())).iss).toBe(issuer());
  });

  it.each(["", "?email=a&subject=b", "?repository=octo", "?repository=a/b/c"])(
    "are of nobody for %s",
    async (query) => {
      expect((await fetch(`${issuer()}/token${query}`)).status).toBe(400);
    },
  );
});

describe("the authorization code flow", () => {
  const verifier = "a verifier of some length that nobody guesses";
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const redirect = "http://127.0.0.1:7/callback";
  const asked = (more: Readonly<Record<string, string>>) =>
    new URLSearchParams({
      client_id: "sigstore",
      redirect_uri: redirect,
      state: "s<1>",
      nonce: "n",
      code_challenge: challenge,
      code_challenge_method: "S256",
      ...more,
    });
  const authorize = (more: Readonly<Record<string, string>>) =>
    fetch(`${issuer()}/auth?${asked(more).toString()}`, { redirect: "manual" });
  const exchange = (fields: Readonly<Record<string, string>>) =>
    fetch(`${issuer()}/token`, { method: "POST", body: new URLSearchParams(fields) });
  const codeFor = async (email: string): Promise<string> => {
    const sent = new URL((await authorize({ email })).headers.get("location") ?? "");
    expect(sent.searchParams.get("state")).toBe("s<1>");
    return sent.searchParams.get("code") ?? "";
  };
  const grant = (code: string) => ({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirect,
    code_verifier: verifier,
  });

  it("asks who it is to be, keeping what the client said", async () => {
    const page = await (await authorize({ login_hint: `"><script>` })).text();
    expect(page).toContain('name="state" value="s&#60;1&#62;"');
    expect(page).not.toContain("<script>");
  });

  it("gives a token with the client's nonce, once", async () => {
    const code = await codeFor("a@example.com");
    const answer = (await (await exchange(grant(code))).json()) as { id_token: string };
    expect(await verified(answer.id_token)).toMatchObject({ email: "a@example.com", nonce: "n" });
    expect((await exchange(grant(code))).status).toBe(400);
  });

  it("gives none to another client, for another place or after a minute", async () => {
    for (const wrong of [
      { code_verifier: "else" },
      { redirect_uri: "http://127.0.0.1:8/" },
      { grant_type: "password" },
    ])
      expect((await exchange({ ...grant(await codeFor("a@example.com")), ...wrong })).status).toBe(400);
    const late = await codeFor("a@example.com");
    bench.clock.advance(60_000);
    expect((await exchange(grant(late))).status).toBe(400);
  });

  it("sends codes to this machine alone", async () => {
    for (const redirect_uri of ["https://attacker.example/", "http://127.0.0.1.attacker.example/", "javascript:1", ""])
      expect((await authorize({ email: "a@example.com", redirect_uri })).status).toBe(400);
  });
});

describe("the device flow", () => {
  const verifier = "another verifier that nobody guesses";
  const post = (path: string, fields: Readonly<Record<string, string>>) =>
    fetch(`${issuer()}${path}`, { method: "POST", body: new URLSearchParams(fields) });
  const begin = async () => {
    const code_challenge = createHash("sha256").update(verifier).digest("base64url");
    const answer = await post("/device/code", { client_id: "sigstore", code_challenge, code_challenge_method: "S256" });
    return (await answer.json()) as { device_code: string; user_code: string; verification_uri_complete: string };
  };
  const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
  const poll = async (device_code: string, code_verifier = verifier): Promise<unknown> =>
    (await post("/token", { grant_type, device_code, code_verifier })).json();

  it("gives a token once somebody said who it is for, and once only", async () => {
    const { device_code, user_code, verification_uri_complete } = await begin();
    expect(await poll(device_code)).toEqual({ error: "authorization_pending" });
    expect(await (await fetch(verification_uri_complete)).text()).toContain(`value="${user_code}"`);
    expect(await poll(device_code)).toEqual({ error: "authorization_pending" });
    expect((await fetch(`${verification_uri_complete}&email=a@example.com`)).status).toBe(200);
    expect(await poll(device_code, "else")).toEqual({ error: "expired_token" });
    const { id_token } = (await poll(device_code)) as { id_token: string };
    expect(await verified(id_token)).toMatchObject({ email: "a@example.com" });
    expect(await poll(device_code)).toEqual({ error: "expired_token" });
  });

  it("forgets codes after five minutes, and knows no others", async () => {
    const { device_code, verification_uri_complete } = await begin();
    bench.clock.advance(300_000);
    expect((await fetch(`${verification_uri_complete}&email=a@example.com`)).status).toBe(400);
    expect(await poll(device_code)).toEqual({ error: "expired_token" });
    expect((await fetch(`${issuer()}/device?user_code=00000000&email=a@example.com`)).status).toBe(400);
  });
});

it.each(["0.0.0.0", "192.168.1.1", "::", "example.com"])("does not listen on %s", async (host) => {
  expect(await codeOfPromise(startDevSigstore(testCtx(), { host, port: 0 }))).toBe("USAGE_INVALID");
});
