import type { Credential } from "#registry/client/credentials.ts";
import { reply } from "../clientBench.ts";
import { fallbackTag } from "#registry/fallbackIndex.ts";
import { readManifestLinks } from "#registry/layout/manifestLinks.ts";
import { digestOf } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import type { FaultRegistry } from "../faultRegistry.ts";
import { passwordGate, tokenGate } from "./gates.ts";
import { deletesNothing, inTurn, keepsBlobsAt, refuse, targetOf } from "./quirk.ts";
import type { Habit, Quirk } from "./quirk.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";

const GOOGLE = "europe-docker.pkg.dev";
const google = {
  host: GOOGLE,
  credential: { kind: "password", username: "oauth2accesstoken", password: "ya29.a" } satisfies Credential,
} as const;
const googleGate = (registry: FaultRegistry): Habit =>
  tokenGate(registry, { realm: `https://${GOOGLE}/v2/token`, service: GOOGLE });

/** The list of what refers to each subject, kept under the fallback tag by the registry itself. */
const writesFallbackTags =
  (registry: FaultRegistry): Habit =>
  (request) => {
    const target = targetOf(request);
    if (target?.kind !== "manifests" || target.method !== "GET" || target.tag === undefined) return false;
    const links = [...registry.manifests]
      .filter(([key]) => key.startsWith(`${target.name}@`))
      .map(([, { type, bytes }]) => readManifestLinks({ bytes, mediaType: type, digest: digestOf(bytes) }));
    for (const subject of new Set(links.map((one) => one.subject).filter((one) => one !== undefined))) {
      if (fallbackTag(subject) !== target.tag) continue;
      const manifests = links.filter((one) => one.subject === subject).map((one) => one.referrer);
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }));
      registry.manifests.set(`${target.name}@${digestOf(bytes)}`, { type: INDEX, bytes });
      registry.tags.set(`${target.name}:${target.tag}`, digestOf(bytes));
    }
    return false;
  };

/** A list of referrers that says neither what they are nor what is noted on them. */
const listsWithoutTypes =
  (registry: FaultRegistry): Habit =>
  (request, response) => {
    const target = targetOf(request);
    if (target?.kind !== "referrers") return false;
    const manifests = [...registry.manifests]
      .filter(([key]) => key.startsWith(`${target.name}@`))
      .map(([, { type, bytes }]) => readManifestLinks({ bytes, mediaType: type, digest: digestOf(bytes) }))
      .filter((one) => one.subject === (target.rest as Digest))
      .map(({ referrer: { mediaType, digest, size } }) => ({ mediaType, digest, size }));
    const body = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
    return reply(response, { headers: { "content-type": INDEX }, body });
  };

const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const LAYERS = "prod-eu-central-1-starport-layer-bucket.s3.eu-central-1.amazonaws.com";
const ecr = {
  host: ECR,
  hosts: [ECR, LAYERS],
  credential: { kind: "password", username: "AWS", password: "eyJ" } satisfies Credential,
} as const;
const ecrGate = passwordGate(`Basic realm="https://${ECR}/",service="ecr.amazonaws.com"`, "AWS", "eyJ");

const oldQuay = {
  source: "sigstore/cosign#1645",
  host: "quay.io",
  referrers: false,
  make: (): Habit => (request, response) => {
    const target = targetOf(request);
    if (target?.kind !== "manifests" || target.method !== "PUT") return false;
    if (request.headers["content-type"]?.includes("docker") === true) return false;
    const message = "manifest invalid; failed to parse manifest: manifest data does not match schema";
    return refuse(response, 400, "MANIFEST_INVALID", message);
  },
} as const;

export const CLOUDS: readonly Quirk[] = [
  {
    ...google,
    registry: "Google Artifact Registry",
    does: "lists referrers, and writes the fallback tag by itself; relative redirects to its blobs",
    follows: "the API is used, and no tag is written",
    source: "notaryproject/notation#1222, sonatype/nexus-public#1061",
    make: (registry) => inTurn(googleGate(registry), writesFallbackTags(registry), keepsBlobsAt(registry, undefined)),
  },
  {
    ...google,
    registry: "Google Artifact Registry until 2023",
    does: "redirects the referrers API to a page that asks people to sign in",
    follows: "no API where the fallback tag lists something; else `REGISTRY_PROTOCOL`, since the page may hide a list",
    source: "awslabs/soci-snapshotter#512",
    hosts: [GOOGLE, "accounts.google.com"],
    referrers: false,
    make: (registry) =>
      inTurn(
        (request, response) => {
          if (request.headers.host !== "accounts.google.com") return false;
          const headers = { "content-type": "text/html; charset=utf-8" };
          return reply(response, { headers, body: "<html>Sign in</html>" });
        },
        googleGate(registry),
        (request, response) =>
          targetOf(request)?.kind === "referrers" &&
          reply(response, { status: 302, headers: { location: "https://accounts.google.com/v3/signin/identifier" } }),
      ),
  },
  {
    ...google,
    registry: "Google Container Registry",
    does: "keeps a manifest that a tag names: 400 `GOOGLE_MANIFEST_DANGLING_TAG` for its delete",
    follows: "`REGISTRY_REFUSED` with the registry's words",
    source: "fluxcd/pkg#328",
    make: (registry) =>
      inTurn(googleGate(registry), (request, response) => {
        const target = targetOf(request);
        if (target?.method !== "DELETE" || target.kind !== "manifests" || target.tag !== undefined) return false;
        if (![...registry.tags.values()].includes(target.rest)) return false;
        const message = "Manifest is still referenced by one or more tags";
        return refuse(response, 400, "GOOGLE_MANIFEST_DANGLING_TAG", message);
      }),
  },
  {
    registry: "Azure Container Registry",
    does: "sells access tokens for a refresh token (POST); its lists of referrers lack the type",
    follows: "the token is spent at `/oauth2/token` and never sent to `/v2/`; papers without a type are looked at",
    source: "Azure/acr docs/AAD-OAuth.md, Azure/acr#784",
    host: "acme.azurecr.io",
    credential: { kind: "refresh", token: "acr-refresh" },
    make: (registry) =>
      inTurn(
        tokenGate(registry, {
          realm: "https://acme.azurecr.io/oauth2/token",
          service: "acme.azurecr.io",
          sells: ({ form }) =>
            form.get("grant_type") === "refresh_token" &&
            form.get("refresh_token") === "acr-refresh" &&
            form.get("service") === "acme.azurecr.io"
              ? true
              : 401,
        }),
        listsWithoutTypes(registry),
      ),
  },
  {
    registry: "Quay until 3.11",
    does: "its lists of referrers lack types and annotations",
    follows: "papers without a type are looked at",
    source: "quay/quay#3047",
    host: "quay.io",
    make: listsWithoutTypes,
  },
  {
    ...oldQuay,
    registry: "Quay before 3.6, others",
    does: "refuse OCI's media types: 400 `MANIFEST_INVALID`",
    follows: "`REGISTRY_REFUSED` with the registry's words; use `COSIGN_DOCKER_MEDIA_TYPES=1 --storage legacy`",
  },
  {
    ...oldQuay,
    registry: "the same, with `COSIGN_DOCKER_MEDIA_TYPES=1`",
    does: "takes docker's media types",
    follows: "the `.sig` tag is written; bundles have no such form",
    papers: { legacyTypes: "docker" },
  },
  {
    ...ecr,
    registry: "ECR",
    does: "a password for everything, blobs in S3, mounts only what a manifest of the source names (202)",
    follows: "no credential follows to S3; a mount that opens an upload is given back, and the blob sent",
    source: "open-policy-agent/opa#6728, aws/containers-roadmap#2860",
    make: (registry) => inTurn(ecrGate, keepsBlobsAt(registry, LAYERS)),
  },
  {
    ...ecr,
    registry: "ECR until 2021",
    does: "404 for the delete of what is there",
    follows: "`REGISTRY_REFUSED`: what still answers was not absent",
    source: "aws/containers-roadmap#1229, fluxcd/pkg#328",
    make: () => inTurn(ecrGate, deletesNothing(404)),
  },
  {
    ...ecr,
    registry: "ECR, immutable tags",
    does: "400 `TAG_INVALID ... cannot be overwritten`",
    follows: "`TAG_IMMUTABLE` for a second signature; exclude `sha256-*` from the rule, or `--storage bundle`",
    source: "moby/buildkit#3776",
    make: (registry) =>
      inTurn(ecrGate, (request, response) => {
        const target = targetOf(request);
        if (target?.method !== "PUT" || target.tag === undefined) return false;
        if (!registry.tags.has(`${target.name}:${target.tag}`)) return false;
        const message = `The image tag '${target.tag}' already exists in the '${target.name}' repository and cannot be overwritten because the repository is immutable.`;
        return refuse(response, 400, "TAG_INVALID", message);
      }),
  },
  {
    ...ecr,
    registry: "ECR, at times",
    does: "answers with `OCI-Subject` without listing referrers",
    follows: "the header is no proof: the list is asked for, and the fallback tag is written where there is none",
    source: "sigstore/sigstore-js packages/oci/src/registry.ts",
    referrers: false,
    make: () =>
      inTurn(ecrGate, (_request, response) => {
        response.setHeader("oci-subject", "sha256:0000000000000000000000000000000000000000000000000000000000000000");
        return false;
      }),
  },
];
