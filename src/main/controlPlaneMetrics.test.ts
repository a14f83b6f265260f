import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunningControlPlane } from "#cli/deps.ts";
import { generateKey } from "#keys/newKey.ts";
import { startControlPlane } from "#main/startControlPlane.ts";
import { keyFingerprint, parsePublicKey } from "#trust/publicKey.ts";
import { parseExposition } from "../../test/fakes/parseExposition.ts";
import { benchRegistry } from "../../test/fakes/registryBench.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";
import { pushSmallImages } from "../../test/interop/controlPlaneImages.ts";

// The service as it is, in this process: whatever a metric names is made to happen, and the metric must tell it.

// The listener puts others in their place, for all tests of this process.
const OWN = { Request: globalThis.Request, Response: globalThis.Response };
const registry = benchRegistry();
let plane: RunningControlPlane;
let host: string;

beforeAll(async () => {
  host = new URL(registry.url()).host;
  const passwordFile = join(registry.root, "password");
  writeFileSync(passwordFile, "");
  plane = await startControlPlane(testCtx(), {
    data: join(registry.root, "data"),
    store: undefined,
    listen: { host: "127.0.0.1", port: 0 },
    metricsListen: { host: "127.0.0.1", port: 0 },
    allowPlainHttp: false,
    key: join(registry.root, "cosign.key"),
    passwordFile,
    repositories: [`${host}/builds/**`],
    builderId: "https://platform.example",
    tokenFile: undefined,
    rateLimit: "on",
    trustedProxies: [],
    workers: 2,
    jobs: 2,
    settleMs: 0,
    drainMs: 0,
    mode: "gate",
    issue: true,
    oidcIssuer: undefined,
    oidcAudience: undefined,
    logFrom: "error",
    registryClientCert: undefined,
    registryClientKey: undefined,
    registryServerName: undefined,
    registryUsername: undefined,
    registryPassword: undefined,
    registryToken: undefined,
    registryConfig: undefined,
    k8sKeychain: false,
    registryCacert: undefined,
    allowHttpRegistry: false,
    allowInsecureRegistry: false,
  });
});
afterAll(async () => {
  await plane.close();
  Object.defineProperty(globalThis, "Request", { value: OWN.Request });
  Object.defineProperty(globalThis, "Response", { value: OWN.Response });
});

const call = (path: string, { body, ...init }: RequestInit & { readonly body?: string } = {}): Promise<Response> =>
  fetch(plane.url + path, {
    ...init,
    headers: {
      authorization: `Bearer ${plane.token}`,
      "content-type": "application/json",
      ...(init.headers as Record<string, string> | undefined),
    },
    ...(body === undefined ? {} : { method: "POST", body }),
  });

const scrape = async () => {
  const answer = await fetch(`${plane.metricsUrl}/metrics`);
  expect(answer.status).toBe(200);
  const families = parseExposition(await answer.text());
  return (name: string, labels: Readonly<Record<string, string>> = {}, suffix = ""): number | undefined => {
    const wanted = Object.entries(labels);
    const fits = families
      .get(name)
      ?.samples.filter((one) => one.name === name + suffix && wanted.every(([key, text]) => one.labels[key] === text));
    return fits?.length === 0 ? undefined : fits?.reduce((sum, { value }) => sum + value, 0);
  };
};

const issue = async (build: string, image: string, more: object = {}): Promise<void> => {
  await call("/v1/apps/my-app/builds", { body: JSON.stringify({ build_id: build }) });
  const asked = await call(`/v1/apps/my-app/builds/${build}/issue`, { body: JSON.stringify({ image, ...more }) });
  expect(asked.status).toBe(202);
};

const until = async (ask: (value: Awaited<ReturnType<typeof scrape>>) => unknown, wanted: unknown): Promise<void> => {
  await expect.poll(async () => ask(await scrape()), { timeout: 15_000, interval: 100 }).toEqual(wanted);
};

it("counts what happens while a build waits for a key, is signed, signed again, and another is given up", async () => {
  const [image] = await pushSmallImages(`${host}/builds/my-app`, 1);
  const { reference = "", digest = "" } = image ?? {};
  const first = await scrape();
  expect(first("waybill_key_available")).toBe(0);
  expect(first("attest_key_state")).toBeUndefined();
  expect(first("waybill_jobs_total")).toBe(0);

  await issue("build-1", reference);
  await until(
    (value) => [value("waybill_jobs", { state: "parked" }), value("waybill_jobs_oldest_due_seconds")],
    [1, 0],
  );
  expect((await scrape())("waybill_jobs_total", { result: "parked" })).toBe(1);

  const key = await generateKey(parsePublicKey);
  const file = join(registry.root, "cosign.key");
  writeFileSync(`${file}.new`, await key.encrypt(new Uint8Array()));
  renameSync(`${file}.new`, file);
  await until((value) => value("waybill_jobs_total", { result: "done" }), 1);
  const kid = `sha256:${keyFingerprint(key.publicKey)}`;
  const signed = await scrape();
  expect(signed("waybill_key_available")).toBe(1);
  expect(signed("waybill_jobs", { state: "parked" })).toBe(0);
  expect(signed("attest_key_state", { kid, state: "current" })).toBe(1);
  expect(signed("attest_key_state", { kid, state: "retired" })).toBe(0);
  const signatures = signed("attest_sign_requests_total", { purpose: "issue", result: "ok" });
  expect(signatures).toBeGreaterThanOrEqual(3);
  expect(signed("attest_sign_duration_seconds", {}, "_count")).toBe(signatures);
  // A signature, an SBOM and a provenance, each in two forms.
  expect(signed("attest_verify_total", { result: "verified" })).toBe(6);
  expect(signed("attest_verify_total", { result: "refused" })).toBeUndefined();
  expect(signed("attest_verify_duration_seconds", { kind: "simple-signing" }, "_count")).toBe(1);
  expect(signed("attest_verify_duration_seconds", { kind: "dsse" }, "_count")).toBe(5);
  expect(signed("attest_verify_duration_seconds", {}, "_sum")).toBeGreaterThan(0);
  for (const type of ["signature", "sbom", "provenance"]) {
    expect(signed("attest_ingest_documents_total", { type, result: "new" })).toBe(1);
    expect(signed("attest_ingest_documents_total", { type, result: "known" })).toBe(0);
  }
  expect(signed("waybill_job_duration_seconds", {}, "_count")).toBe(2);

  // What others hang on an image is refused, and told why.
  const tag = `${digest.replace(":", "-")}.sig`;
  const repository = `/v2/builds/my-app/manifests/${tag}`;
  const carrier = await (await registry.call("GET", repository)).text();
  const stranger = JSON.parse(carrier) as { layers: { annotations: Record<string, string> }[] };
  const [layer] = stranger.layers;
  const forged = { ...layer, annotations: { ...layer?.annotations, "dev.cosignproject.cosign/signature": "MAA=" } };
  const body = JSON.stringify({ ...stranger, layers: [...stranger.layers, forged] });
  const type = { "Content-Type": "application/vnd.oci.image.manifest.v1+json" };
  expect((await registry.call("PUT", repository, body, type)).status).toBe(201);
  await issue("build-1", reference, { rerun: true });
  await until((value) => value("waybill_jobs_total", { result: "done" }), 2);
  const again = await scrape();
  expect(again("attest_verify_total", { result: "refused", reason: "wrong-key" })).toBe(1);
  expect(again("attest_ingest_documents_total", { result: "known" })).toBe(3);

  await issue("build-2", `${host}/builds/my-app@sha256:${"0".repeat(64)}`);
  await until((value) => value("waybill_jobs", { state: "dead" }), 1);
  expect((await scrape())("waybill_jobs_total", { result: "dead" })).toBe(1);

  renameSync(file, `${file}.away`);
  await until(
    (value) => [value("waybill_key_available"), value("attest_key_state", { kid, state: "retired" })],
    [0, 1],
  );
}, 60_000);

it("tells what is open now, what was refused, and how the process does", async () => {
  const before = await scrape();
  const streams = new AbortController();
  const stream = await call("/v1/events", { signal: streams.signal });
  await stream.body?.getReader().read();
  await call("/v1/apps/my-app/builds", { body: JSON.stringify({ build_id: "build-3" }) });
  const waits = new AbortController();
  const gate = call("/v1/apps/my-app/builds/build-3/gate", { headers: { Prefer: "wait=30" }, signal: waits.signal });
  gate.catch(() => undefined);
  await until((value) => [value("waybill_event_streams"), value("waybill_waiting_requests")], [1, 1]);
  streams.abort();
  waits.abort();
  await until((value) => [value("waybill_event_streams"), value("waybill_waiting_requests")], [0, 0]);

  const answers = await Promise.all(Array.from({ length: 40 }, () => fetch(`${plane.url}/v1/apps`)));
  const refused = answers.filter(({ status }) => status === 429).length;
  expect(refused).toBeGreaterThan(0);
  const after = await scrape();
  expect(before("waybill_http_rate_limited_total")).toBe(0);
  expect(after("waybill_http_rate_limited_total")).toBe(refused);
  expect(after("waybill_http_requests_total", { method: "GET", status: "429" })).toBe(refused);
  const name = "waybill_store_transaction_duration_seconds";
  for (const kind of ["read", "write"])
    expect(after(name, { kind }, "_count")).toBeGreaterThan(before(name, { kind }, "_count") ?? Infinity);
  expect(after("waybill_store_up")).toBe(1);
  expect(after("waybill_clock_behind_seconds")).toBe(0);
  expect(after("process_resident_memory_bytes")).toBeGreaterThan(20e6);
  expect(Math.abs((after("process_start_time_seconds") ?? 0) - performance.timeOrigin / 1000)).toBeLessThan(1);
});

it("answers probes without a token and without details", async () => {
  for (const [path, text] of Object.entries({ healthz: "ok", readyz: "ready", startupz: "started" })) {
    const answer = await fetch(`${plane.url}/${path}`);
    expect([answer.status, await answer.text()]).toEqual([200, `${text}\n`]);
  }
});
