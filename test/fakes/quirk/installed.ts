import type { Credential } from "#registry/client/credentials.ts";
import { passwordGate, tokenGate } from "./gates.ts";
import { inTurn, refuse, targetOf } from "./quirk.ts";
import type { Quirk } from "./quirk.ts";

const credential: Credential = { kind: "password", username: "ann", password: "secret" };
const basic = passwordGate('Basic realm="here"', "ann", "secret");
const harbor = { host: "harbor.example", credential } as const;

/** Registries that people run themselves. */
export const INSTALLED: readonly Quirk[] = [
  {
    ...harbor,
    registry: "Harbor, cosign enforced",
    does: "shows unsigned images to nobody but to whoever may push and looks like cosign or notation",
    follows: "the User-Agent begins with `cosign/compatible`; without the right to push the error names the policy",
    source: "goharbor/harbor, project policy `enable_content_trust_cosign`",
    make: () =>
      inTurn(basic, (request, response) => {
        const target = targetOf(request);
        if (target?.kind !== "manifests" || !/^(?:GET|HEAD)$/.test(target.method)) return false;
        if (/cosign|notation/.test(request.headers["user-agent"] ?? "")) return false;
        return refuse(response, 412, "PROJECTPOLICYVIOLATION", "The image is not signed by cosign.");
      }),
  },
  {
    ...harbor,
    registry: "Harbor, cosign enforced, for who may only pull",
    does: "412 `PROJECTPOLICYVIOLATION` for unsigned images",
    follows: "`REGISTRY_REFUSED`, and the hint says what it needs",
    source: "goharbor/harbor, project policy `enable_content_trust_cosign`",
    make: () =>
      inTurn(basic, (request, response) => {
        const target = targetOf(request);
        if (target?.kind !== "manifests" || !/^(?:GET|HEAD)$/.test(target.method)) return false;
        return refuse(response, 412, "PROJECTPOLICYVIOLATION", "The image is not signed by cosign.");
      }),
  },
  {
    ...harbor,
    registry: "Harbor, immutable tags",
    does: "412 `configured as immutable`",
    follows: "`TAG_IMMUTABLE` for a second signature; exclude `sha256-*` from the rule, or `--storage bundle`",
    source: "goharbor/harbor#17332",
    make: (registry) =>
      inTurn(basic, (request, response) => {
        const target = targetOf(request);
        if (target?.method !== "PUT" || target.tag === undefined) return false;
        if (!registry.tags.has(`${target.name}:${target.tag}`)) return false;
        const message = `Failed to process request due to 'app:${target.tag}' configured as immutable.`;
        return refuse(response, 412, "PRECONDITION", message);
      }),
  },
  {
    ...harbor,
    registry: "Harbor, mounts",
    does: "401 for a mount from a project that is not there",
    follows: "the blob is sent, with the credential as before",
    source: "goharbor/harbor#17097",
    make: () =>
      inTurn(basic, (request, response) => {
        if (targetOf(request)?.searchParams.has("mount") !== true) return false;
        return refuse(response, 401, "UNAUTHORIZED", "project team not found: project team not found");
      }),
  },
  {
    registry: "Artifactory",
    does: "403 for a tag that is not there, at times",
    follows: "`AUTH_DENIED`: a 403 is never taken for absence",
    source: "sigstore/cosign#2973",
    host: "artifactory.example",
    credential,
    make: (registry) =>
      inTurn(basic, (request, response) => {
        const target = targetOf(request);
        if (target?.kind !== "manifests" || target.method !== "GET" || target.tag === undefined) return false;
        if (registry.tags.has(`${target.name}:${target.tag}`)) return false;
        return refuse(response, 403, "UNAUTHORIZED", "The client does not have permission for manifest");
      }),
  },
  {
    registry: "Nexus",
    does: "411 for a manifest without a length; no referrers API",
    follows: "every manifest is sent with its length; the fallback tag",
    source: "sonatype/nexus-public#1040",
    host: "nexus.example",
    referrers: false,
    credential,
    make: () =>
      inTurn(basic, (request, response) => {
        const target = targetOf(request);
        if (target?.kind !== "manifests" || target.method !== "PUT") return false;
        if (request.headers["content-length"] !== undefined) return false;
        return refuse(response, 411, "MANIFEST_INVALID", "manifest upload requires Content-Length");
      }),
  },
  {
    registry: "Nexus 3.77, behind a proxy",
    does: "names `null://HOST/v2/token` as the place to get a token",
    follows: "`REGISTRY_PROTOCOL`, which quotes it",
    source: "sonatype/nexus-public#580",
    host: "nexus.example",
    credential,
    make: (registry) => tokenGate(registry, { realm: "null://nexus.example/v2/token", service: "nexus.example" }),
  },
];
