import type { Credential } from "#registry/client/credentials.ts";
import { tokenGate } from "./gates.ts";
import { deletesNothing, inTurn, keepsBlobsAt, refuse, targetOf } from "./quirk.ts";
import type { Quirk } from "./quirk.ts";

const credential: Credential = { kind: "password", username: "ann", password: "token" };
const STORAGE = "production.cloudflare.docker.com";
const hub = {
  host: "docker.io",
  hosts: ["registry-1.docker.io", "auth.docker.io", STORAGE],
  repository: "library/app",
  referrers: false,
  credential,
} as const;
const gate = { realm: "https://auth.docker.io/token", service: "registry.docker.io" } as const;

export const DOCKER_HUB: readonly Quirk[] = [
  {
    ...hub,
    registry: "Docker Hub",
    does: "four names for one registry, tokens from another host, no referrers API, no deletes",
    follows:
      "`docker.io` for people, `registry-1.docker.io` for requests, `index.docker.io` in what is signed; the fallback tag; `REGISTRY_REFUSED` for a delete",
    source: "docker/hub-feedback#2360, docker/roadmap#724",
    make: (registry) => inTurn(tokenGate(registry, gate), keepsBlobsAt(registry, STORAGE), deletesNothing(405)),
  },
  {
    ...hub,
    registry: "Docker Hub, its limit reached",
    does: "429 `toomanyrequests` for manifests, with `ratelimit-limit` and without `Retry-After`",
    follows: "`REGISTRY_THROTTLED` after five tries; the hint says how many are allowed; never taken for absence",
    source: "docker/getting-started#101, docker/docs#11648",
    make: (registry) =>
      inTurn(tokenGate(registry, gate), (request, response) => {
        const target = targetOf(request);
        if (target?.kind !== "manifests" || target.method !== "GET") return false;
        response.setHeader("ratelimit-limit", "100;w=21600");
        response.setHeader("ratelimit-remaining", "0;w=21600");
        const message =
          "You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit";
        return refuse(response, 429, "TOOMANYREQUESTS", message);
      }),
  },
  {
    ...hub,
    registry: "Docker Hub until 2023",
    does: "404 for a manifest with a `subject`",
    follows: "`REGISTRY_REFUSED` for bundles, since nothing was asked for; `--storage legacy`",
    source: "docker/hub-feedback#2307",
    make: (registry) => inTurn(tokenGate(registry, gate), refuseSubjects(registry)),
  },
];

/** The body of a request is read once, so that what is let through is stored here. */
const refuseSubjects =
  (registry: Parameters<Quirk["make"]>[0]): ReturnType<Quirk["make"]> =>
  async (request, response) => {
    const target = targetOf(request);
    if (target?.kind !== "manifests" || target.method !== "PUT" || target.tag !== undefined) return false;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    if (bytes.includes('"subject"')) return refuse(response, 404, "NOT_FOUND", "not found");
    registry.manifests.set(`${target.name}@${target.rest}`, { type: request.headers["content-type"] ?? "", bytes });
    response.writeHead(201, { "docker-content-digest": target.rest }).end();
    return true;
  };
