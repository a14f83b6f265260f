import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { callApi, waitForState } from "./controlPlaneApi.ts";
import { pushSmallImages } from "./controlPlaneImages.ts";
import { peer } from "./peers.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { run } from "./run.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// The API against its own description, as schemathesis reads it: no fault of the server, nothing that is not described.

const SECONDS = 22;
const SEED = "20260101";

const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  // Its twin positive_data_acceptance stays out: that a page token is of this list, or a digest that of an image, no schema says.
  "negative_data_rejection",
  "missing_required_header",
  "unsupported_method",
  "allow_header_conformance",
  "use_after_free",
  "ensure_resource_availability",
  "ignored_auth",
].join(",");

const workspace = openWorkspace();
let registry: RealRegistry;
let plane: ControlPlane;
let digest: string;

beforeAll(async () => {
  registry = await startRealRegistry(workspace, "embedded");
  await waybillDone(["generate-key-pair", "--output-key-prefix", workspace.path("service")], { env: workspace.env });
  const rules = ["--repositories", `${registry.host}/builds/**`, "--settle", "0s"];
  plane = await startControlPlane(workspace, {
    data: "fuzzed",
    args: ["--key", workspace.path("service.key"), ...rules],
  });
  const [image] = await pushSmallImages(`${registry.host}/builds/my-app`, 1);
  digest = image?.digest ?? "";
  await callApi(plane, "/v1/apps/my-app/builds", { build_id: "build-abc123", commit_sha: "deadbeef" });
  await callApi(plane, "/v1/apps/my-app/builds/build-abc123/issue", { image: image?.reference });
  await waitForState(plane, "my-app/builds/build-abc123", ["done"], 20_000);
});

afterAll(async () => {
  await plane[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

/** What schemathesis says of the API for this token; with `known`, its requests are about what is there. */
const fuzz = async (token: string, known: Readonly<Record<string, string>> = {}): Promise<string> => {
  const config = workspace.path("schemathesis.toml");
  const parameters = Object.entries(known).map(([name, value]) => `"path.${name}" = "${value}"`);
  writeFileSync(config, ["[parameters]", ...parameters, ""].join("\n"));
  const report = ["--no-color", "--generation-database", "none", "--suppress-health-check", "all", "--warnings", "off"];
  const budget = ["--max-time", String(SECONDS), "--seed", SEED, "--checks", CHECKS];
  // The stream of events never ends.
  const where = ["--exclude-path", "/events", "--header", `Authorization: Bearer ${token}`];
  const outcome = await run(
    peer("schemathesis"),
    [
      "--config-file",
      config,
      "run",
      `${plane.url}/v1/openapi.json`,
      "--origin",
      plane.url,
      ...where,
      ...budget,
      ...report,
    ],
    { cwd: workspace.path(), env: workspace.env, timeoutMs: 120_000 },
  );
  expect({ code: outcome.code, said: outcome.code === 0 ? "" : outcome.stdout + outcome.stderr }).toEqual({
    code: 0,
    said: "",
  });
  return outcome.stdout;
};

/** A token of its own: what is tried may revoke it. */
const createToken = async (tenant: string, role: string): Promise<string> => {
  const args = ["tokens", "create", "--data", workspace.path("fuzzed"), "--tenant", tenant, "--role", role];
  return (await waybillDone([...args, "--name", "fuzz"], { env: workspace.env })).stdout.trim();
};

const TIMEOUT = { timeout: 150_000 };

it("answers an operator as it is described", TIMEOUT, async () => {
  expect(await fuzz(await createToken("default", "operator"))).toContain("API Operations");
});

it("answers an operator as it is described about what is there", TIMEOUT, async () => {
  const token = await createToken("default", "operator");
  expect(await fuzz(token, { app: "my-app", build: "build-abc123", digest })).toContain("API Operations");
  expect((await callApi(plane, "/v1/apps/my-app/builds/build-abc123/sbom")).status).toBe(200);
});

it("answers a reader of another tenant as it is described, and shows nothing", TIMEOUT, async () => {
  const token = await createToken("other", "reader");
  expect(await fuzz(token, { app: "my-app", build: "build-abc123", digest })).toContain("API Operations");
  const seen = await callApi({ url: plane.url, token }, "/v1/apps");
  expect(JSON.parse(seen.text)).toMatchObject({ items: [] });
  expect((await callApi({ url: plane.url, token }, "/v1/apps/my-app/builds/build-abc123")).status).toBe(404);
});

it("met no fault", () => {
  expect(plane.said()).not.toMatch(/INTERNAL|STORE_FAILED/);
});
