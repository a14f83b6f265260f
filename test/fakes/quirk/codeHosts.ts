import type { Credential } from "#registry/client/credentials.ts";
import { reply } from "../clientBench.ts";
import { tokenGate } from "./gates.ts";
import { deletesNothing, inTurn, keepsBlobsAt, refuse, targetOf } from "./quirk.ts";
import type { Quirk } from "./quirk.ts";

const credential: Credential = { kind: "password", username: "ann", password: "token" };
const STORAGE = "pkg-containers.githubusercontent.com";
const ghcr = { host: "ghcr.io", hosts: ["ghcr.io", STORAGE], referrers: false, credential } as const;
const gate = { realm: "https://ghcr.io/token", service: "ghcr.io" } as const;

export const CODE_HOSTS: readonly Quirk[] = [
  {
    ...ghcr,
    registry: "ghcr",
    does: "404 for the referrers API; 405 for deletes",
    follows: "the fallback tag; `REGISTRY_REFUSED` for a delete",
    source: "oras-project/oras-java#773, podman-container-tools/skopeo#1880",
    make: (registry) => inTurn(tokenGate(registry, gate), keepsBlobsAt(registry, STORAGE), deletesNothing(405)),
  },
  {
    ...ghcr,
    registry: "ghcr, a package that is not yours",
    does: "the token service refuses, also for packages that do not exist",
    follows: "`AUTH_REQUIRED`; never taken for absence",
    source: "IronSecCo/ironclaw#583, openai/tunnel-client#75",
    make: (registry) => tokenGate(registry, { ...gate, sells: ({ scopes }) => (scopes.length === 0 ? true : 403) }),
  },
  {
    registry: "GitLab",
    does: "no referrers API; `sha256-HEX` gives the image itself",
    follows: "that is no list: none are read; writing bundles is refused (`REGISTRY_REFUSED`), use `--storage legacy`",
    source: "oras-project/oras#2148, oras-project/oras-go#1396",
    host: "registry.gitlab.com",
    hosts: ["registry.gitlab.com", "gitlab.com"],
    referrers: false,
    credential,
    make: (registry) =>
      inTurn(
        tokenGate(registry, { realm: "https://gitlab.com/jwt/auth", service: "container_registry" }),
        (request, response) => {
          const target = targetOf(request);
          if (target?.kind !== "manifests" || target.method === "PUT" || target.tag === undefined) return false;
          const hex = /^sha256-([0-9a-f]{64})$/.exec(target.tag)?.[1];
          const found = registry.manifests.get(`${target.name}@sha256:${hex}`);
          if (hex === undefined || found === undefined) return false;
          const headers = { "content-type": found.type, "docker-content-digest": `sha256:${hex}` };
          return reply(response, { headers, body: target.method === "HEAD" ? "" : found.bytes });
        },
      ),
  },
  {
    registry: "GitLab, asked without types",
    does: "404 for a manifest where Accept does not name its type",
    follows: "every request for a manifest names all types that are understood",
    source: "devcontainers/devcontainers.github.io#726",
    host: "registry.gitlab.com",
    referrers: false,
    make: (registry) => (request, response) => {
      const target = targetOf(request);
      if (target?.kind !== "manifests" || target.method === "PUT" || target.method === "DELETE") return false;
      const digest = target.tag === undefined ? target.rest : registry.tags.get(`${target.name}:${target.tag}`);
      const type = registry.manifests.get(`${target.name}@${digest}`)?.type;
      const accepted = type === undefined || request.headers.accept?.includes(type) === true;
      return accepted ? false : refuse(response, 404, "MANIFEST_UNKNOWN", "manifest unknown");
    },
  },
];
