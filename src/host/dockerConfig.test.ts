import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDockerConfig } from "#host/dockerConfig.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

const ctx = testCtx();
let root = "";
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "docker-config-"))));
afterEach(() => rmSync(root, { recursive: true }));

const write = (directory: string, text: string): string => {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "config.json");
  writeFileSync(path, text);
  return path;
};

describe("readDockerConfig", () => {
  it("reads the directory that DOCKER_CONFIG names, else .docker at home", async () => {
    const home = write(join(root, ".docker"), "home");
    const other = write(join(root, "other"), "other");
    expect(await readDockerConfig(ctx, { HOME: root })).toEqual({ path: home, bytes: Buffer.from("home") });
    const env = { HOME: root, DOCKER_CONFIG: join(root, "other") };
    expect(await readDockerConfig(ctx, env)).toEqual({ path: other, bytes: Buffer.from("other") });
  });

  it("is nothing where there is no file", async () => {
    expect(await readDockerConfig(ctx, { HOME: root })).toBeUndefined();
  });

  it("does not go on without a file that is there and cannot be read", async () => {
    mkdirSync(join(root, ".docker", "config.json"), { recursive: true });
    await expect(readDockerConfig(ctx, { HOME: root })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
