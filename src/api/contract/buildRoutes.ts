import { z } from "zod";
import {
  BUILD_STATE,
  DIGEST,
  ID,
  ISSUE_MODE,
  NAME,
  NOTHING,
  OPERATION_STATE,
  PAGE_QUERY,
  TIME,
  line,
  pageOf,
} from "#api/contract/fields.ts";
import { defineRoute } from "#api/contract/route.ts";

const REASON = z.object({ code: z.string(), message: z.string() });

const IMAGE = z.object({ repository: z.string(), digest: DIGEST, reference: z.string() });

export const BUILD = z.object({
  app: z.string(),
  build_id: z.string(),
  source: z.string().nullable(),
  commit_sha: z.string().nullable(),
  builder: z.string().nullable(),
  parameters: z.record(z.string(), z.string()),
  image: IMAGE.nullable().describe("null before the first request to issue."),
  state: BUILD_STATE,
  reason: REASON.nullable(),
  operation: ID.nullable(),
  created_at: TIME,
  updated_at: TIME,
});

export const BUILD_PAGE = pageOf(BUILD);

export const OPERATION = z.object({
  id: ID,
  app: z.string(),
  build_id: z.string(),
  image: IMAGE,
  mode: ISSUE_MODE,
  state: OPERATION_STATE,
  attempts: z.int().min(0),
  reason: REASON.nullable(),
  created_at: TIME,
  updated_at: TIME,
});

export const GATE = z.object({
  open: z.literal(true).describe("A closed gate is a problem, gate-closed."),
  state: BUILD_STATE,
  mode: ISSUE_MODE,
  image: IMAGE.nullable().describe("What may be used; null before the first request to issue."),
  operation: ID.nullable(),
  reason: REASON.nullable().describe("Why the image is not signed; null where it is."),
});

export const OPERATION_PAGE = pageOf(OPERATION);

const MAX_PARAMETERS = 100;

/** What a platform says of a build. */
export const BUILD_FACTS = z.object({
  build_id: NAME,
  source: line(2048).meta({ format: "uri" }).nullish(),
  commit_sha: line(256).nullish(),
  builder: line(256).nullish(),
  parameters: z
    .record(line(256), line(4096))
    .refine((all) => Object.keys(all).length <= MAX_PARAMETERS)
    .meta({ maxProperties: MAX_PARAMETERS, description: "External parameters, as SLSA calls them." })
    .optional(),
});

// Described, and not held against: the use case says more exactly what is wrong with a reference.
const IMAGE_PATTERN = "^[a-z0-9.-]+(?::[0-9]{1,5})?/[a-z0-9]+(?:[._/-][a-z0-9]+)*@sha256:[0-9a-f]{64}$";

export const ISSUE_REQUEST = z.object({
  image: line(1024)
    .meta({ pattern: IMAGE_PATTERN, description: "HOST/REPOSITORY@DIGEST; with rerun it may be left out." })
    .optional(),
  rerun: z.boolean().optional().describe("Issue again although an operation has ended."),
  mode: ISSUE_MODE.optional().describe("Without it that of the build's last operation, else the service's."),
});

const APP_PATH = z.object({ app: NAME });
export const BUILD_PATH = z.object({ app: NAME, build: NAME });

const DIGEST_EXAMPLE = `sha256:${"5".repeat(64)}`;
const IMAGE_EXAMPLE = {
  repository: "registry.example/builds/my-app",
  digest: DIGEST_EXAMPLE,
  reference: `registry.example/builds/my-app@${DIGEST_EXAMPLE}`,
};

const FACTS_EXAMPLE = {
  build_id: "build-abc123",
  source: "https://git.example/my-app",
  commit_sha: "deadbeef",
  builder: "kaniko",
  parameters: {},
};

const BUILD_EXAMPLE = {
  app: "my-app",
  ...FACTS_EXAMPLE,
  image: null,
  state: "pending",
  reason: null,
  operation: null,
  created_at: "2026-01-02T03:04:05.000Z",
  updated_at: "2026-01-02T03:04:05.000Z",
};

const OPERATION_EXAMPLE = {
  id: "019b7a31-2c40-7000-8000-000000000001",
  app: "my-app",
  build_id: "build-abc123",
  image: IMAGE_EXAMPLE,
  mode: "best-effort",
  state: "pending",
  attempts: 0,
  reason: null,
  created_at: "2026-01-02T03:04:05.000Z",
  updated_at: "2026-01-02T03:04:05.000Z",
};

const jsonOf = (schema: z.ZodType): Readonly<Record<string, z.ZodType>> => ({ "application/json": schema });

export const listBuilds = defineRoute({
  id: "listBuilds",
  method: "GET",
  path: "/apps/{app}/builds",
  summary: "The builds of an app, newest first",
  access: "read",
  params: APP_PATH,
  query: PAGE_QUERY.extend({ state: BUILD_STATE.optional() }),
  body: undefined,
  answers: { 200: { description: "A page of builds", content: jsonOf(BUILD_PAGE) } },
  errors: [],
});

export const postBuild = defineRoute({
  id: "registerBuild",
  method: "POST",
  path: "/apps/{app}/builds",
  summary: "Register a build; its app exists from the first one on",
  access: "build",
  params: APP_PATH,
  query: NOTHING,
  body: BUILD_FACTS,
  bodyExample: FACTS_EXAMPLE,
  answers: {
    200: {
      description: "It was registered with the same facts before",
      content: jsonOf(BUILD),
      example: BUILD_EXAMPLE,
    },
    201: {
      description: "Registered",
      content: jsonOf(BUILD),
      example: BUILD_EXAMPLE,
      headers: { Location: "Where the build is." },
    },
  },
  errors: ["BUILD_CONFLICT", "INPUT_INVALID"],
});

export const getBuild = defineRoute({
  id: "getBuild",
  method: "GET",
  path: "/apps/{app}/builds/{build}",
  summary: "One build",
  access: "read",
  params: BUILD_PATH,
  query: NOTHING,
  body: undefined,
  answers: { 200: { description: "The build", content: jsonOf(BUILD), example: BUILD_EXAMPLE } },
  errors: [],
});

export const postIssue = defineRoute({
  id: "requestIssue",
  method: "POST",
  path: "/apps/{app}/builds/{build}/issue",
  summary: "Issue the papers of the build's image: SBOM, provenance, signature",
  access: "build",
  params: BUILD_PATH,
  query: NOTHING,
  body: ISSUE_REQUEST,
  bodyExample: { image: IMAGE_EXAMPLE.reference },
  answers: {
    202: {
      description: "Accepted, or under way or done already; the operation tells how far it is",
      content: jsonOf(OPERATION),
      example: OPERATION_EXAMPLE,
      headers: { Location: "Where the operation is." },
    },
  },
  errors: ["BUILD_CONFLICT", "REPOSITORY_DENIED", "REFERENCE_INVALID", "INPUT_INVALID"],
});

export const getGate = defineRoute({
  id: "getGate",
  method: "GET",
  path: "/apps/{app}/builds/{build}/gate",
  summary: "Whether a pipeline may go on with the build's image",
  access: "read",
  waits: true,
  params: BUILD_PATH,
  query: NOTHING,
  body: undefined,
  answers: {
    200: {
      description: "The image is signed, or the mode is best-effort and reason says why it is not",
      content: jsonOf(GATE),
      example: {
        open: true,
        state: "done",
        mode: "gate",
        image: IMAGE_EXAMPLE,
        operation: OPERATION_EXAMPLE.id,
        reason: null,
      },
      headers: { "Preference-Applied": "The wait that was granted." },
    },
  },
  errors: ["GATE_CLOSED", "SERVICE_STOPPING"],
});

export const listOperations = defineRoute({
  id: "listOperations",
  method: "GET",
  path: "/operations",
  summary: "Operations, newest first",
  access: "read",
  params: NOTHING,
  query: PAGE_QUERY.extend({ state: OPERATION_STATE.optional() }),
  body: undefined,
  answers: { 200: { description: "A page of operations", content: jsonOf(OPERATION_PAGE) } },
  errors: [],
});

export const getOperation = defineRoute({
  id: "getOperation",
  method: "GET",
  path: "/operations/{id}",
  summary: "One operation",
  access: "read",
  waits: true,
  params: z.object({ id: ID }),
  query: NOTHING,
  body: undefined,
  answers: {
    200: {
      description: "The operation; with Prefer as soon as it is over, or as it is when the wait ends",
      content: jsonOf(OPERATION),
      example: OPERATION_EXAMPLE,
      headers: { "Preference-Applied": "The wait that was granted." },
    },
  },
  errors: [],
});

export const postCancel = defineRoute({
  id: "cancelOperation",
  method: "POST",
  path: "/operations/{id}/cancel",
  summary: "Cancel an operation that has not ended",
  access: "build",
  params: z.object({ id: ID }),
  query: NOTHING,
  body: undefined,
  answers: {
    200: {
      description: "Cancelled",
      content: jsonOf(OPERATION),
      example: { ...OPERATION_EXAMPLE, state: "cancelled" },
    },
  },
  errors: ["OPERATION_OVER"],
});
