import { copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import { callApi, waitForState } from "./controlPlaneApi.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { pushSmallImages } from "./controlPlaneImages.ts";
import { COSIGN_WAYS, createEmptyRoot, openCosign } from "./cosign.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// builders.md A21: builds do not fail for a key that is not there yet; evidence.md 6.2: what an old key signed stays signed.

const workspace = openWorkspace();
let registry: RealRegistry;

beforeAll(async () => {
  registry = await startRealRegistry(workspace, "embedded");
  for (const name of ["later", "old", "new"])
    await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path(name)], { env: workspace.env });
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

it("issues within seconds once the key file appears", { timeout: 60_000 }, async () => {
  const name = `${registry.host}/builds/waiting`;
  const images = await pushSmallImages(name, 3);
  await using plane = await startControlPlane(workspace, {
    data: "keyless",
    args: ["--key", workspace.path("service.key"), "--settle", "0s", "--repositories", `${registry.host}/builds/**`],
  });
  for (const [index, { reference }] of images.entries()) {
    const build = `build-${index}`;
    expect(await callApi(plane, "/v1/apps/waiting/builds", { build_id: build })).toMatchObject({ status: 201 });
    const issue = await callApi(plane, `/v1/apps/waiting/builds/${build}/issue`, { image: reference });
    expect(issue).toMatchObject({ status: 202 });
    await waitForState(plane, `waiting/builds/${build}`, ["signing_unavailable"], 10_000);
    const badge = await callApi(plane, `/v1/apps/waiting/builds/${build}/badge.json`);
    expect(JSON.parse(badge.text)).toMatchObject({ message: "signing unavailable", color: "grey" });
  }
  const pub = await callApi(plane, "/api/v1/cosign.pub");
  expect([pub.status, JSON.parse(pub.text)]).toMatchObject([404, { code: "key-not-generated" }]);
  const sbom = await callApi(plane, "/v1/apps/waiting/builds/build-0/sbom");
  expect(JSON.parse(sbom.text)).toMatchObject({ code: "sbom-not-produced", state: "signing_unavailable" });

  renameSync(workspace.path("later.key"), workspace.path("service.key"));
  for (const index of images.keys()) await waitForState(plane, `waiting/builds/build-${index}`, ["done"], 10_000);

  expect((await callApi(plane, "/api/v1/cosign.pub")).text).toContain("BEGIN PUBLIC KEY");
  const key = workspace.path("later.pub");
  for (const { reference } of images) await waybillDone(["verify", "--key", key, reference], { env: workspace.env });
  expect(await plane.stop()).toBe(0);
});

interface Key {
  readonly id: string;
  readonly state: string;
  readonly retired_at: string | null;
}

const keysOf = async (plane: ControlPlane): Promise<readonly Key[]> => {
  const { items } = JSON.parse(await (await fetch(`${plane.url}/v1/keys`)).text()) as {
    readonly items: readonly Key[];
  };
  return items;
};

const waitForKeys = async (plane: ControlPlane, states: readonly string[]): Promise<readonly Key[]> => {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(100)) {
    const keys = await keysOf(plane);
    if (keys.map(({ state }) => state).join() === states.join()) return keys;
  }
  throw new RangeError(`keys: ${JSON.stringify(await keysOf(plane))}`);
};

it("goes on calling signed what a replaced key has signed", { timeout: 90_000 }, async () => {
  const [first, second] = await pushSmallImages(`${registry.host}/builds/rotated`, 2);
  const file = workspace.path("rotated.key");
  copyFileSync(workspace.path("old.key"), file);
  const start = (): Promise<ControlPlane> =>
    startControlPlane(workspace, {
      data: "rotated",
      args: ["--key", file, "--settle", "0s", "--repositories", `${registry.host}/builds/**`],
    });
  const plane = await start();
  const issue = async (at: ControlPlane, build: string, body: unknown): Promise<void> => {
    expect(await callApi(at, `/v1/apps/rotated/builds/${build}/issue`, body)).toMatchObject({ status: 202 });
    await waitForState(at, `rotated/builds/${build}`, ["done"], 20_000);
  };
  const badgeOf = async (at: ControlPlane, build: string): Promise<unknown> =>
    JSON.parse((await callApi(at, `/v1/apps/rotated/builds/${build}/badge.json`)).text).message;
  const signersOf = async (at: ControlPlane, build: string): Promise<readonly string[]> => {
    const { text } = await callApi(at, `/v1/apps/rotated/builds/${build}/signature`);
    const { signatures } = JSON.parse(text) as { readonly signatures: readonly { readonly keyid: string }[] };
    return signatures.map(({ keyid }) => keyid);
  };
  for (const build of ["one", "two"]) await callApi(plane, "/v1/apps/rotated/builds", { build_id: build });
  await issue(plane, "one", { image: first?.reference });
  const [old] = await waitForKeys(plane, ["current"]);

  copyFileSync(workspace.path("new.key"), `${file}.next`);
  renameSync(`${file}.next`, file);
  const [fresh, retired] = await waitForKeys(plane, ["current", "retired"]);
  expect(retired?.id).toBe(old?.id);
  expect(retired?.retired_at).not.toBeNull();
  expect(await badgeOf(plane, "one")).toBe("signed");
  await issue(plane, "two", { image: second?.reference });
  expect(await signersOf(plane, "two")).toEqual([fresh?.id]);

  const fetchKey = async (query: string): Promise<string> =>
    (await fetch(`${plane.url}/api/v1/cosign.pub${query}`)).text();
  expect(await fetchKey("")).toBe(readFileSync(workspace.path("new.pub"), "utf8"));
  expect(await fetchKey(`?kid=${old?.id}`)).toBe(readFileSync(workspace.path("old.pub"), "utf8"));
  writeFileSync(workspace.path("by-id.pub"), await fetchKey(`?kid=${old?.id}`));
  writeFileSync(workspace.path("in-use.pub"), await fetchKey(""));
  const emptyRoot = workspace.path("empty-root.json");
  await createEmptyRoot(workspace, emptyRoot);
  const verify = async (key: string, reference = ""): Promise<readonly number[]> => {
    const codes: number[] = [];
    for (const way of COSIGN_WAYS) {
      const cosign = openCosign(workspace, way, emptyRoot);
      codes.push((await cosign.verify({ key: workspace.path(key), reference })).code);
    }
    return codes;
  };
  const yes = COSIGN_WAYS.map(() => 0);
  expect(await verify("by-id.pub", first?.reference)).toEqual(yes);
  expect(await verify("in-use.pub", second?.reference)).toEqual(yes);
  expect(await verify("in-use.pub", first?.reference)).not.toContain(0);

  await issue(plane, "one", { rerun: true });
  expect(new Set(await signersOf(plane, "one"))).toEqual(new Set([old?.id, fresh?.id]));
  expect(await verify("by-id.pub", first?.reference)).toEqual(yes);
  expect(await verify("in-use.pub", first?.reference)).toEqual(yes);
  expect(await plane.stop()).toBe(0);

  await using again = await start();
  expect((await keysOf(again)).map(({ id, state }) => [id, state])).toEqual([
    [fresh?.id, "current"],
    [old?.id, "retired"],
  ]);
  expect(await badgeOf(again, "one")).toBe("signed");
  const overview = JSON.parse((await callApi(again, "/v1/overview")).text);
  expect(overview.coverage).toMatchObject({ builds: 2, signed: 2 });
  const audit = JSON.parse((await callApi(again, "/v1/audit?limit=200")).text);
  const entries = (audit.items as readonly { actor: string; action: string; object: string }[]).filter(({ object }) =>
    object.startsWith("keys/"),
  );
  expect(entries.map(({ actor, action, object }) => [actor, action, object])).toEqual([
    ["service", "key.load", `keys/${old?.id}`],
    ["service", "key.retire", `keys/${old?.id}`],
    ["service", "key.load", `keys/${fresh?.id}`],
  ]);
  renameSync(file, `${file}.gone`);
  await waitForKeys(again, ["retired", "retired"]);
  expect((await fetch(`${again.url}/v1/cosign.pub`)).status).toBe(404);
  expect(await badgeOf(again, "two")).toBe("signed");
});
