import { expect, it } from "vitest";
import { openApiBench } from "../../test/fakes/apiBench.ts";

it("logs each request with its route and who asked, and nothing of what was asked", async () => {
  const { call, tokens, logged } = await openApiBench();
  const begun = logged.length;
  const headers = { "X-Request-Id": "my-request", "X-Secret": "hidden-header" };
  await call("/v1/apps/my-app/builds/build-1?x=hidden-query", { token: tokens.reader, headers });
  const body = { build_id: "hidden-body", source: "https://git.example/hidden-source" };
  await call("/api/v1/apps/my-app/builds", { method: "POST", token: tokens.builder, body });
  await call("/v1/apps", { token: `wbt_${"A".repeat(43)}` });
  await call("/v1/hidden-path", { token: tokens.reader });
  const lines = logged.slice(begun).filter((line) => line.startsWith("debug request "));
  const fields = lines.map((line) => JSON.parse(line.slice("debug request ".length)) as Record<string, unknown>);
  expect(fields).toMatchObject([
    { method: "GET", route: "/apps/{app}/builds/{build}", status: 200, request: "my-request", tenant: "default" },
    { method: "POST", route: "/apps/{app}/builds", status: 201, tenant: "default" },
    { method: "GET", route: "/apps", status: 401 },
    { method: "GET", route: "none", status: 404 },
  ]);
  expect(fields[0]?.["actor"]).toMatch(/^token:reader/);
  expect(fields[0]?.["ms"]).toEqual(expect.any(Number));
  expect(fields[2]).not.toHaveProperty("tenant");
  const all = logged.slice(begun).join("\n");
  expect(all).not.toContain("hidden");
  for (const secret of Object.values(tokens)) expect(all).not.toContain(secret);
});
