import { describe, expect, it } from "vitest";
import { flagCredentials } from "#main/flagCredentials.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

const flags = (given: Partial<Record<"registryUsername" | "registryPassword" | "registryToken", string>>) => ({
  registryUsername: undefined,
  registryPassword: undefined,
  registryToken: undefined,
  ...given,
});
const ann = flags({ registryUsername: "ann", registryPassword: "secret" });
const password = { kind: "password", username: "ann", password: "secret" };

describe("flagCredentials", () => {
  it("answers for the registry of the references only (attack 47)", async () => {
    const source = flagCredentials(ann, ["a.example/x:1", "oci:./layout:1", "a.example/y@@", "a.example/z"]);
    expect(await source?.("a.example")).toEqual(password);
    expect(await source?.("a.example:443")).toBeUndefined();
    expect(await source?.("b.example")).toBeUndefined();
    expect(await flagCredentials(ann, ["oci:./layout:1"])?.("a.example")).toBeUndefined();
  });

  it("knows Docker Hub by all its names", async () => {
    expect(await flagCredentials(ann, ["alpine", "docker.io/library/x", "index.docker.io/x/y"])?.("docker.io")).toEqual(
      password,
    );
  });

  it("refuses references to two registries, and says nothing of the secret", () => {
    expect(() => flagCredentials(ann, ["a.example/x", "a.example:5000/x"])).toThrow(
      /^--registry-\.\.\. flags are for one registry, and the references name a\.example and a\.example:5000$/,
    );
  });

  it("takes a token before a password, and no half of a credential", async () => {
    const token = flagCredentials({ ...ann, registryToken: "t" }, ["a.example/x"]);
    expect(await token?.("a.example")).toEqual({ kind: "bearer", token: "t" });
    expect(flagCredentials(flags({}), ["a.example/x", "b.example/x"])).toBeUndefined();
    expect(codeOf(() => flagCredentials(flags({ registryUsername: "ann" }), []))).toBe("USAGE_INVALID");
    expect(codeOf(() => flagCredentials(flags({ registryPassword: "x" }), []))).toBe("USAGE_INVALID");
  });
});
