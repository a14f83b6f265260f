import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { requestIssue } from "#app/requestIssue.ts";
import { registerBuild } from "#app/registerBuild.ts";
import type { Repository } from "#core/content.ts";
import { parseReference } from "#core/reference.ts";
import { openRepositories } from "#main/repositoryAccess.ts";
import { startFaultRegistry } from "../../test/fakes/faultRegistry.ts";
import type { FaultRegistry } from "../../test/fakes/faultRegistry.ts";
import { hastyCtx } from "../../test/fakes/openTestClient.ts";
import { BENCH_FACTS, openServiceBench, principal, workOnJob } from "../../test/fakes/serviceBench.ts";

const SETTINGS = {
  registryUsername: undefined,
  registryPassword: undefined,
  registryToken: undefined,
  registryCacert: undefined,
  registryConfig: undefined,
  registryClientCert: undefined,
  registryClientKey: undefined,
  registryServerName: undefined,
  k8sKeychain: false,
  allowHttpRegistry: true,
  allowInsecureRegistry: false,
};

let dir: string;
let registry: FaultRegistry;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "waybill-access-"));
  vi.stubEnv("DOCKER_CONFIG", dir);
  registry = await startFaultRegistry();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
  await rm(dir, { recursive: true });
});

const basic = (password: string): string => Buffer.from(`robot:${password}`).toString("base64");

/** As a rotation does it: whole, or not at all. */
const logIn = async (password: string): Promise<void> => {
  const file = join(dir, "config.json");
  await writeFile(`${file}.new`, JSON.stringify({ auths: { [registry.host]: { auth: basic(password) } } }));
  await rename(`${file}.new`, file);
};

/** From now on the registry takes this password and no other. */
const demand = (password: string): void => {
  registry.fault = (request, response) => {
    if (request.headers.authorization === `Basic ${basic(password)}`) return false;
    response.writeHead(401, { "www-authenticate": 'Basic realm="here"' }).end("{}");
    return true;
  };
};

describe("docker's credentials", () => {
  it("are those of the file as it is now, without a new client", async () => {
    const ctx = hastyCtx();
    const repositories = openRepositories(SETTINGS, []);
    const box = await repositories.open(ctx, parseReference(`${registry.host}/box:1`), "read");
    demand("first");
    await expect(box.listTags(ctx)).rejects.toMatchObject({ code: "AUTH_REQUIRED" });
    await logIn("first");
    expect(await box.listTags(ctx)).toEqual([]);
    demand("second");
    await expect(box.listTags(ctx)).rejects.toMatchObject({ code: "AUTH_REQUIRED" });
    await logIn("second");
    expect(await box.listTags(ctx)).toEqual([]);
  });

  it("are looked for once for each registry as long as they stay the same", async () => {
    await logIn("first");
    demand("first");
    const box = await openRepositories(SETTINGS, []).open(hastyCtx(), parseReference(`${registry.host}/box:1`), "read");
    await Promise.all([1, 2, 3].map(() => box.listTags(hastyCtx())));
    await box.listTags(hastyCtx());
    expect(registry.requests.filter(({ url }) => url === "/v2/")).toHaveLength(1);
  });

  it("stay of a bounded number of repositories", async () => {
    const repositories = openRepositories(SETTINGS, []);
    const open = (name: string): Promise<Repository> =>
      repositories.open(hastyCtx(), parseReference(`${registry.host}/${name}:1`), "read");
    const first: Repository = await open("first");
    const last = await open("last");
    for (let index = 0; index < 499; index++) {
      await open(`box-${index}`);
      // Asked for again and again, it is not what was not asked for the longest.
      if (index % 100 === 0) await open("last");
    }
    expect(await open("last")).toBe(last);
    expect(await open("first")).not.toBe(first);
  });
});

describe("what a tenant reads of a failure", () => {
  it.each([
    ["a broken config.json", (): Promise<void> => writeFile(join(dir, "config.json"), "{"), {}],
    [
      "an entry that is no credential",
      async (): Promise<void> => {
        const auths = { [registry.host]: { auth: "bm9jb2xvbg==" } };
        await writeFile(join(dir, "config.json"), JSON.stringify({ auths }));
      },
      {},
    ],
    ["a credential that the registry refuses", async (): Promise<void> => (await logIn("old"), demand("new")), {}],
    ["a credential that cannot be sent", (): Promise<void> => logIn("a\nb"), {}],
    ["authorities that are not there", async (): Promise<void> => undefined, { registryCacert: "ca.pem" }],
    ["authorities that are a directory", async (): Promise<void> => undefined, { registryCacert: "." }],
  ] as const)("names no file of the service: %s", async (_, arrange, over: { readonly registryCacert?: string }) => {
    demand("what it takes");
    await arrange();
    const registryCacert = over.registryCacert && join(dir, over.registryCacert);
    const logged: string[] = [];
    const bench = await openServiceBench();
    const deps = {
      ...bench.deps,
      allowed: () => true,
      repositories: openRepositories({ ...SETTINGS, registryCacert }, []),
    };
    const ctx = {
      ...bench.ctx,
      log: (_level: string, message: string, fields = {}) => void logged.push(`${message} ${JSON.stringify(fields)}`),
    };
    const names = { by: principal(), app: "my-app", build: "build-1", requestId: undefined };
    await registerBuild(deps)(ctx, { ...names, facts: BENCH_FACTS });
    const image = `${registry.host}/box@${bench.digest}`;
    const { operation } = await requestIssue(deps)(ctx, { ...names, image, rerun: false });
    await workOnJob(deps)(ctx);
    const after = await bench.read((records) => records.operations.find("default", operation.id));
    expect(after?.reason?.message).not.toContain(dir);
    expect(after?.reason?.message).not.toContain("config.json");
    expect(after).toMatchObject({
      state: "pending",
      reason: { code: expect.stringMatching(/^(?:CONFIG_INVALID|AUTH_REQUIRED)$/) as string },
    });
    // The operator has the rest.
    expect(logged.join("\n")).toMatch(/config\.json|registry-cacert|control character/);
  });
});
