import { describe, expect, it } from "vitest";
import { readRegistryName } from "#cli/readRegistryName.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

describe("readRegistryName", () => {
  it.each([
    ["registry.example", "registry.example"],
    ["Registry.Example:5000", "registry.example:5000"],
    ["https://registry.example/", "registry.example"],
    ["localhost", "localhost"],
    ["[::1]:5000", "[::1]:5000"],
    ["docker.io", "docker.io"],
    ["https://index.docker.io/v1/", "docker.io"],
  ])("takes %s for %s", (text, name) => expect(readRegistryName(text)).toBe(name));

  it.each(["", "registry", "registry.example/team", "a b.example", "ann@registry.example", "https://", "x.example:0"])(
    "refuses %j",
    (text) => expect(codeOf(() => readRegistryName(text))).toBe("USAGE_INVALID"),
  );
});
