import { describe, expect, it } from "vitest";
import type { Principal } from "#records/token.ts";
import { createAdmission } from "#api/admit.ts";
import type { Caller } from "#api/admit.ts";
import { manualClock } from "../../test/fakes/manualClock.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const ALLOWED = 30;
const ADDRESS = "198.51.100.7";

/** Tokens `good-*` are good until they are revoked; `asked` counts what was looked up. */
const openBench = () => {
  const clock = manualClock(0);
  const ctx = testCtx({ clock });
  const revoked = new Set<string>();
  let asked = 0;
  const authenticate = async (_: unknown, bearer: string): Promise<Principal | undefined> => {
    asked++;
    await new Promise((resolve) => setImmediate(resolve));
    if (!bearer.startsWith("good-") || revoked.has(bearer)) return undefined;
    return { tenant: "default", role: "reader", actor: `token:${bearer}`, quota: `token:${bearer}` };
  };
  const { admit, admitStranger } = createAdmission({ authenticate, clock, rateLimit: "on" });
  const codeOf = async (token: string, over: Partial<Caller> = {}): Promise<string> => {
    const caller = { authorization: `Bearer ${token}`, address: ADDRESS, access: "read", ...over } as const;
    return (await admit(ctx, caller)).refusal?.code ?? "admitted";
  };
  const exhaust = async (): Promise<void> => {
    for (let count = 0; count < ALLOWED; count++) expect(await codeOf(`bad-${count}`)).toBe("TOKEN_INVALID");
  };
  return { clock, codeOf, admitStranger, exhaust, revoke: (token: string) => revoked.add(token), asked: () => asked };
};

describe("an address that brings bad tokens", () => {
  it("costs no look at the store beyond its allowance", async () => {
    const { codeOf, exhaust, asked, clock } = openBench();
    await exhaust();
    for (let count = 0; count < 100; count++) expect(await codeOf(`more-${count}`)).toBe("RATE_EXCEEDED");
    expect(asked()).toBe(ALLOWED);
    expect(await codeOf("other", { address: "198.51.100.8" })).toBe("TOKEN_INVALID");
    clock.advance(2000);
    expect(await codeOf("again")).toBe("TOKEN_INVALID");
    expect(await codeOf("again")).toBe("RATE_EXCEEDED");
  });

  it("costs no more where they come all at once", async () => {
    const { codeOf, asked } = openBench();
    const codes = await Promise.all(Array.from({ length: 200 }, (_, at) => codeOf(`bad-${at}`)));
    expect(codes.filter((code) => code === "TOKEN_INVALID")).toHaveLength(ALLOWED);
    expect(asked()).toBe(ALLOWED);
  });

  it("does not shut out a token that was good lately", async () => {
    const { codeOf, exhaust } = openBench();
    expect(await codeOf("good-1")).toBe("admitted");
    await exhaust();
    for (let count = 0; count < 100; count++) expect(await codeOf("good-1")).toBe("admitted");
  });

  it("shuts out one that is new until some of the allowance is there again", async () => {
    const { codeOf, exhaust, clock } = openBench();
    await exhaust();
    expect(await codeOf("good-new")).toBe("RATE_EXCEEDED");
    clock.advance(2000);
    expect(await codeOf("good-new")).toBe("admitted");
    expect(await codeOf("good-new")).toBe("admitted");
  });

  it("has one look at a token that was revoked since, and no more", async () => {
    const { codeOf, exhaust, revoke, asked } = openBench();
    expect(await codeOf("good-1")).toBe("admitted");
    await exhaust();
    revoke("good-1");
    const before = asked();
    expect(await codeOf("good-1")).toBe("RATE_EXCEEDED");
    expect(await codeOf("good-1")).toBe("RATE_EXCEEDED");
    expect(asked() - before).toBe(1);
  });
});

describe("an address that brings good tokens", () => {
  it("spends nothing, though they are new and come all at once", async () => {
    const { codeOf, exhaust } = openBench();
    const codes = await Promise.all(Array.from({ length: 200 }, (_, at) => codeOf(`good-${at}`)));
    expect(new Set(codes)).toEqual(new Set(["admitted"]));
    await exhaust();
  });
});

describe("a request that no route answers", () => {
  it("counts against its address", () => {
    const { admitStranger } = openBench();
    for (let count = 0; count < ALLOWED; count++) expect(admitStranger(ADDRESS).refusal).toBeUndefined();
    expect(admitStranger(ADDRESS).refusal?.code).toBe("RATE_EXCEEDED");
  });
});
