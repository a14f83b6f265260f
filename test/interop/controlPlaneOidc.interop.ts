import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { JsonWebKey } from "node:crypto";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { callApi } from "./controlPlaneApi.ts";
import { startOidcIssuer } from "./oidcIssuer.ts";
import type { OidcIssuer } from "./oidcIssuer.ts";
import { openWorkspace } from "./workspace.ts";

// Access tokens of an issuer (RFC 9068), good and forged (RFC 8725), over the socket of the running program.

const AUDIENCE = "waybill";
const HOUR = 3600;

const workspace = openWorkspace();
let issuer: OidcIssuer;
let plane: ControlPlane;
let bait: Server;
let baitUrl: string;
const visits: string[] = [];

const startPlane = (data: string, issuerUrl: string): Promise<ControlPlane> =>
  startControlPlane(workspace, { data, args: ["--oidc-issuer", issuerUrl, "--oidc-audience", AUDIENCE] });

beforeAll(async () => {
  issuer = await startOidcIssuer(AUDIENCE);
  // Serves the attacker's own key set at whatever path.
  bait = createServer((request, response) => {
    visits.push(request.url ?? "");
    response.end(JSON.stringify({ keys: [evil.jwk] }));
  });
  await new Promise<void>((resolve) => void bait.listen(0, "127.0.0.1", resolve));
  baitUrl = `http://127.0.0.1:${(bait.address() as AddressInfo).port}`;
  plane = await startPlane("oidc", issuer.url);
});

afterAll(async () => {
  await plane[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  bait.close();
  workspace[Symbol.dispose]();
});

const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const evil = {
  privateKey: pair.privateKey,
  jwk: { ...pair.publicKey.export({ format: "jwk" }), kid: "evil", use: "sig" },
};

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const now = (): number => Math.floor(Date.now() / 1000);
const payloadOf = (token: string): string => token.split(".")[1] ?? "";

/** The good token's claims under another header, signed with the attacker's key. */
const forge = async (header: Readonly<Record<string, unknown>>): Promise<string> => {
  const signed = `${part({ alg: "RS256", kid: "first", typ: "at+jwt", ...header })}.${payloadOf(await issuer.issue())}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), evil.privateKey).toString("base64url")}`;
};

const ask = async (token: string, path = "/v1/apps"): Promise<readonly [number, unknown]> => {
  const { status, text } = await callApi({ url: plane.url, token }, path);
  return [status, (JSON.parse(text) as { readonly code?: string }).code];
};

describe("an access token of the issuer", () => {
  it("opens what its role opens, in its tenant, and is in the audit log by its subject", async () => {
    const token = await issuer.issue();
    const caller = { url: plane.url, token };
    const registered = await callApi(caller, "/v1/apps/oidc/builds", { build_id: "build-1" });
    expect(registered.status).toBe(201);
    expect(await ask(token, "/v1/apps/oidc/builds/build-1")).toEqual([200, undefined]);
    for (const path of ["/v1/tokens", "/v1/audit"]) expect(await ask(token, path)).toEqual([404, "not-found"]);
    const stranger = await issuer.issue({ tenant_id: "other", roles: [{ role: "operator" }] });
    expect(await ask(stranger, "/v1/apps/oidc/builds/build-1")).toEqual([404, "not-found"]);
    const { text } = await callApi(plane, "/v1/audit?limit=200");
    expect(text).toContain('"actor":"oidc:robot","action":"build.register"');
  });

  it("may be of type JWT, for several audiences, and about to expire", async () => {
    const aud = ["else", AUDIENCE];
    expect(await ask(await issuer.issue({ aud, exp: now() + 5 }, { typ: "JWT" }))).toEqual([200, undefined]);
  });

  it.each([
    ["has expired", { exp: -HOUR }, {}],
    ["never expires", { exp: undefined }, {}],
    ["is not valid yet", { nbf: HOUR }, {}],
    ["was issued in the future", { iat: HOUR }, {}],
    ["is for others", { aud: "another" }, {}],
    ["is for nobody", { aud: undefined }, {}],
    ["is by another issuer", { iss: "https://issuer.example" }, {}],
    ["is by nobody", { iss: undefined }, {}],
    ["is an identity token", {}, { typ: "id+jwt" }],
    ["is a logout token", {}, { typ: "logout+jwt" }],
    ["names no tenant", { tenant_id: undefined }, {}],
    ["names a tenant that is none", { tenant_id: "../default" }, {}],
    ["names all tenants", { tenant_id: "*" }, {}],
    ["names two tenants", { tenant_id: ["default", "other"] }, {}],
    ["has no role", { roles: undefined }, {}],
    ["has a role for one app alone", { roles: [{ role: "operator", scope: "app:x" }] }, {}],
    ["has no subject", { sub: undefined }, {}],
    ["names another key", {}, { kid: "second" }],
  ])("opens nothing where it %s", async (_, claims, header) => {
    // Times are given as seconds from now on.
    const timed = Object.entries(claims as Readonly<Record<string, unknown>>).map(([name, value]) =>
      typeof value === "number" ? [name, now() + value] : [name, value],
    );
    const token = await issuer.issue(Object.fromEntries(timed) as Readonly<Record<string, unknown>>, header);
    expect(await ask(token)).toEqual([401, "token-invalid"]);
  });
});

describe("a forged access token", () => {
  it("opens nothing without a signature", async () => {
    const good = await issuer.issue();
    const [header = "", payload = "", signature = ""] = good.split(".");
    for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
      const unsigned = part({ alg, kid: "first", typ: "at+jwt" });
      for (const token of [`${unsigned}.${payload}.`, `${unsigned}.${payload}.${signature}`])
        expect(await ask(token)).toEqual([401, "token-invalid"]);
    }
    expect(await ask(`${header}.${payload}.`)).toEqual([401, "token-invalid"]);
    const other = payloadOf(await issuer.issue({ roles: [{ role: "operator" }] }));
    expect(await ask(`${header}.${other}.${signature}`)).toEqual([401, "token-invalid"]);
  });

  it("opens nothing with the issuer's public key as a secret", async () => {
    const [jwk] = issuer.keys();
    const key = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    const pems = ["spki", "pkcs1"].map((type) => key.export({ type: type as "spki", format: "pem" }));
    const payload = payloadOf(await issuer.issue());
    for (const [alg, hash] of [
      ["HS256", "sha256"],
      ["HS384", "sha384"],
      ["HS512", "sha512"],
    ] as const) {
      for (const secret of [
        ...pems,
        key.export({ type: "spki", format: "der" }),
        jwk?.n ?? "",
        JSON.stringify(jwk),
        "",
      ]) {
        const signed = `${part({ alg, kid: "first", typ: "at+jwt" })}.${payload}`;
        const mac = createHmac(hash, secret).update(signed).digest("base64url");
        expect(await ask(`${signed}.${mac}`)).toEqual([401, "token-invalid"]);
      }
    }
  });

  it.each([
    ["../../../../dev/null", 401],
    ["file:///etc/passwd", 401],
    ["' or '1'='1", 401],
    ["first\0", 401],
    ["__proto__", 401],
    ["constructor", 401],
    ["BAIT/keys", 401],
    ["", 401],
    ["x".repeat(5000), 401],
    [["first"], 401],
    [{ first: 1 }, 401],
    [null, 401],
  ])("opens nothing with the key id %j", async (kid, status) => {
    const token = await forge({ kid: kid === "BAIT/keys" ? `${baitUrl}/keys` : kid });
    expect(await ask(token)).toEqual([status, "token-invalid"]);
    expect(visits).toEqual([]);
  });

  it.each(["jku", "x5u", "jwk", "x5c"])("brings no key along in %s", async (name) => {
    const values: Readonly<Record<string, unknown>> = {
      jku: `${baitUrl}/jku`,
      x5u: `${baitUrl}/x5u`,
      jwk: evil.jwk,
      x5c: [pair.publicKey.export({ type: "spki", format: "der" }).toString("base64")],
    };
    for (const kid of ["evil", "first", undefined])
      expect(await ask(await forge({ [name]: values[name], kid }))).toEqual([401, "token-invalid"]);
    expect(visits).toEqual([]);
  });

  it("does not make the issuer answer for each", async () => {
    const before = issuer.asked.length;
    for (let at = 0; at < 20; at++) await ask(await forge({ kid: `invented-${at}` }));
    // One look at its discovery document and its keys, at most once in half a minute.
    expect(issuer.asked.length - before).toBeLessThanOrEqual(2);
  });

  it("is in no log", async () => {
    const token = await issuer.issue({ exp: now() - HOUR });
    await ask(token);
    expect(plane.said()).not.toContain(token.slice(0, 30));
    expect(plane.said()).not.toContain("eyJ");
  });
});

describe("an issuer", () => {
  it("may be down: its keys serve on; then what needs new ones says that nobody can tell, and own tokens work", async () => {
    await using other = await startOidcIssuer(AUDIENCE);
    await using served = await startPlane("later", other.url);
    const call = async (token: string): Promise<number> =>
      (await callApi({ url: served.url, token }, "/v1/apps")).status;
    const good = await other.issue();
    expect(await call(good)).toBe(200);
    await other.stop();
    expect(await call(good)).toBe(200);
    expect(await call(served.token)).toBe(200);
    await other.start();
    expect(await call(good)).toBe(200);
  });

  it("may be down at the start, and is asked again when it is up", { timeout: 60_000 }, async () => {
    await using other = await startOidcIssuer(AUDIENCE);
    const good = await other.issue();
    await other.stop();
    await using served = await startPlane("down", other.url);
    expect((await callApi(served, "/v1/apps")).status).toBe(200);
    const down = await callApi({ url: served.url, token: good }, "/v1/apps");
    expect([down.status, JSON.parse(down.text).code]).toEqual([502, "network-failed"]);
    expect(down.text).not.toContain(good.slice(0, 20));
    await other.start();
    await expect
      .poll(async () => (await callApi({ url: served.url, token: good }, "/v1/apps")).status, {
        timeout: 20_000,
        interval: 500,
      })
      .toBe(200);
  });

  it("is followed when it changes its keys, within half a minute", { timeout: 90_000 }, async () => {
    await using other = await startOidcIssuer(AUDIENCE);
    await using served = await startPlane("rotating", other.url);
    const call = async (token: string): Promise<number> =>
      (await callApi({ url: served.url, token }, "/v1/apps")).status;
    const old = await other.issue();
    expect(await call(old)).toBe(200);
    await other.rotate("second");
    const fresh = await other.issue();
    await expect.poll(() => call(fresh), { timeout: 40_000, interval: 1000 }).toBe(200);
    expect(await call(old)).toBe(401);
  });
});
