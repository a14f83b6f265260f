import { describe, expect, it } from "vitest";
import { parseImagePattern } from "#core/imagePattern.ts";
import { parseReference } from "#core/reference.ts";
import { trustFor } from "#trust/trustFor.ts";
import { createTestKey } from "../../test/fakes/testKey.ts";

const key = (name: string, ...images: readonly string[]) => ({
  ...createTestKey(name).trusted,
  ...(images.length === 0 ? {} : { images: images.map(parseImagePattern) }),
});
const keys = [key("prod", "r.example/prod/**"), key("tools", "*.example/tools", "r.example/prod/tools"), key("all")];
const names = (image: string): readonly string[] =>
  trustFor({ keys }, parseReference(image)).keys.map(({ name }) => name);

describe("trustFor", () => {
  it("leaves the keys that are meant for the image", () => {
    expect(names("r.example/prod/app:1")).toEqual(["prod", "all"]);
    expect(names("r.example/prod/tools")).toEqual(["prod", "tools", "all"]);
    expect(names("r.example/tools@sha256:" + "a".repeat(64))).toEqual(["tools", "all"]);
    expect(names("other/prod/app")).toEqual(["all"]);
  });

  it("knows no image in a layout by a name", () => {
    expect(names("oci:r.example/prod/app")).toEqual(["all"]);
  });

  it("leaves nobody who is meant for images to speak of a file", () => {
    expect(trustFor({ keys }, undefined).keys.map(({ name }) => name)).toEqual(["all"]);
  });

  it("leaves everybody where nobody is limited", () => {
    const trust = { keys: [key("all")], certified: [] };
    expect(trustFor(trust, parseReference("r.example/a"))).toBe(trust);
  });
});
