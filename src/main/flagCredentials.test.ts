import { describe, expect, it } from "vitest";
import { flagCredentials } from "#main/flagCredentials.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const flags = (given: Partial<Record<"registryUsername" | "registryPassword" | "registryToken", string>>) => ({
  registryUsername: undefined,
  registryPassword: undefined,
  registryToken: undefined,
  ...given,
});
const ann = flags({ registryUsername: "ann", registryPassword: "secret" });
const password = { kind: "password", username: "ann", password: "secret" };

const ask = async (source: CredentialSource | undefined, registry: string): Promise<unknown> =>
  (await source?.(testCtx(), { registry, repository: "any" }))?.credential;

describe("flagCredentials", () => {
  it("answers for the registry of the references only (attack 47)", async () => {
    const source = flagCredentials(ann, ["a.example/x:1", "oci:./layout:1", "a.example/y@@", "a.example/z"]);
    expect(await ask(source, "a.example")).toEqual(password);
    expect(await ask(source, "a.example:443")).toBeUndefined();
    expect(await ask(source, "b.example")).toBeUndefined();
    expect(await ask(flagCredentials(ann, ["oci:./layout:1"]), "a.example")).toBeUndefined();
  });

  it("knows Docker Hub by all its names", async () => {
    expect(
      await ask(flagCredentials(ann, ["alpine", "docker.io/library/x", "index.docker.io/x/y"]), "docker.io"),
    ).toEqual(password);
  });

  it("refuses references to two registries, and says nothing of the secret", () => {
    expect(() => flagCredentials(ann, ["a.example/x", "a.example:5000/x"])).toThrow(
      /^--registry-\.\.\. flags are for one registry, and the references name a\.example and a\.example:5000$/,
    );
  });

  it("takes a token before a password, and no half of a credential", async () => {
    const token = flagCredentials({ ...ann, registryToken: "t" }, ["a.example/x"]);
    expect(await ask(token, "a.example")).toEqual({ kind: "bearer", token: "t" });
    expect(flagCredentials(flags({}), ["a.example/x", "b.example/x"])).toBeUndefined();
    expect(codeOf(() => flagCredentials(flags({ registryUsername: "ann" }), []))).toBe("USAGE_INVALID");
    expect(codeOf(() => flagCredentials(flags({ registryPassword: "x" }), []))).toBe("USAGE_INVALID");
  });
});
