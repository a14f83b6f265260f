import { describe, expect, it } from "vitest";
import { parseImagePattern } from "#core/imagePattern.ts";
import { parseReference } from "#core/reference.ts";

const matches = (pattern: string, image: string): boolean => parseImagePattern(pattern).matches(parseReference(image));

describe("parseImagePattern", () => {
  it.each([
    ["registry.example/prod/**", "registry.example/prod/a"],
    ["registry.example/prod/**", "registry.example/prod/a/b/c:1.0"],
    ["registry.example/prod/*", "registry.example/prod/a@sha256:" + "0".repeat(64)],
    ["registry.example/*-prod/app", "registry.example/eu-prod/app"],
    ["registry.example/**/app", "registry.example/app"],
    ["registry.example/**/app", "registry.example/a/b/app"],
    ["registry.example/a", "REGISTRY.example/a"],
    ["*.acme.example/**", "eu.acme.example/app"],
    ["*.acme.example/**", "a.eu.acme.example/app"],
    ["*.acme.example:5000/**", "eu.acme.example:5000/app"],
    ["*.LOCAL/**", "registry.local/app"],
    ["index.docker.io/library/*", "alpine"],
    ["docker.io/**", "acme/app"],
    ["localhost:5000/**", "localhost:5000/app"],
    ["[::1]:5000/**", "[0:0::1]:5000/app"],
  ])("%s holds %s", (pattern, image) => {
    expect(matches(pattern, image)).toBe(true);
  });

  it.each([
    ["registry.example/prod/**", "registry.example/prod"],
    ["registry.example/prod/**", "registry.example/production/a"],
    ["registry.example/prod/*", "registry.example/prod/a/b"],
    ["registry.example/a", "registry.example:5000/a"],
    ["registry.example/a", "registryxexample.test/a"],
    ["*.acme.example/**", "acme.example/app"],
    ["*.acme.example/**", "evilacme.example/app"],
    ["*.acme.example/**", "eu.acme.example:5000/app"],
    ["docker.io/library/*", "acme/app"],
    ["registry.example/prod/**", "evil.example/registry.example/prod/a"],
    ["registry.example/**", "oci:registry.example/a"],
  ])("%s does not hold %s", (pattern, image) => {
    expect(matches(pattern, image)).toBe(false);
  });

  it.each([
    ["registry.example", "HOST/PATH"],
    ["registry.example/", "HOST/PATH"],
    ["**", "HOST/PATH"],
    ["app/**", "no registry's host"],
    ["*/**", "a host is written out"],
    ["registry.*/a", "a host is written out"],
    ["*.*.example/a", "a host is written out"],
    ["*acme.example/a", "a host is written out"],
    ["registry.example/a**", "** stands for whole segments"],
    ["registry.example/a//b", "lower-case letters"],
    ["registry.example/A", "lower-case letters"],
    ["registry.example/a:1.0", "lower-case letters"],
    ["registry.example/a b", "lower-case letters"],
    ["docker.io/alpine", "docker.io/library/alpine"],
    ["registry.example/*a*b*c*d*e*f*g*h*i", "more than 8 stars"],
    [`registry.example/${"a".repeat(255)}`, "longer than 255"],
  ])("refuses %s", (pattern, reason) => {
    expect(() => parseImagePattern(pattern)).toThrow(
      expect.objectContaining({ code: "REFERENCE_INVALID", message: expect.stringContaining(reason) as string }),
    );
  });
});
