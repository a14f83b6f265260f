import { describe, expect, it } from "vitest";
import { redirectingSend } from "#net/redirectingSend.ts";
import type { HttpRequest, Method } from "#net/send.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const ctx = testCtx();

/** Redirects along `to` by URL; everything else answers 200. */
const follow = async (
  start: string,
  to: Readonly<Record<string, string>>,
  method: Method = "GET",
  allowHttp = false,
) => {
  const seen: HttpRequest[] = [];
  const send = redirectingSend(
    async (_ctx, request) => {
      seen.push(request);
      const location = to[request.url.href];
      const headers = location === undefined ? {} : { location };
      return { status: location === undefined ? 200 : 307, headers, url: request.url, bytes: new Uint8Array() };
    },
    { allowHttp, isOwn: () => false },
  );
  const headers = { authorization: "Bearer secret", accept: "x" };
  const answer = await send(ctx, { method, url: new URL(start), headers, maxBytes: 0 });
  return { answer, seen, authorized: seen.map((one) => one.headers["authorization"] !== undefined) };
};

describe("redirectingSend", () => {
  it("keeps Authorization on the same origin, with relative targets", async () => {
    const { answer, authorized } = await follow("https://a.test/1", { "https://a.test/1": "/2?q" });
    expect(answer.url.href).toBe("https://a.test/2?q");
    expect(authorized).toEqual([true, true]);
  });

  it.each(["https://b.test/2", "https://a.test:8443/2", "https://a.test.evil.test/2", "//b.test/2"])(
    "attack 47: sends no Authorization to %s, nor back again",
    async (other) => {
      const back = new URL(other, "https://a.test/1").href;
      const { authorized, seen } = await follow("https://a.test/1", {
        "https://a.test/1": other,
        [back]: "https://a.test/3",
      });
      expect(authorized).toEqual([true, false, false]);
      expect(seen[1]?.headers["accept"]).toBe("x");
    },
  );

  it.each([
    ["https://a.test/", "http://a.test/"],
    ["https://127.0.0.1/", "http://127.0.0.1/"],
    ["https://a.test/", "ftp://a.test/"],
    ["https://a.test/", "file:///etc/passwd"],
    ["https://a.test/", "https://user:pw@a.test/x"],
    ["https://a.test/", "https://["],
    ["http://127.0.0.1/", "http://169.254.169.254/latest"],
    ["http://127.0.0.1/", "http://b.test/"],
    ["https://a.test/", "https://169.254.169.254/latest"],
    ["https://a.test/", "https://[fe80::1]/"],
    ["https://a.test/", "https://[::ffff:169.254.169.254]/"],
    ["https://a.test/", "https://[fd00:ec2::254]/"],
    ["https://a.test/", "https://2852039166/"],
    ["https://a.test/", "https://localhost:8600/"],
    ["https://a.test/", "https://0/"],
  ])("attacks 47 and 48: refuses to go from %s to %s", async (from, to) => {
    await expect(follow(from, { [from]: to })).rejects.toMatchObject({ code: "REGISTRY_PROTOCOL" });
  });

  it("goes from local http to https, to its own host, and to others where http is allowed", async () => {
    const start = "http://127.0.0.1:5000/1";
    expect((await follow(start, { [start]: "https://b.test/2" })).answer.url.href).toBe("https://b.test/2");
    expect((await follow(start, { [start]: "/2" })).authorized).toEqual([true, true]);
    const allowed = await follow("http://a.test/", { "http://a.test/": "http://b.test/" }, "GET", true);
    expect(allowed.authorized).toEqual([true, false]);
  });

  it("goes five steps, not six", async () => {
    const chain = (length: number) =>
      Object.fromEntries(Array.from({ length }, (_, at) => [`https://a.test/${at}`, `https://a.test/${at + 1}`]));
    expect((await follow("https://a.test/0", chain(5))).answer.status).toBe(200);
    await expect(follow("https://a.test/0", chain(6))).rejects.toMatchObject({ code: "REGISTRY_PROTOCOL" });
  });

  it("does not carry writing requests elsewhere", async () => {
    const { answer, seen } = await follow("https://a.test/1", { "https://a.test/1": "https://b.test/" }, "PUT");
    expect(answer.status).toBe(307);
    expect(seen).toHaveLength(1);
  });
});
