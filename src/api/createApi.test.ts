import { describe, expect, it } from "vitest";
import { openApiBench } from "../../test/fakes/apiBench.ts";
import { ROUTES } from "#api/contract/routes.ts";
import type { Route } from "#api/contract/route.ts";

const OPERATION_PATH = "/operations/{id}";

/** The path of a route with the names of what is there in the tenant `default`. */
const fill = (route: Route, digest: string, id: string): string =>
  route.path
    .replace("{app}", "my-app")
    .replace("{build}", "build-1")
    .replace("{id}", id)
    .replace("{document}", digest)
    .replace("{digest}", digest);

describe("every route of the table", async () => {
  const bench = await openApiBench();
  const operation = await bench.call("/v1/apps/my-app/builds/build-1", { token: bench.tokens.reader });
  const id = String(operation.json()["operation"]);

  it("is mounted once, and its example fits its schema", () => {
    expect(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`)).size).toBe(ROUTES.length);
    for (const { answers, body, bodyExample } of ROUTES) {
      if (body !== undefined) body.parse(bodyExample);
      for (const { content, example } of Object.values(answers)) {
        if (example !== undefined) Object.values(content)[0]?.parse(example);
      }
    }
  });

  it.each(ROUTES.filter(({ access }) => access !== "public" && access !== "badge"))(
    "$method $path wants a token",
    async (route) => {
      for (const prefix of ["/v1", "/api/v1"]) {
        const path = prefix + fill(route, bench.digest, id);
        const none = await bench.call(path, { method: route.method });
        expect([none.status, none.problem().code]).toEqual([401, "token-invalid"]);
        expect(none.headers.get("WWW-Authenticate")).toBe('Bearer realm="waybill"');
        const bad = await bench.call(path, { method: route.method, token: `wbt_${"A".repeat(43)}` });
        expect(bad.status).toBe(401);
        expect(bad.headers.get("WWW-Authenticate")).toContain('error="invalid_token"');
      }
    },
  );

  it.each(ROUTES.filter(({ path, id: name }) => path.includes("{") && name !== "registerBuild"))(
    "$method $path is not there for another tenant",
    async (route) => {
      const path = `/v1${fill(route, bench.digest, id)}`;
      const missing = `/v1${fill(
        route,
        `sha256:${"0".repeat(64)}`,
        id.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
      )}`;
      const body = route.id === "requestIssue" ? { image: bench.image } : route.bodyExample;
      const headers = { "X-Request-Id": "same" };
      const call = { method: route.method, token: bench.stranger, headers, ...(body === undefined ? {} : { body }) };
      const there = await bench.call(path, call);
      expect(there.status).toBe(404);
      const nowhere = await bench.call(missing, call);
      const withoutPath = (text: string): string => text.replace(/"instance":"[^"]*"/, "");
      expect(withoutPath(there.text)).toBe(withoutPath(nowhere.text));
    },
  );

  it.each(ROUTES.filter(({ access }) => !["public", "badge", "read"].includes(access)))(
    "$method $path is not there for a reader",
    async (route) => {
      const body = route.bodyExample;
      const call = { method: route.method, token: bench.tokens.reader, ...(body === undefined ? {} : { body }) };
      const answer = await bench.call(`/v1${fill(route, bench.digest, id)}`, call);
      expect([answer.status, answer.problem().code]).toEqual([404, "not-found"]);
    },
  );

  it.each(ROUTES.filter(({ method, id: name }) => method === "GET" && name !== "streamEvents"))(
    "$path answers under both prefixes, to HEAD and to If-None-Match",
    async (route) => {
      const document = (await bench.call(`/v1/images/${bench.digest}`, { token: bench.tokens.operator })).text;
      const bundle = /documents\/(sha256:[0-9a-f]{64})/.exec(document)?.[1] ?? "";
      const path = route.path.includes("{document}")
        ? `/images/${bench.digest}/documents/${bundle}`
        : fill(route, bench.digest, id);
      const token = bench.tokens.operator;
      const first = await bench.call(`/v1${path}`, { token });
      expect(first.status).toBe(200);
      const second = await bench.call(`/api/v1${path}`, { token });
      expect(second.text).toBe(first.text);
      const etag = first.headers.get("ETag") ?? "";
      expect(etag).toMatch(/^"[^"]+"$/);
      const head = await bench.call(`/v1${path}`, { token, method: "HEAD" });
      expect([head.status, head.headers.get("ETag")]).toEqual([200, etag]);
      const again = await bench.call(`/v1${path}`, { token, headers: { "If-None-Match": `"x", W/${etag}` } });
      expect([again.status, again.text, again.headers.get("ETag")]).toEqual([304, "", etag]);
      const impossible = await bench.call(`/v1${path}`, { token, headers: { Accept: "image/png" } });
      expect([impossible.status, impossible.problem().code]).toEqual([406, "accept-impossible"]);
    },
  );

  it.each(ROUTES)("$method $path refuses other methods", async (route) => {
    const path = `/v1${fill(route, bench.digest, id)}`;
    const answer = await bench.call(path, { method: "PUT", token: bench.tokens.operator, body: {} });
    expect([answer.status, answer.problem().code]).toEqual([405, "method-unknown"]);
    expect(answer.headers.get("Allow")?.split(", ")).toContain(route.method);
  });

  it("knows no other path", async () => {
    for (const path of ["/v1", "/v2/apps", "/v1/apps/", "/v1/nothing", `/v1${OPERATION_PATH}/x`, "/"]) {
      expect((await bench.call(path, { token: bench.tokens.operator })).problem().code).toBe("not-found");
    }
  });
});
