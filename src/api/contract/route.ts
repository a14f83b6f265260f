import type { ZodObject, ZodType } from "zod";
import type { ErrorCode } from "#core/errors.ts";
import type { Permission } from "#records/token.ts";

/** `public`: anybody. `badge`: anybody where the app allows it, else a token of its tenant. Otherwise a token that may. */
export type RouteAccess = "public" | "badge" | Permission;

/** One way a request can go well. */
export interface RouteAnswer {
  readonly description: string;
  /** By media type, the most wanted first; empty where the answer has no body. Text and bytes have string schemas. */
  readonly content: Readonly<Record<string, ZodType>>;
  /** Of the first media type. */
  readonly example?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A route as data: what mounts it, describes it and tests it. Paths are OpenAPI templates without the version's prefix. */
export interface Route {
  /** OpenAPI operationId. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: `/${string}`;
  readonly summary: string;
  readonly access: RouteAccess;
  /** One member for each name in the path. */
  readonly params: ZodObject;
  readonly query: ZodObject;
  readonly body: ZodObject | undefined;
  readonly bodyExample?: unknown;
  /** By status, none but 2xx. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** What besides the usual can go wrong (RFC 9457 problems). */
  readonly errors: readonly ErrorCode[];
  /** Understands `Prefer: wait=N`. */
  readonly waits?: true;
  /** Members of an answer that are shown once and never kept for an Idempotency-Key. */
  readonly shownOnce?: readonly string[];
}

/** Keeps the exact types of the parts, so that a handler sees what was parsed. */
export const defineRoute = <const R extends Route>(route: R): R => route;
