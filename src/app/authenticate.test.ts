import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PERMISSIONS, ROLES } from "#records/token.ts";
import type { Role } from "#records/token.ts";
import { authenticate } from "#app/authenticate.ts";
import { authorise } from "#app/authorise.ts";
import { createToken } from "#app/createToken.ts";
import { revokeToken } from "#app/revokeToken.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { openServiceBench, principal } from "../../test/fakes/serviceBench.ts";

const newSecret = (): string => `wbt_${randomBytes(32).toString("base64url")}`;
const INPUT = {
  by: "cli",
  tenant: "default",
  name: "ci",
  role: "builder",
  expiresAt: undefined,
  requestId: undefined,
} as const;

const setUp = async () => {
  const { deps, ctx, read, advance } = await openServiceBench();
  const create = createToken({ ...deps, newSecret });
  return { deps, ctx, read, advance, create, check: (secret: string) => authenticate(deps)(ctx, secret) };
};

describe("tokens", () => {
  it("speak for their tenant and role, and only their hash is kept", async () => {
    const { create, check, ctx, read } = await setUp();
    const { token, secret } = await create(ctx, INPUT);
    expect(await check(secret)).toEqual({
      tenant: "default",
      role: "builder",
      actor: `token:ci#${token.id.slice(-12)}`,
      quota: `token:${token.id}`,
    });
    expect(token.hash).toBe(createHash("sha256").update(secret).digest("hex"));
    const kept = await read(async (records) => ({
      tokens: await records.tokens.list("default", { limit: 9, after: undefined }),
      audit: await records.audit.list(undefined, 0, 9),
    }));
    expect(JSON.stringify(kept)).not.toContain(secret.slice(4));
    expect(kept.audit.map(({ action, actor }) => [action, actor])).toEqual([["token.create", "cli"]]);
  });

  it("end when they expire", async () => {
    const { create, check, ctx, advance } = await setUp();
    const { secret } = await create(ctx, { ...INPUT, expiresAt: ctx.clock.now() + 1000 });
    advance(999);
    expect(await check(secret)).toBeDefined();
    advance(1);
    expect(await check(secret)).toBeUndefined();
  });

  it("end when they are revoked, by their own tenant only", async () => {
    const { create, check, ctx, deps, read } = await setUp();
    const { token, secret } = await create(ctx, INPUT);
    const revoke = (tenant: string) =>
      revokeToken(deps)(ctx, { by: "cli", tenant, id: token.id, requestId: "request-1" });
    expect(await codeOfPromise(revoke("other"))).toBe("NOT_FOUND");
    expect(await check(secret)).toBeDefined();
    await revoke("default");
    expect(await check(secret)).toBeUndefined();
    await revoke("default");
    const audit = await read((records) => records.audit.list(undefined, 0, 9));
    expect(audit.map(({ action, requestId }) => [action, requestId])).toEqual([
      ["token.create", undefined],
      ["token.revoke", "request-1"],
    ]);
  });

  it("let nothing in that is not exactly one of them", async () => {
    const { create, check, ctx } = await setUp();
    const { token, secret } = await create(ctx, INPUT);
    const near = `${secret.slice(0, -1)}${secret.endsWith("A") ? "B" : "A"}`;
    for (const wrong of [
      near,
      token.hash,
      token.id,
      "",
      "wbt_",
      `${secret} `,
      secret.toUpperCase(),
      `Bearer ${secret}`,
    ]) {
      expect(await check(wrong)).toBeUndefined();
    }
  });

  it("do not let a store in that finds a token by something else than its hash", async () => {
    const { create, ctx, deps } = await setUp();
    const { token } = await create(ctx, INPUT);
    const lax: typeof deps.store = {
      ...deps.store,
      read: (call, work) =>
        deps.store.read(call, (records) =>
          work({ ...records, tokens: { ...records.tokens, findByHash: async () => token } }),
        ),
    };
    expect(await authenticate({ store: lax })(ctx, newSecret())).toBeUndefined();
  });

  it.each<[string, object]>([
    ["a name of nothing", { name: "" }],
    ["a name of two lines", { name: "a\nb" }],
    ["a tenant that is none", { tenant: "a/b" }],
    ["a role that is none", { role: "root" as Role }],
    ["an end in the past", { expiresAt: 1 }],
    ["an end that is no moment", { expiresAt: Number.NaN }],
  ])("refuse %s", async (_, over) => {
    const { create, ctx } = await setUp();
    expect(await codeOfPromise(create(ctx, { ...INPUT, ...over }))).toBe("INPUT_INVALID");
  });

  it("are never made of too little randomness", async () => {
    const { deps, ctx } = await setUp();
    expect(await codeOfPromise(createToken({ ...deps, newSecret: () => "wbt_short" })(ctx, INPUT))).toBe("INTERNAL");
  });

  it("may do what their role may", () => {
    const table = ROLES.map((role) => PERMISSIONS.filter((one) => authorise({ ...principal(), role }, one)).join(" "));
    expect(table).toEqual(["read", "read build", "read audit", "read build audit operate"]);
  });
});
