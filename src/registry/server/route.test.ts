import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTarget } from "#registry/server/route.ts";

describe("the target of a request", () => {
  it.each([
    ["/v2/", { kind: "base" }],
    ["/v2", { kind: "base" }],
    ["/v2/_catalog?n=1", { kind: "catalog" }],
    ["/v2/a/b/tags/list", { kind: "tags", name: "a/b" }],
    ["/v2/a/manifests/v1", { kind: "manifest", name: "a", reference: "v1" }],
    ["/v2/a/blobs/sha256%3Aff", { kind: "blob", name: "a", reference: "sha256:ff" }],
    ["/v2/a/blobs/uploads/", { kind: "uploads", name: "a" }],
    ["/v2/a/blobs/uploads?mount=x", { kind: "uploads", name: "a" }],
    ["/v2/a/blobs/uploads/1", { kind: "upload", name: "a", reference: "1" }],
    ["/v2/a/blobs/manifests/v1", { kind: "manifest", name: "a/blobs", reference: "v1" }],
    ["/v2/tags/list/tags/list", { kind: "tags", name: "tags/list" }],
    ["/v2/a/referrers/sha256:ff", { kind: "referrers", name: "a", reference: "sha256:ff" }],
    ["/", undefined],
    ["*", undefined],
    ["", undefined],
    ["/v1/a/manifests/v1", undefined],
    ["/v2/manifests/v1", undefined],
    ["/v2/a/manifests/", undefined],
    ["/v2/a/manifests/%zz", undefined],
    ["/v2/%", undefined],
  ])("%s", (url, route) => expect(parseTarget(url)?.route).toEqual(route));

  it("takes the query apart", () => {
    expect(parseTarget("/v2/a/tags/list?n=2&last=%3F%")?.query.get("last")).toBe("?%");
  });

  it("answers any text, and never with an empty reference", () => {
    const isSound = (text: string): boolean => {
      const route = parseTarget(`/v2/${text}`)?.route;
      return route === undefined || !("reference" in route) || route.reference !== "";
    };
    expect(() => fc.assert(fc.property(fc.string(), isSound))).not.toThrow();
  });
});
