import fc from "fast-check";
import { CompactSign, SignJWT, UnsecuredJWT, exportJWK, exportSPKI, generateKeyPair } from "jose";
import type { JWK, JWTPayload } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { createOidcVerifier } from "#api/oidcTokens.ts";
import { WaybillError } from "#core/errors.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { manualClock } from "../../test/fakes/manualClock.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const ISSUER = "https://login.example/realms/one";
const AUDIENCE = "waybill";
const START = Date.parse("2026-01-01T00:00:00Z");
const MINUTE = 60_000;

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let first: Pair;
let second: Pair;
let rsa: Pair;

beforeAll(async () => {
  const options = { extractable: true };
  [first, second, rsa] = await Promise.all([
    generateKeyPair("ES256", options),
    generateKeyPair("ES256", options),
    generateKeyPair("RS256", options),
  ]);
});

const publish = async (pair: Pair, kid: string, over: Partial<JWK> = {}): Promise<JWK> => ({
  ...(await exportJWK(pair.publicKey)),
  kid,
  use: "sig",
  ...over,
});

/** An issuer in this process, whose documents may be changed, and which may be down. */
const openBench = (keys: readonly JWK[], over: Partial<Parameters<typeof createOidcVerifier>[0]> = {}) => {
  const clock = manualClock(START);
  const asked: string[] = [];
  const site = {
    down: false,
    keys,
    discovery: { issuer: ISSUER, jwks_uri: "https://login.example/keys" } as Record<string, unknown>,
  };
  const verify = createOidcVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    clock,
    fetchText: async (_ctx, url) => {
      asked.push(url.href);
      if (site.down) throw new WaybillError("NETWORK_FAILED", "connection refused");
      return JSON.stringify(url.pathname.endsWith("openid-configuration") ? site.discovery : { keys: site.keys });
    },
    ...over,
  });
  return { clock, asked, site, verify: (token: string) => verify(testCtx({ clock }), token) };
};

const goodClaims = (over: Readonly<Record<string, unknown>> = {}): JWTPayload => {
  const now = START / 1000;
  const claims: Record<string, unknown> = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: "robot",
    tenant_id: "acme",
    roles: [{ role: "builder", scope: "*" }],
    iat: now,
    exp: now + 3600,
    ...over,
  };
  for (const [name, value] of Object.entries(claims)) if (value === undefined) delete claims[name];
  return claims;
};

const signed = (pair: Pair, claims: JWTPayload, header: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "ES256", kid: "one", typ: "at+jwt", ...header })
    .sign(pair.privateKey);

describe("OIDC access tokens", () => {
  it("take a good token for its tenant and role", async () => {
    const bench = openBench([await publish(first, "one")]);
    const principal = await bench.verify(await signed(first, goodClaims()));
    expect(principal).toEqual({
      tenant: "acme",
      role: "builder",
      actor: "oidc:robot",
      quota: expect.stringMatching(/^oidc:[0-9a-f]{64}$/),
    });
    expect(bench.asked).toEqual([`${ISSUER}/.well-known/openid-configuration`, "https://login.example/keys"]);
  });

  it.each(["RS256", "PS384", "ES384", "ES512", "EdDSA"])("take %s, without kid where one key fits", async (alg) => {
    const pair = await generateKeyPair(alg);
    const bench = openBench([await publish(first, "other"), await publish(pair, "one", { alg })]);
    const token = await signed(pair, goodClaims({ aud: ["x", AUDIENCE] }), { alg, kid: undefined, typ: undefined });
    expect(await bench.verify(token)).toBeDefined();
  });

  it("keep keys for ten minutes", async () => {
    const bench = openBench([await publish(first, "one")]);
    const token = await signed(first, goodClaims());
    await Promise.all([bench.verify(token), bench.verify(token), bench.verify(token)]);
    expect(bench.asked).toHaveLength(2);
    bench.clock.advance(9 * MINUTE);
    await bench.verify(token);
    expect(bench.asked).toHaveLength(2);
    bench.clock.advance(MINUTE);
    await bench.verify(token);
    expect(bench.asked).toHaveLength(4);
  });

  it("keep the claims' names configurable", async () => {
    const bench = openBench([await publish(first, "one")], { claims: { tenant: "org", role: "waybill_role" } });
    const claims = goodClaims({ tenant_id: undefined, roles: undefined, org: "beta", waybill_role: "auditor" });
    expect(await bench.verify(await signed(first, claims))).toMatchObject({ tenant: "beta", role: "auditor" });
  });
});

describe("attacks on OIDC access tokens", () => {
  it("refuse alg none", async () => {
    const bench = openBench([await publish(first, "one")]);
    expect(await bench.verify(new UnsecuredJWT(goodClaims()).encode())).toBeUndefined();
    const [header, payload] = (await signed(first, goodClaims())).split(".");
    const none = Buffer.from('{"alg":"none","kid":"one"}').toString("base64url");
    for (const token of [`${none}.${payload}.`, `${none}.${payload}.AA`, `${header}.${payload}.`]) {
      expect(await bench.verify(token)).toBeUndefined();
    }
  });

  it("refuse HS256 with the public key as secret", async () => {
    const jwk = await publish(rsa, "one");
    const bench = openBench([jwk]);
    const secrets = [await exportSPKI(rsa.publicKey), JSON.stringify(jwk), jwk.n ?? ""];
    for (const secret of secrets) {
      const token = await new SignJWT(goodClaims())
        .setProtectedHeader({ alg: "HS256", kid: "one" })
        .sign(Buffer.from(secret));
      expect(await bench.verify(token)).toBeUndefined();
    }
  });

  it("never use a symmetric key that the issuer publishes", async () => {
    const secret = Buffer.alloc(32, 7);
    const bench = openBench([{ kty: "oct", kid: "one", k: secret.toString("base64url"), alg: "HS256" }]);
    const token = await new SignJWT(goodClaims()).setProtectedHeader({ alg: "HS256", kid: "one" }).sign(secret);
    expect(await bench.verify(token)).toBeUndefined();
  });

  it("refuse a kid that is an address, a path or not the issuer's, and resolve none", async () => {
    const bench = openBench([await publish(first, "one")]);
    for (const kid of ["https://evil.example/k", "../../dev/null", "' OR 1=1 --", "__proto__", "k".repeat(257)]) {
      expect(await bench.verify(await signed(second, goodClaims(), { kid }))).toBeUndefined();
    }
    expect(bench.asked.filter((url) => !url.startsWith("https://login.example/"))).toEqual([]);
  });

  it("ignore a key that the token brings along", async () => {
    const bench = openBench([await publish(first, "one")]);
    const jwk = await exportJWK(second.publicKey);
    for (const header of [{ jwk }, { jku: "https://evil.example/jwks" }, { x5u: "https://evil.example/x" }]) {
      expect(await bench.verify(await signed(second, goodClaims(), header))).toBeUndefined();
      // The same header harms no token that the issuer's own key made.
      expect(await bench.verify(await signed(first, goodClaims(), header))).toBeDefined();
    }
  });

  it("refuse a key that is for another algorithm, another curve or another use", async () => {
    const token = await signed(rsa, goodClaims(), { alg: "RS256" });
    const weaker: readonly Partial<JWK>[] = [{ alg: "PS256" }, { use: "enc" }, { key_ops: ["sign"] }];
    expect(await openBench([await publish(rsa, "one")]).verify(token)).toBeDefined();
    for (const over of weaker) expect(await openBench([await publish(rsa, "one", over)]).verify(token)).toBeUndefined();
    expect(await openBench([await publish(first, "one", { crv: "P-384" })]).verify(token)).toBeUndefined();
  });

  it("refuse two keys of one name", async () => {
    const bench = openBench([await publish(first, "one"), await publish(second, "one")]);
    expect(await bench.verify(await signed(first, goodClaims()))).toBeUndefined();
  });

  it.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ["expired", { exp: START / 1000 - 61 }],
    ["without exp", { exp: undefined }],
    ["with an exp that is text", { exp: String(START / 1000 + 60) }],
    ["not yet valid", { nbf: START / 1000 + 61 }],
    ["issued in the future", { iat: START / 1000 + 61 }],
    ["for another audience", { aud: "other" }],
    ["for an audience that only begins alike", { aud: [`${AUDIENCE}-admin`] }],
    ["without audience", { aud: undefined }],
    ["of another issuer", { iss: "https://evil.example" }],
    ["of an issuer with one more slash", { iss: `${ISSUER}/` }],
    ["without issuer", { iss: undefined }],
    ["without subject", { sub: undefined }],
    ["with a line feed in the subject", { sub: "robot\nforged" }],
    ["with a text direction mark in the subject", { sub: "robot\u202e" }],
    ["without tenant", { tenant_id: undefined }],
    ["with a tenant that is a path", { tenant_id: "../other" }],
    ["with a tenant of dots", { tenant_id: ".." }],
    ["with a list of tenants", { tenant_id: ["acme"] }],
    ["without role", { roles: undefined }],
    ["with an unknown role", { roles: [{ role: "root" }], role: "constructor" }],
    ["with a role for one app only", { roles: [{ role: "operator", scope: "app:one" }] }],
    ["with a role for another tenant", { roles: [{ role: "operator", scope: "tenant:other" }] }],
  ])("refuse a token %s", async (_name, over) => {
    const bench = openBench([await publish(first, "one")]);
    expect(await bench.verify(await signed(first, goodClaims(over)))).toBeUndefined();
    expect(await bench.verify(await signed(first, goodClaims()))).toBeDefined();
  });

  it("allow clocks to differ by a minute", async () => {
    const bench = openBench([await publish(first, "one")]);
    const now = START / 1000;
    const claims = goodClaims({ exp: now - 59, nbf: now + 59, iat: now + 59 });
    expect(await bench.verify(await signed(first, claims))).toBeDefined();
  });

  it("give the highest of several roles over the whole tenant", async () => {
    const bench = openBench([await publish(first, "one")]);
    const roles = ["reader", { role: "auditor", scope: "tenant:acme" }, { role: "operator", scope: "app:x" }];
    expect(await bench.verify(await signed(first, goodClaims({ roles })))).toMatchObject({ role: "auditor" });
  });

  it.each([{ typ: "logout+jwt" }, { typ: "dpop+jwt" }, { typ: 7 }, { kid: 7 }, { crit: ["b64"], b64: true }])(
    "refuse the header %j",
    async (header) => {
      const bench = openBench([await publish(first, "one")]);
      const [, payload = ""] = (await signed(first, goodClaims())).split(".");
      const protectedHeader = Buffer.from(JSON.stringify({ alg: "ES256", kid: "one", ...header })).toString(
        "base64url",
      );
      const bytes = Buffer.from(`${protectedHeader}.${payload}`);
      const algorithm = { name: "ECDSA", hash: "SHA-256" };
      const signature = Buffer.from(await crypto.subtle.sign(algorithm, first.privateKey, bytes)).toString("base64url");
      expect(await bench.verify(`${bytes.toString()}.${signature}`)).toBeUndefined();
      expect(bench.asked).toEqual([]);
    },
  );

  it("refuse an oversized token without asking the issuer", async () => {
    const bench = openBench([await publish(first, "one")]);
    expect(await bench.verify(await signed(first, goodClaims({ pad: "x".repeat(16 * 1024) })))).toBeUndefined();
    expect(bench.asked).toEqual([]);
  });

  it("refuse a token that was changed in any place", async () => {
    const bench = openBench([await publish(first, "one")]);
    const token = await signed(first, goodClaims());
    const end = token.lastIndexOf(".");
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: end - 1 }), fc.constantFrom("A", "a", "0", "_", "-", "."), async (at, letter) => {
        fc.pre(token[at] !== letter);
        expect(await bench.verify(`${token.slice(0, at)}${letter}${token.slice(at + 1)}`)).toBeUndefined();
      }),
    );
  });

  it("refuse garbage, and ask nobody about it", async () => {
    const bench = openBench([await publish(first, "one")]);
    const part = fc.oneof(
      fc.string(),
      fc.json().map((text) => Buffer.from(text).toString("base64url")),
      fc.record({ alg: fc.constantFrom("ES256", "none"), kid: fc.string() }).map((header) => {
        return Buffer.from(JSON.stringify(header)).toString("base64url");
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        expect(await bench.verify(parts.join("."))).toBeUndefined();
      }),
    );
    expect(bench.asked).toEqual([]);
  });
});

describe("an OIDC issuer's keys", () => {
  it("are loaded again for an unknown kid, once in 30 s", async () => {
    const bench = openBench([await publish(first, "one")]);
    const rotated = await signed(second, goodClaims(), { kid: "two" });
    expect(await bench.verify(rotated)).toBeUndefined();
    bench.site.keys = [await publish(first, "one"), await publish(second, "two")];
    bench.clock.advance(29_999);
    expect(await bench.verify(rotated)).toBeUndefined();
    expect(bench.asked).toHaveLength(2);
    bench.clock.advance(1);
    expect(await Promise.all([bench.verify(rotated), bench.verify(rotated)])).not.toContain(undefined);
    expect(bench.asked).toHaveLength(4);
    expect(await bench.verify(await signed(first, goodClaims()))).toBeDefined();
  });

  it("are forgotten when the issuer withdraws them", async () => {
    const bench = openBench([await publish(first, "one")]);
    const token = await signed(first, goodClaims());
    expect(await bench.verify(token)).toBeDefined();
    bench.site.keys = [];
    bench.clock.advance(10 * MINUTE);
    expect(await bench.verify(token)).toBeUndefined();
  });

  it("serve on for an hour while the issuer is down", async () => {
    const bench = openBench([await publish(first, "one")]);
    const token = await signed(first, goodClaims({ exp: START / 1000 + 7200 }));
    expect(await bench.verify(token)).toBeDefined();
    bench.site.down = true;
    bench.clock.advance(11 * MINUTE);
    expect(await bench.verify(token)).toBeDefined();
    bench.clock.advance(48 * MINUTE);
    expect(await bench.verify(token)).toBeDefined();
    bench.clock.advance(MINUTE);
    expect(await codeOfPromise(bench.verify(token))).toBe("NETWORK_FAILED");
    bench.site.down = false;
    bench.clock.advance(30_000);
    expect(await bench.verify(token)).toBeDefined();
  });

  it("that cannot be asked for are an error, not a refusal", async () => {
    const bench = openBench([await publish(first, "one")]);
    bench.site.down = true;
    const token = await signed(first, goodClaims());
    expect(await codeOfPromise(bench.verify(token))).toBe("NETWORK_FAILED");
    expect(await codeOfPromise(bench.verify(token))).toBe("NETWORK_FAILED");
    expect(bench.asked).toHaveLength(1);
    bench.site.down = false;
    bench.clock.advance(5000);
    expect(await bench.verify(token)).toBeDefined();
  });

  it.each([
    { issuer: "https://evil.example", jwks_uri: "https://login.example/keys" },
    { issuer: ISSUER, jwks_uri: "http://login.example/keys" },
    { issuer: ISSUER, jwks_uri: "http://127.0.0.1:8600/keys" },
    { issuer: ISSUER, jwks_uri: "https://user:word@login.example/keys" },
    { issuer: ISSUER, jwks_uri: "file:///etc/passwd" },
    { issuer: ISSUER },
  ])("are not taken by way of %j", async (discovery) => {
    const bench = openBench([await publish(first, "one")]);
    bench.site.discovery = discovery;
    expect(await codeOfPromise(bench.verify(await signed(first, goodClaims())))).toBe("NETWORK_FAILED");
    expect(bench.asked).toHaveLength(1);
  });

  it("in a document that is no JWK set are an error", async () => {
    const token = await signed(first, goodClaims());
    const jwk = await publish(first, "one");
    const many = Array.from({ length: 101 }, () => jwk);
    expect(await codeOfPromise(openBench(many).verify(token))).toBe("NETWORK_FAILED");
    for (const text of ["", "[]", "null", '{"keys":{}}', '{"issuer":1,"issuer":2}']) {
      const bench = openBench([], { fetchText: async () => text });
      expect(await codeOfPromise(bench.verify(token))).toBe("NETWORK_FAILED");
    }
  });

  it("of 1024 bits prove nothing", async () => {
    const weak = await crypto.subtle.generateKey(
      { name: "RSASSA-PKCS1-v1_5", modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
      true,
      ["sign", "verify"],
    );
    const head = Buffer.from(JSON.stringify({ alg: "RS256", kid: "one" })).toString("base64url");
    const body = Buffer.from(JSON.stringify(goodClaims())).toString("base64url");
    const bytes = Buffer.from(`${head}.${body}`);
    const signature = Buffer.from(await crypto.subtle.sign("RSASSA-PKCS1-v1_5", weak.privateKey, bytes));
    const bench = openBench([{ ...(await exportJWK(weak.publicKey)), kid: "one" }]);
    expect(await bench.verify(`${bytes.toString()}.${signature.toString("base64url")}`)).toBeUndefined();
  });
});

describe("settings of OIDC", () => {
  it.each([
    { issuer: "http://login.example" },
    { issuer: "https://login.example?x=1" },
    { issuer: "https://user:word@login.example" },
    { issuer: "login.example" },
    { audience: "" },
    { algorithms: ["HS256"] },
    { algorithms: ["none"] },
    { algorithms: [] },
  ])("refuse %j", async (over) => {
    expect(await codeOfPromise((async () => openBench([], over))())).toBe("CONFIG_INVALID");
  });

  it("take a loopback issuer over http, and fewer algorithms", async () => {
    const issuer = "http://127.0.0.1:5556/dex";
    const bench = openBench([await publish(first, "one")], { issuer, algorithms: ["RS256"] });
    bench.site.discovery = { issuer, jwks_uri: "http://127.0.0.1:5556/dex/keys" };
    expect(await bench.verify(await signed(first, goodClaims({ iss: issuer })))).toBeUndefined();
    const wide = openBench([await publish(first, "one")], { issuer });
    wide.site.discovery = bench.site.discovery;
    expect(await wide.verify(await signed(first, goodClaims({ iss: issuer })))).toBeDefined();
  });
});
