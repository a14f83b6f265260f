import { expect } from "vitest";
import { createApi } from "#api/createApi.ts";
import type { ApiDeps } from "#api/apiDeps.ts";
import { PROBLEM, PROBLEM_TYPE } from "#api/contract/problem.ts";
import type { Problem } from "#api/contract/problem.ts";
import type { Route } from "#api/contract/route.ts";
import { ROUTES } from "#api/contract/routes.ts";
import { askGate } from "#app/askGate.ts";
import { authenticate } from "#app/authenticate.ts";
import { buildPapers } from "#app/buildPapers.ts";
import { cancelOperation } from "#app/cancelOperation.ts";
import { createToken } from "#app/createToken.ts";
import { registerBuild } from "#app/registerBuild.ts";
import { requestIssue } from "#app/requestIssue.ts";
import { revokeToken } from "#app/revokeToken.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { newSecret } from "#main/newSecret.ts";
import { uuidv7 } from "#main/uuidv7.ts";
import type { RecordStore } from "#records/recordStore.ts";
import type { Role } from "#records/token.ts";
import { openSqliteStore } from "#store/openSqliteStore.ts";
import { manualClock } from "./manualClock.ts";
import type { ManualClock } from "./manualClock.ts";
import { showPackages } from "./showPackages.ts";
import { testCtx } from "./testCtx.ts";

export interface Call {
  readonly method?: string;
  /** `Authorization: Bearer`. */
  readonly token?: string;
  /** Sent as JSON, a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly json: () => Record<string, unknown>;
  readonly problem: () => Problem;
}

export interface ApiBench {
  readonly store: RecordStore;
  readonly clock: ManualClock;
  readonly image: string;
  readonly digest: Digest;
  readonly sbom: Buffer;
  readonly tokens: Readonly<Record<Role, string>>;
  /** An operator of another tenant. */
  readonly stranger: string;
  readonly logged: readonly string[];
  readonly api: ReturnType<typeof createApi>;
  /** Asks, and holds every answer against the contract. */
  readonly call: (path: string, call?: Call) => Promise<Answered>;
}

export const BENCH_KEY = {
  pem: "-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----\n",
  id: `sha256:${"ab".repeat(32)}`,
};

/** The API over a store in memory: my-app/build-1 has all papers, build-2 is registered only. */
export const openApiBench = async (
  over: Partial<ApiDeps> | ((own: ApiDeps) => Partial<ApiDeps>) = {},
): Promise<ApiBench> => {
  const clock = manualClock(Date.parse("2026-05-04T03:02:01Z"));
  const store = await openSqliteStore({ file: ":memory:" });
  const records = { store, newId: uuidv7 };
  const logged: string[] = [];
  const own: ApiDeps = {
    ...records,
    authenticate: authenticate(records),
    registerBuild: registerBuild(records),
    requestIssue: requestIssue({
      ...records,
      allowed: (_tenant, name) => name.startsWith("registry.example/builds/"),
      mode: "gate",
    }),
    askGate: askGate({ store, mode: "gate" }),
    cancelOperation: cancelOperation(records),
    buildPapers: buildPapers(records),
    createToken: createToken({ ...records, newSecret }),
    revokeToken: revokeToken(records),
    serviceKey: () => BENCH_KEY,
    signingKeys: () => [],
    draining: new AbortController().signal,
    watch: () => undefined,
    makeCtx: ({ signal }) => testCtx({ signal, clock }),
    clock,
    rateLimit: "off",
    log: (level, message, fields) => void logged.push(`${level} ${message} ${JSON.stringify(fields)}`),
  };
  const api = createApi({ ...own, ...(typeof over === "function" ? over(own) : over) });
  const ctx = testCtx({ clock });
  const make = async (tenant: string, role: Role): Promise<string> => {
    const input = { by: "cli", tenant, name: role, role, expiresAt: undefined, requestId: undefined };
    return (await createToken({ ...records, newSecret })(ctx, input)).secret;
  };
  const tokens = {
    reader: await make("default", "reader"),
    builder: await make("default", "builder"),
    auditor: await make("default", "auditor"),
    operator: await make("default", "operator"),
  };
  const stranger = await make("other", "operator");
  const call = (path: string, one: Call = {}): Promise<Answered> => ask(api, path, one);
  const digest = digestOf("the image");
  const image = `registry.example/builds/my-app@${digest}`;
  const sbom = Buffer.from(
    '{"bomFormat": "CycloneDX",\n "specVersion":"1.6","metadata":{"component":{"name":"my-app"}}}',
  );
  await seed(store, call, tokens.builder, { image, digest, sbom });
  return { store, clock, image, digest, sbom, tokens, stranger, logged, api, call };
};

const seed = async (
  store: RecordStore,
  call: ApiBench["call"],
  token: string,
  { image, digest, sbom }: Pick<ApiBench, "image" | "digest" | "sbom">,
): Promise<void> => {
  for (const name of ["build-1", "build-2"]) {
    const body = { build_id: name, source: "https://git.example/my-app", commit_sha: "deadbeef", builder: "kaniko" };
    expect((await call("/v1/apps/my-app/builds", { method: "POST", token, body })).status).toBe(201);
  }
  const issue = { method: "POST", token, body: { image } };
  expect((await call("/v1/apps/my-app/builds/build-1/issue", issue)).status).toBe(202);
  const documents = { sbom, envelope: Buffer.from('{"payload":"e30="}'), provenance: Buffer.from('{"runDetails":{}}') };
  const simple = Buffer.from('{"critical":{}}');
  const bundle = Buffer.from('{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}');
  const common = {
    tenant: "default",
    subject: digest,
    repository: "registry.example/builds/my-app",
    key: BENCH_KEY.id,
  };
  const attested = {
    ...common,
    kind: "attestation",
    annotations: {},
    signature: undefined,
    bundle: undefined,
  } as const;
  await store.write(testCtx(), async (records) => {
    const { papers, images, documents: kept } = records;
    for (const bytes of [...Object.values(documents), simple, bundle]) {
      await kept.put({ digest: digestOf(bytes), mediaType: "application/json", bytes });
    }
    const envelope = digestOf(documents.envelope);
    await papers.put({
      ...attested,
      predicateType: "https://cyclonedx.org/bom",
      payload: digestOf("1"),
      predicate: digestOf(sbom),
      envelope,
      verifiedAt: 1,
    });
    await papers.put({
      ...attested,
      predicateType: "https://slsa.dev/provenance/v1",
      payload: digestOf("2"),
      predicate: digestOf(documents.provenance),
      envelope,
      verifiedAt: 2,
    });
    await papers.put({
      ...common,
      kind: "signature",
      predicateType: "https://sigstore.dev/cosign/sign/v1",
      payload: digestOf("3"),
      annotations: { tenant_id: "default", app_id: "my-app", build_id: "build-1", commit_sha: "deadbeef" },
      predicate: undefined,
      envelope: digestOf(simple),
      signature: "c2ln",
      bundle: digestOf(bundle),
      verifiedAt: 3,
    });
    const packages = ["a", "b", "c"].map((name) => ({
      name,
      version: "1",
      type: "npm",
      purl: `pkg:npm/${name}@1`,
      licenses: "MIT",
    }));
    await showPackages(records, "default", digest, packages);
    await images.put({
      tenant: "default",
      digest,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      platform: "linux/amd64",
      layers: [
        {
          digest: digestOf("layer"),
          size: 42,
          mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
          createdBy: "COPY . /app",
          createdAt: Date.parse("2026-01-02T03:04:05Z"),
        },
      ],
      images: [],
    });
  });
};

const ask = async (api: ReturnType<typeof createApi>, path: string, call: Call): Promise<Answered> => {
  const { method = "GET", token, body, headers = {}, address = "192.0.2.1" } = call;
  const request = new Request(`http://127.0.0.1:8600${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const response = await api.fetch(request, { address });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  const json = (): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
  const { status } = response;
  if (method === "HEAD") expect(bytes.byteLength).toBe(0);
  else checkAnswer(routeOf(method, new URL(request.url).pathname), status, response.headers, text);
  checkHeaders(response.headers);
  return { status, headers: response.headers, text, bytes, json, problem: () => PROBLEM.parse(json()) };
};

const checkHeaders = (headers: Headers): void => {
  expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
  expect(headers.get("Referrer-Policy")).toBe("no-referrer");
  expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
  expect(headers.get("X-Request-Id")).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
  expect(headers.get("Set-Cookie")).toBeNull();
  expect(headers.get("Cache-Control")).not.toBeNull();
};

const routeOf = (method: string, path: string): Route | undefined =>
  ROUTES.find((route) => {
    const pattern = route.path.replaceAll(".", "\\.").replaceAll(/\{[a-z_]+\}/g, "[^/]+");
    return route.method === method && new RegExp(`^(?:/api)?/v1${pattern}$`).test(path);
  });

/** An answer is one that its route describes, or a problem, and is of the schema that stands there. */
const checkAnswer = (route: Route | undefined, status: number, headers: Headers, text: string): void => {
  if (status >= 400) {
    expect(headers.get("Content-Type")).toBe(PROBLEM_TYPE);
    expect(headers.get("Cache-Control")).toBe("no-store");
    const problem = PROBLEM.strict().parse(JSON.parse(text));
    expect(problem).toMatchObject({ status, trace_id: headers.get("X-Request-Id") });
    return;
  }
  if (status === 304 || status === 204) {
    expect(text).toBe("");
    return;
  }
  const [type = ""] = (headers.get("Content-Type") ?? "").split(";");
  const schema = route?.answers[status]?.content[type];
  expect(schema, `${route?.id} ${status} ${type}`).toBeDefined();
  schema?.parse(/(?:json|yaml)$/.test(type) ? JSON.parse(text) : text);
};
