import { describe, expect, it } from "vitest";
import { addressGroup } from "#api/rateLimiter.ts";
import { openApiBench } from "../../test/fakes/apiBench.ts";

const repeat = async <T>(times: number, task: () => Promise<T>): Promise<readonly T[]> => {
  const results: T[] = [];
  for (let count = 0; count < times; count++) results.push(await task());
  return results;
};

describe("rate limits", () => {
  it("allow 30 requests a minute from an address without a token, whatever the token is that it guesses", async () => {
    const bench = await openApiBench({ rateLimit: "on" });
    const guess = (): ReturnType<typeof bench.call> =>
      bench.call("/v1/apps", { token: `wbt_${"A".repeat(43)}`, address: "198.51.100.7" });
    expect((await bench.call("/v1/apps", { token: bench.tokens.reader, address: "198.51.100.7" })).status).toBe(200);
    const first = await repeat(30, guess);
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([401]));
    expect(first[0]?.headers.get("RateLimit-Policy")).toBe('"address";q=30;w=60');
    expect(first[0]?.headers.get("RateLimit")).toBe('"address";r=29;t=2');
    const over = await guess();
    expect([over.status, over.problem().code]).toEqual([429, "rate-exceeded"]);
    expect(over.headers.get("Retry-After")).toBe("2");
    expect((await bench.call("/v1/cosign.pub", { address: "198.51.100.7" })).status).toBe(429);
    expect((await bench.call("/v1/cosign.pub", { address: "198.51.100.8" })).status).toBe(200);
    expect((await bench.call("/v1/apps", { token: bench.tokens.reader, address: "198.51.100.7" })).status).toBe(200);
    bench.clock.advance(2000);
    expect((await guess()).status).toBe(401);
    expect((await guess()).status).toBe(429);
  });

  it("count what no route answers against the address", async () => {
    const bench = await openApiBench({ rateLimit: "on" });
    const unknown = ["/v1/nothing", "/nothing", "/v2/apps"];
    for (let count = 0; count < 30; count++) {
      const path = unknown[count % unknown.length] ?? "";
      const call = count % 2 === 0 ? { token: bench.tokens.operator } : {};
      expect((await bench.call(path, { ...call, address: "198.51.100.9" })).status).toBe(404);
    }
    const method = await bench.call("/v1/apps", { method: "DELETE", address: "198.51.100.9" });
    expect([method.status, method.headers.get("RateLimit")]).toEqual([429, '"address";r=0;t=60']);
    expect((await bench.call("/v1/apps", { method: "DELETE", address: "198.51.100.10" })).status).toBe(405);
  });

  it("allow 600 requests a minute to each token", async () => {
    const bench = await openApiBench({ rateLimit: "on" });
    const ask = (token: string): ReturnType<typeof bench.call> => bench.call("/v1/jobs", { token });
    const all = await repeat(600, () => ask(bench.tokens.reader));
    expect(all.every(({ status }) => status === 200)).toBe(true);
    const over = await ask(bench.tokens.reader);
    expect([over.status, over.headers.get("Retry-After")]).toEqual([429, "1"]);
    expect((await ask(bench.tokens.operator)).status).toBe(200);
    bench.clock.advance(60_000);
    expect((await ask(bench.tokens.reader)).headers.get("RateLimit")).toBe('"token";r=599;t=1');
  });

  it("say nothing where they are off", async () => {
    const bench = await openApiBench();
    expect((await bench.call("/v1/cosign.pub")).headers.get("RateLimit")).toBeNull();
  });

  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ])("count %s as %s", (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});
