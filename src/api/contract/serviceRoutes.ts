import { z } from "zod";
import { BUILD } from "#api/contract/buildRoutes.ts";
import { BUILD_STATE, ID, NAME, NOTHING, PAGE_QUERY, TIME, line, pageOf } from "#api/contract/fields.ts";
import { defineRoute } from "#api/contract/route.ts";

export const APP = z.object({
  name: z.string(),
  public_badge: z.boolean(),
  builds: z.int().min(0),
  latest: z.object({ build_id: z.string(), state: BUILD_STATE, updated_at: TIME }).nullable(),
  created_at: TIME,
});

export const APP_PAGE = pageOf(APP);

export const APP_SETTINGS = z.object({ name: z.string(), public_badge: z.boolean(), created_at: TIME });

export const APP_CHANGE = z.object({
  public_badge: z.boolean().describe("Anybody may see the badges: the state alone."),
});

export const JOB = z.object({
  id: ID,
  kind: z.enum(["issue"]),
  operation: z.string(),
  state: z.enum(["queued", "leased", "done", "dead"]),
  attempts: z.int().min(0),
  run_at: TIME,
  owner: z.string().nullable(),
  lease_until: TIME.nullable(),
  reason: z.string().nullable(),
  created_at: TIME,
});

export const JOB_PAGE = pageOf(JOB);

export const KEYS = z.object({
  items: z.array(
    z.object({
      id: z.string().describe("sha256: and the hex of the SHA-256 of the SubjectPublicKeyInfo."),
      algorithm: z.enum(["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "rsa"]),
      state: z
        .enum(["current", "retired"])
        .describe("The service signs with what is current. What a retired one signed stays signed."),
      first_seen_at: TIME.describe("When the service first had it."),
      retired_at: TIME.nullable().describe("Since when the service signs with it no more."),
      pem: z.string().describe("SubjectPublicKeyInfo."),
    }),
  ),
});

export const AUDIT_ENTRY = z.object({
  seq: z.int().min(1),
  at: TIME,
  actor: z.string(),
  action: z.string(),
  object: z.string(),
  request_id: z.string().nullable(),
  detail: z.record(z.string(), z.string()),
  prev_hash: z.string(),
  hash: z.string(),
});

export const AUDIT_PAGE = pageOf(AUDIT_ENTRY);

const ROLE = z.enum(["reader", "builder", "auditor", "operator"]);

const TOKEN_FIELDS = {
  id: ID,
  name: z.string(),
  role: ROLE,
  created_at: TIME,
  expires_at: TIME.nullable(),
  revoked_at: TIME.nullable(),
};

export const TOKEN_PAGE = pageOf(z.object(TOKEN_FIELDS));

export const NEW_TOKEN = z.object({
  ...TOKEN_FIELDS,
  secret: z.string().optional().describe("Shown once; a repeat with the same Idempotency-Key leaves it out."),
});

export const TOKEN_REQUEST = z.object({
  name: line(128)
    .regex(/^\S(?:.*\S)?$/)
    .describe("For people to read."),
  role: ROLE,
  expires_in_s: z
    .int()
    .min(60)
    .max(10 * 365 * 86_400)
    .optional()
    .describe("Seconds from now on; without it the token never expires."),
});

export const LIVE_EVENT = z.object({
  at: TIME,
  kind: z.enum(["build", "operation", "app", "key", "gate"]),
  app: z.string().nullable(),
  build_id: z.string().nullable(),
  operation: z.string().nullable(),
  state: z.string(),
});

export const OVERVIEW = z.object({
  states: z.record(BUILD_STATE, z.int().min(0)),
  coverage: z
    .object({ builds: z.int(), signed: z.int(), with_sbom: z.int(), with_provenance: z.int() })
    .describe("Of the newest builds, at most 50."),
  attention: z.object({ failed: z.array(BUILD), signing_unavailable: z.array(BUILD), dead_jobs: z.array(JOB) }),
});

const jsonOf = (schema: z.ZodType): Readonly<Record<string, z.ZodType>> => ({ "application/json": schema });

const list = { method: "GET", params: NOTHING, query: PAGE_QUERY, body: undefined, errors: [] } as const;

export const listApps = defineRoute({
  ...list,
  id: "listApps",
  path: "/apps",
  summary: "Apps by name",
  access: "read",
  answers: { 200: { description: "A page of apps", content: jsonOf(APP_PAGE) } },
});

export const patchApp = defineRoute({
  id: "changeApp",
  method: "PATCH",
  path: "/apps/{app}",
  summary: "Show an app's badges to anybody, or hide them",
  access: "operate",
  params: z.object({ app: NAME }),
  query: NOTHING,
  body: APP_CHANGE,
  bodyExample: { public_badge: true },
  answers: {
    200: {
      description: "The app as it is now",
      content: jsonOf(APP_SETTINGS),
      example: { name: "my-app", public_badge: true, created_at: "2026-01-02T03:04:05.000Z" },
    },
  },
  errors: [],
});

export const listJobs = defineRoute({
  ...list,
  id: "listJobs",
  path: "/jobs",
  summary: "What the worker has to do, did, and gave up",
  access: "read",
  query: PAGE_QUERY.extend({ state: JOB.shape.state.optional() }),
  answers: { 200: { description: "A page of jobs", content: jsonOf(JOB_PAGE) } },
});

export const listKeys = defineRoute({
  ...list,
  id: "listKeys",
  path: "/keys",
  summary: "The service's public keys, also those that it signs with no more",
  access: "public",
  query: NOTHING,
  answers: { 200: { description: "All of them, the one in use first", content: jsonOf(KEYS) } },
});

export const listAudit = defineRoute({
  ...list,
  id: "listAudit",
  path: "/audit",
  summary: "The audit log; each entry's hash covers those before it",
  access: "audit",
  query: PAGE_QUERY.extend({
    order: z.enum(["oldest", "newest"]).default("oldest").describe("Which entries come first."),
    actor: line(300).optional().describe("Who did it, whole, such as worker."),
    action: line(100).optional().describe("What was done, whole, such as issue.done."),
    object: line(2000).optional().describe("To what, whole, such as apps/my-app/builds/build-1."),
  }),
  answers: { 200: { description: "A page of entries", content: jsonOf(AUDIT_PAGE) } },
});

export const getEvents = defineRoute({
  ...list,
  id: "streamEvents",
  path: "/events",
  summary: "Changes of state as server-sent events; goes on after Last-Event-ID",
  access: "read",
  query: NOTHING,
  answers: {
    200: { description: "An event stream; data is a LiveEvent", content: { "text/event-stream": z.string() } },
  },
});

export const listTokens = defineRoute({
  ...list,
  id: "listTokens",
  path: "/tokens",
  summary: "The tenant's tokens, without their secrets",
  access: "operate",
  answers: { 200: { description: "A page of tokens", content: jsonOf(TOKEN_PAGE) } },
});

export const postToken = defineRoute({
  id: "createToken",
  method: "POST",
  path: "/tokens",
  summary: "Make a token; its secret is shown this once",
  access: "operate",
  params: NOTHING,
  query: NOTHING,
  body: TOKEN_REQUEST,
  bodyExample: { name: "ci", role: "builder", expires_in_s: 86_400 },
  answers: { 201: { description: "Made", content: jsonOf(NEW_TOKEN) } },
  errors: ["INPUT_INVALID"],
  shownOnce: ["secret"],
});

export const deleteToken = defineRoute({
  id: "revokeToken",
  method: "DELETE",
  path: "/tokens/{id}",
  summary: "Revoke a token",
  access: "operate",
  params: z.object({ id: ID }),
  query: NOTHING,
  body: undefined,
  answers: { 204: { description: "Revoked", content: {} } },
  errors: [],
});

export const getOverview = defineRoute({
  ...list,
  id: "getOverview",
  path: "/overview",
  summary: "States, coverage, and what needs attention",
  access: "read",
  query: NOTHING,
  answers: { 200: { description: "The overview", content: jsonOf(OVERVIEW) } },
});

export const getCosignPub = defineRoute({
  ...list,
  id: "getCosignPub",
  path: "/cosign.pub",
  summary: "The service's public key in use, or the one that is named, one PEM block",
  access: "public",
  query: z.object({ kid: line(80).optional().describe("The id of a key, current or retired.") }),
  answers: { 200: { description: "The key", content: { "application/x-pem-file": z.string() } } },
  errors: ["KEY_NOT_GENERATED"],
});

const OPEN_API = z.looseObject({ openapi: z.literal("3.1.0") });

export const getOpenApiJson = defineRoute({
  ...list,
  id: "getOpenApiJson",
  path: "/openapi.json",
  summary: "This description",
  access: "public",
  query: NOTHING,
  answers: { 200: { description: "OpenAPI 3.1", content: jsonOf(OPEN_API) } },
});

export const getOpenApiYaml = defineRoute({
  ...list,
  id: "getOpenApiYaml",
  path: "/openapi.yaml",
  summary: "This description as YAML 1.2, of which JSON is a part",
  access: "public",
  query: NOTHING,
  answers: { 200: { description: "OpenAPI 3.1", content: { "application/yaml": OPEN_API } } },
});
