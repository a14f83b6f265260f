import { describe, expect, it } from "vitest";
import { repositoryRules } from "#app/repositoryRules.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

describe("repositoryRules", () => {
  it.each([
    ["r.example/builds/**", "r.example/builds/a", true],
    ["r.example/builds/**", "r.example/builds/a/b/c", true],
    ["r.example/builds/**", "r.example/builds", false],
    ["r.example/builds/**", "r.example/buildsx/a", false],
    ["r.example/builds/**", "x.r.example/builds/a", false],
    ["r.example/builds/**", "r.example:443/builds/a", false],
    ["r.example/builds/*", "r.example/builds/a", true],
    ["r.example/builds/*", "r.example/builds/a/b", false],
    ["r.example/**/app", "r.example/app", true],
    ["r.example/**/app", "r.example/a/b/app", true],
    ["r.example/**/app", "r.example/a/bapp", false],
    ["r.example/team-*/x", "r.example/team-1/x", true],
    ["r.example/a.b/x", "r.example/aXb/x", false],
    ["127.0.0.1:5000/**", "127.0.0.1:5000/a", true],
    ["docker.io/me/*", "docker.io/me/app", true],
  ])("%s on %s: %s", (rule, repository, expected) => {
    expect(repositoryRules([rule]).allows("default", repository)).toBe(expected);
  });

  it("keeps tenants apart, and allows nothing without a rule", () => {
    const rules = repositoryRules(["acme=r.example/acme/**", "r.example/builds/**"]);
    expect(rules.hosts).toEqual(["r.example"]);
    expect(rules.allows("acme", "r.example/acme/app")).toBe(true);
    expect(rules.allows("default", "r.example/acme/app")).toBe(false);
    expect(rules.allows("acme", "r.example/builds/app")).toBe(false);
    expect(repositoryRules([]).allows("default", "r.example/builds/app")).toBe(false);
  });

  it.each(["", "r.example", "r.example/", "*/x", "*.example/x", "169.254.169.254/x", "a b=r.example/x", "builds/**"])(
    "refuses %j",
    (rule) => {
      expect(codeOf(() => repositoryRules([rule]))).toBe("USAGE_INVALID");
    },
  );
});
