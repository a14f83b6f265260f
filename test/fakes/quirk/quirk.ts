import type { IncomingMessage, ServerResponse } from "node:http";
import type { PaperPlace } from "#core/content.ts";
import type { Credential } from "#registry/client/credentials.ts";
import { reply } from "../clientBench.ts";
import type { FaultRegistry } from "../faultRegistry.ts";

/** Answers in a registry's place where it returns true. */
export type Habit = FaultRegistry["fault"];

/** What a registry does otherwise than others, as it was recorded at the named place. */
export interface Quirk {
  readonly registry: string;
  readonly does: string;
  /** What a user of ours sees of it. */
  readonly follows: string;
  /** A specification's section, documentation, or an issue or pull request on GitHub as `OWNER/NAME#NUMBER`. */
  readonly source: string;
  /** The registry's name in references. */
  readonly host: string;
  /** All hosts that requests go to, where `host` is not the only one. */
  readonly hosts?: readonly string[];
  /** `library/app` for Docker Hub's own images; default `team/app`. */
  readonly repository?: string;
  /** False: it has no referrers API. */
  readonly referrers?: boolean;
  readonly credential?: Credential;
  /** How papers are kept, by a user's choice. */
  readonly papers?: PaperPlace;
  readonly make: (registry: FaultRegistry) => Habit;
}

/** The first habit that answers, answers. */
export const inTurn =
  (...habits: readonly Habit[]): Habit =>
  async (request, response) => {
    for (const habit of habits) if (await habit(request, response)) return true;
    return false;
  };

/** An error as distribution-spec "Error Codes" has it. */
export const refuse = (response: ServerResponse, status: number, code: string, message: string): true =>
  reply(response, {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ errors: [{ code, message }] }),
  });

/** What `METHOD /path` of a request is about; undefined where it is about nothing in a repository. */
export const targetOf = (request: IncomingMessage) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://any");
  const [, name = "", kind = "", rest = ""] =
    /^\/v2\/(.+?)\/(blobs|manifests|tags|referrers)\/(.+)$/.exec(pathname) ?? [];
  if (name === "") return undefined;
  const tag = kind === "manifests" && !rest.includes(":") ? rest : undefined;
  return { method: request.method ?? "", name, kind, rest, tag, searchParams };
};

/** DELETE of a manifest is not offered. */
export const deletesNothing =
  (status: 404 | 405): Habit =>
  (request, response) => {
    if (request.method !== "DELETE" || targetOf(request)?.kind !== "manifests") return false;
    if (status === 404) return reply(response, { status, body: "404 page not found\n" });
    return refuse(response, status, "UNSUPPORTED", "The operation is unsupported.");
  };

/**
 * Bytes of blobs lie with a storage service, whose URL is signed: S3 refuses two ways to authorize (open-policy-agent/opa#6728).
 * Undefined: they are redirected on the very host, as Google's (sonatype/nexus-public#1061).
 */
export const keepsBlobsAt =
  (registry: FaultRegistry, storage: string | undefined): Habit =>
  (request, response) => {
    const url = new URL(request.url ?? "/", "http://any");
    const kept = /^\/kept\/(.+)$/.exec(url.pathname)?.[1];
    if (kept !== undefined) {
      const bytes = registry.blobs.get(decodeURIComponent(kept));
      if (storage !== undefined && request.headers.authorization !== undefined)
        return reply(response, { status: 400, body: "<Error><Code>InvalidArgument</Code></Error>" });
      return reply(response, bytes === undefined ? { status: 404 } : { body: bytes });
    }
    const target = targetOf(request);
    if (target?.kind !== "blobs" || target.method !== "GET") return false;
    const place = `/kept/${encodeURIComponent(`${target.name}@${target.rest}`)}?X-Amz-Signature=s`;
    const location = storage === undefined ? place : `https://${storage}${place}`;
    return reply(response, { status: 307, headers: { location } });
  };
