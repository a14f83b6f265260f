import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hashSync } from "bcryptjs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LOOPBACK_TLS } from "../fakes/loopbackTls.ts";
import { startEmbeddedRegistry } from "./embeddedRegistry.ts";
import type { EmbeddedRegistry } from "./embeddedRegistry.ts";
import { peer } from "./peers.ts";
import { run, succeed } from "./run.ts";
import type { Outcome } from "./run.ts";
import { pushTinyImage } from "./tinyImage.ts";
import { waybill, waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// A login is kept where others look for it: crane, cosign and skopeo read ours, and we theirs, at a registry with TLS and users.

const workspace = openWorkspace();
const PASSWORD = "open: sesame";
const CA = workspace.path("ca.pem");
const FILE = workspace.path("home", "config.json");
// Go programs read the authorities from here.
const go = { ...workspace.env, SSL_CERT_FILE: CA };
const env = workspace.env;
let registry: EmbeddedRegistry;
let name = "";

beforeAll(async () => {
  const [key, users] = [workspace.path("tls.key"), workspace.path("users")];
  writeFileSync(CA, LOOPBACK_TLS.cert);
  writeFileSync(key, LOOPBACK_TLS.key);
  writeFileSync(users, `ann:${hashSync(PASSWORD, 4)}\n`);
  const args = ["--tls-cert", CA, "--tls-key", key, "--htpasswd", users];
  registry = await startEmbeddedRegistry(workspace, { dir: workspace.path("registry"), args });
  name = `${registry.host}/team/app`;
  await logIn();
  await pushTinyImage({ ...workspace, env: go }, name, "hello");
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});
beforeEach(() => rmSync(FILE, { force: true }));

const logIn = (more: readonly string[] = [], over: Readonly<Record<string, string>> = {}): Promise<Outcome> => {
  const args = ["login", registry.host, "-u", "ann", "--password-stdin", "--registry-cacert", CA, ...more];
  return waybillDone(args, { env: { ...env, ...over }, input: `${PASSWORD}\n` });
};

/** 0 where the image could be read, 5 where nobody is logged in. */
const show = async (over: Readonly<Record<string, string>> = {}): Promise<number> => {
  const args = ["show", "--registry-cacert", CA, `${name}:1.0`];
  return (await waybill(args, { env: { ...env, ...over } })).code;
};

describe("our login", () => {
  it("is read by crane, cosign and skopeo, until we log out", async () => {
    await logIn();
    await succeed(peer("crane"), ["manifest", `${name}:1.0`], { env: go });
    await succeed(peer("cosign3"), ["tree", `${name}:1.0`], { env: go });
    const inspect = ["inspect", "--authfile", FILE, `docker://${name}:1.0`];
    await succeed("skopeo", inspect, { env: go });
    await waybillDone(["logout", registry.host], { env });
    expect((await run(peer("crane"), ["manifest", `${name}:1.0`], { env: go })).code).not.toBe(0);
  });

  it("stands beside crane's in one file", async () => {
    await succeed(peer("crane"), ["auth", "login", "other.example:443", "-u", "bob", "-p", "x"], { env: go });
    await logIn();
    const { auths } = JSON.parse(readFileSync(FILE, "utf8")) as { auths: Record<string, unknown> };
    expect(Object.keys(auths).toSorted()).toEqual([registry.host, "other.example:443"].toSorted());
  });

  it("is kept in the file that podman's variable names", async () => {
    const auth = workspace.path("auth.json");
    await logIn([], { REGISTRY_AUTH_FILE: auth });
    await succeed("skopeo", ["login", "--get-login", "--authfile", auth, registry.host], { env: go });
    expect([await show(), await show({ REGISTRY_AUTH_FILE: auth })]).toEqual([5, 0]);
    rmSync(auth);
  });

  it("is not kept where the registry refuses it", async () => {
    const args = ["login", registry.host, "-u", "ann", "--password-stdin", "--registry-cacert", CA];
    expect((await waybill(args, { env, input: "wrong" })).code).toBe(5);
    expect(await show()).toBe(5);
  });
});

describe("a login of others", () => {
  it.each(["crane", "cosign3"] as const)("of %s is ours", async (program) => {
    expect(await show()).toBe(5);
    const words = program === "crane" ? ["auth", "login"] : ["login"];
    await succeed(peer(program), [...words, registry.host, "-u", "ann", "-p", PASSWORD], { env: go });
    expect(await show()).toBe(0);
  });

  it("of skopeo is ours, also for a part of the registry alone", async () => {
    const runtime = workspace.path("runtime");
    const auth = `${runtime}/containers/auth.json`;
    const args = ["login", "-u", "ann", "-p", PASSWORD, "--authfile", auth];
    await succeed("skopeo", [...args, `${registry.host}/team`], { env: go });
    expect(Object.keys((JSON.parse(readFileSync(auth, "utf8")) as { auths: object }).auths)).toEqual([
      `${registry.host}/team`,
    ]);
    expect(await show({ XDG_RUNTIME_DIR: runtime })).toBe(0);
    const other = ["show", "--registry-cacert", CA, `${registry.host}/other/app:1.0`];
    expect((await waybill(other, { env: { ...env, XDG_RUNTIME_DIR: runtime } })).code).toBe(5);
  });
});
