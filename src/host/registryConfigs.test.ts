import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listRegistryConfigs, readRegistryConfig } from "#host/registryConfigs.ts";
import { codeOfPromise } from "../../test/fakes/codeOfPromise.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const ctx = testCtx();
let root = "";
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "registry-configs-"))));
afterEach(() => rmSync(root, { recursive: true }));

const write = (name: string): string => {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, name);
  return path;
};

const readAll = async (named: string | undefined, env: Readonly<Record<string, string>>): Promise<string[]> => {
  const found: string[] = [];
  for (const config of await listRegistryConfigs(named, { HOME: root, ...env })) {
    const file = await readRegistryConfig(ctx, config);
    if (file !== undefined) found.push(Buffer.from(file.bytes).toString());
  }
  return found;
};

describe("the files with credentials", () => {
  it("come in their order", async () => {
    const auth = write("auth-file");
    write(".docker/config.json");
    write("docker/config.json");
    write("run/containers/auth.json");
    write(".config/containers/auth.json");
    write("xdg/containers/auth.json");
    expect(await readAll(undefined, {})).toEqual([".docker/config.json", ".config/containers/auth.json"]);
    const env = {
      REGISTRY_AUTH_FILE: auth,
      DOCKER_CONFIG: join(root, "docker"),
      XDG_RUNTIME_DIR: join(root, "run"),
      XDG_CONFIG_HOME: join(root, "xdg"),
    };
    const all = ["auth-file", "docker/config.json", "run/containers/auth.json", "xdg/containers/auth.json"];
    expect(await readAll(undefined, env)).toEqual(all);
  });

  it("are one alone where it is named: a file, or what a directory holds", async () => {
    write(".docker/config.json");
    const file = write("secret/.dockerconfigjson");
    expect(await readAll(file, {})).toEqual(["secret/.dockerconfigjson"]);
    expect(await readAll(join(root, "secret"), {})).toEqual(["secret/.dockerconfigjson"]);
    expect(await readAll(undefined, { DOCKER_CONFIG: join(root, "secret") })).toEqual(["secret/.dockerconfigjson"]);
    write("secret/config.json");
    expect(await readAll(join(root, "secret"), {})).toEqual(["secret/config.json"]);
    write("old/.dockercfg");
    expect(await readAll(join(root, "old"), {})).toEqual(["old/.dockercfg"]);
  });

  it("are nothing where there are none", async () => {
    expect(await readAll(undefined, {})).toEqual([]);
    expect(await readAll(join(root, "absent"), {})).toEqual([]);
  });

  it("are not done without where one is there and cannot be read", async () => {
    mkdirSync(join(root, ".docker", "config.json"), { recursive: true });
    expect(await codeOfPromise(readAll(undefined, {}))).toBe("CONFIG_INVALID");
  });
});
