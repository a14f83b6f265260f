import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRoute, routePath } from "./route.ts";
import type { Route } from "./route.ts";

describe("routes", () => {
  it.each<[string, Route]>([
    ["/", { page: "overview" }],
    ["", { page: "overview" }],
    ["/apps", { page: "apps" }],
    ["/apps/", { page: "apps" }],
    ["/apps/my-app", { page: "app", app: "my-app" }],
    ["/apps/my-app/builds/build-1", { page: "build", app: "my-app", build: "build-1" }],
    ["/images/sha256:ab", { page: "image", digest: "sha256:ab" }],
    ["/images/sha256%3Aab", { page: "image", digest: "sha256:ab" }],
    ["/keys", { page: "keys" }],
    ["/jobs", { page: "jobs" }],
    ["/audit", { page: "audit" }],
    ["/apps/a%2Fb", { page: "app", app: "a/b" }],
    ["/apps//builds/x", { page: "missing" }],
    ["/apps/x/builds", { page: "missing" }],
    ["/apps/x/other/y", { page: "missing" }],
    ["/overview", { page: "missing" }],
    ["/apps/%zz", { page: "missing" }],
    ["/toString", { page: "missing" }],
  ])("reads %s", (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });

  it("writes what it reads", () => {
    const name = fc.string({ minLength: 1, unit: "grapheme" });
    const routes = fc.oneof(
      fc.constantFrom<Route[]>({ page: "overview" }, { page: "apps" }, { page: "jobs" }),
      fc.record({ page: fc.constant("app" as const), app: name }),
      fc.record({ page: fc.constant("build" as const), app: name, build: name }),
      fc.record({ page: fc.constant("image" as const), digest: name }),
    );
    fc.assert(
      fc.property(routes, (route) => {
        const path = routePath(route);
        expect(path).toMatch(/^\/(?:[^/?#]+(?:\/[^/?#]+)*)?$/);
        expect(parseRoute(path)).toEqual(route);
      }),
    );
  });
});
