import { z } from "zod";
import type { ZodObject, ZodType } from "zod";
import { ERRORS } from "#core/errorTable.ts";
import type { ErrorCode } from "#core/errors.ts";
import {
  BADGE,
  IMAGE_PAPERS,
  PACKAGE_PAGE,
  PAPER,
  PAPER_LIST,
  SIGNATURES,
  VERIFICATIONS,
} from "#api/contract/paperRoutes.ts";
import {
  BUILD,
  BUILD_FACTS,
  BUILD_PAGE,
  GATE,
  ISSUE_REQUEST,
  OPERATION,
  OPERATION_PAGE,
} from "#api/contract/buildRoutes.ts";
import { PROBLEM, PROBLEM_TYPE } from "#api/contract/problem.ts";
import type { Route, RouteAnswer } from "#api/contract/route.ts";
import * as service from "#api/contract/serviceRoutes.ts";
import { MAX_WAIT_S } from "#api/prefer.ts";
import { problemCode } from "#api/problemOf.ts";

type Described = Readonly<Record<string, unknown>>;

// Schemas that have a name in the description; all others stand where they are used.
const ANSWERS: Readonly<Record<string, ZodType>> = {
  App: service.APP,
  AppPage: service.APP_PAGE,
  AppSettings: service.APP_SETTINGS,
  AuditPage: service.AUDIT_PAGE,
  Badge: BADGE,
  Build: BUILD,
  BuildPage: BUILD_PAGE,
  Gate: GATE,
  ImagePapers: IMAGE_PAPERS,
  Job: service.JOB,
  JobPage: service.JOB_PAGE,
  Keys: service.KEYS,
  LiveEvent: service.LIVE_EVENT,
  NewToken: service.NEW_TOKEN,
  Operation: OPERATION,
  OperationPage: OPERATION_PAGE,
  Overview: service.OVERVIEW,
  PackagePage: PACKAGE_PAGE,
  Paper: PAPER,
  PaperList: PAPER_LIST,
  Problem: PROBLEM,
  Signatures: SIGNATURES,
  TokenPage: service.TOKEN_PAGE,
  Verifications: VERIFICATIONS,
};

const REQUESTS: Readonly<Record<string, ZodType>> = {
  AppChange: service.APP_CHANGE,
  BuildFacts: BUILD_FACTS,
  IssueRequest: ISSUE_REQUEST,
  TokenRequest: service.TOKEN_REQUEST,
};

const NAMES = new Map(
  [...Object.entries(ANSWERS), ...Object.entries(REQUESTS)].map(([name, schema]) => [schema, name]),
);

const USUAL: readonly ErrorCode[] = ["REQUEST_INVALID", "ACCEPT_IMPOSSIBLE", "RATE_EXCEEDED"];

/** The routes as OpenAPI 3.1. */
export const openApiDocument = (routes: readonly Route[]): Described => ({
  openapi: "3.1.0",
  info: {
    title: "Waybill",
    version: "1",
    description: "Issues, carries, checks and proves the papers of container images.",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
  servers: [{ url: "/v1" }, { url: "/api/v1" }],
  security: [{ bearer: [] }],
  paths: pathsOf(routes),
  components: {
    securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    schemas: { ...describeAll(ANSWERS, "output"), ...describeAll(REQUESTS, "input") },
  },
});

const pathsOf = (routes: readonly Route[]): Described => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = describeRoute(route);
  return paths;
};

const describeRoute = (route: Route): Described => ({
  operationId: route.id,
  summary: route.summary,
  ...(route.access === "public" || route.access === "badge" ? { security: openTo(route) } : {}),
  parameters: [...parametersOf(route.params, "path"), ...parametersOf(route.query, "query"), ...headersOf(route)],
  ...(route.body === undefined ? {} : { requestBody: describeBody(route.body, route.bodyExample) }),
  responses: {
    ...Object.fromEntries(Object.entries(route.answers).map(([status, answer]) => [status, describeAnswer(answer)])),
    ...describeErrors(route),
  },
});

const openTo = ({ access }: Route): readonly Described[] => (access === "public" ? [] : [{}, { bearer: [] }]);

const headersOf = (route: Route): readonly Described[] => {
  const header = (name: string, description: string): Described => ({
    name,
    in: "header",
    required: false,
    description,
    schema: { type: "string" },
  });
  if (route.method === "POST") return [header("Idempotency-Key", "Makes a repeat within 24 hours harmless.")];
  if (route.method !== "GET") return [];
  const conditions = [header("If-None-Match", "An ETag; 304 where it still holds.")];
  if (route.waits !== true) return conditions;
  return [...conditions, header("Prefer", `wait=N (RFC 7240): seconds to wait, at most ${MAX_WAIT_S}.`)];
};

const describeBody = (body: ZodType, example: unknown): Described => ({
  required: true,
  content: { "application/json": { schema: describe(body, "input"), ...(example === undefined ? {} : { example }) } },
});

const describeAnswer = ({ description, content, example, headers }: RouteAnswer): Described => {
  const types = Object.entries(content).map(([type, schema], index) => [
    type,
    { schema: describe(schema, "output"), ...(index === 0 && example !== undefined ? { example } : {}) },
  ]);
  const told = Object.entries(headers ?? {}).map(([name, text]) => [
    name,
    { description: text, schema: { type: "string" } },
  ]);
  return {
    description,
    ...(told.length === 0 ? {} : { headers: Object.fromEntries(told) }),
    ...(types.length === 0 ? {} : { content: Object.fromEntries(types) }),
  };
};

/** Problems by status, each with the codes that it may have. */
const describeErrors = (route: Route): Described => {
  const byStatus: Record<string, string[]> = {};
  for (const code of errorsOf(route)) (byStatus[ERRORS[code].http] ??= []).push(problemCode(code));
  const problem = { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } };
  return {
    ...(route.method === "GET" ? { 304: { description: "Not changed since If-None-Match" } } : {}),
    ...Object.fromEntries(
      Object.entries(byStatus).map(([status, codes]) => [status, { description: codes.join(", "), content: problem }]),
    ),
    default: { description: "Any other problem", content: problem },
  };
};

const errorsOf = (route: Route): ReadonlySet<ErrorCode> =>
  new Set([
    ...USUAL,
    ...(route.access === "public" ? [] : (["TOKEN_INVALID", "NOT_FOUND"] as const)),
    ...(route.method === "GET" ? [] : (["TYPE_UNSUPPORTED"] as const)),
    ...(route.body === undefined ? [] : (["BODY_TOO_LARGE"] as const)),
    ...(route.method === "POST" ? (["IDEMPOTENCY_MISMATCH", "IDEMPOTENCY_BUSY"] as const) : []),
    ...route.errors,
  ]);

const parametersOf = (schema: ZodObject, place: "path" | "query"): readonly Described[] =>
  Object.entries(schema.shape).map(([name, field]) => {
    const type = field as ZodType;
    return {
      name,
      in: place,
      required: place === "path" || !type.safeParse(undefined).success,
      schema: describe(type, "output"),
    };
  });

type Direction = "input" | "output";

const describe = (schema: ZodType, io: Direction): Described => {
  const name = NAMES.get(schema);
  return name === undefined ? clean(z.toJSONSchema(schema, { io })) : { $ref: refTo(name) };
};

const describeAll = (schemas: Readonly<Record<string, ZodType>>, io: Direction): Described => {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const described = z.toJSONSchema(registry, { uri: refTo, io }).schemas;
  return Object.fromEntries(Object.entries(described).map(([id, one]) => [id, clean(one)]));
};

const refTo = (name: string): string => `#/components/schemas/${name}`;

// OpenAPI 3.1, 4.8.24.5 sets the dialect for all, and an $id would move the base of every $ref.
const clean = (schema: Described): Described =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => name !== "$schema" && name !== "$id"));
