import { renameSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import { callApi, waitForState } from "./controlPlaneApi.ts";
import { pushSmallImages } from "./controlPlaneImages.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// builders.md A21: builds do not fail for a key that is not there yet.

const workspace = openWorkspace();
let registry: RealRegistry;

beforeAll(async () => {
  registry = await startRealRegistry(workspace, "embedded");
  await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path("later")], { env: workspace.env });
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
