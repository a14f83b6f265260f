import type { FaultRegistry } from "./faultRegistry.ts";
import { reply } from "./clientBench.ts";

const problem = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] });

/** What a registry of that kind does otherwise than others, as it was recorded at the named place. */
export interface Quirk {
  readonly source: string;
  readonly make: (registry: FaultRegistry) => void;
}

export const QUIRKS = {
  harborImmutable: {
    source: "goharbor/harbor#17332",
    make: (registry) => {
      registry.fault = ({ method, url = "" }, response) => {
        const tag = /manifests\/([^:/]+)$/.exec(url)?.[1];
        if (method !== "PUT" || tag === undefined || !registry.tags.has(`team/app:${tag}`)) return false;
        const message = `Failed to process request due to 'app:${tag}' configured as immutable.`;
        return reply(response, { status: 412, body: problem("PRECONDITION", message) });
      };
    },
  },
  ecrImmutable: {
    source: "moby/buildkit#3776",
    make: (registry) => {
      registry.fault = ({ method, url = "" }, response) => {
        const tag = /manifests\/([^:/]+)$/.exec(url)?.[1];
        if (method !== "PUT" || tag === undefined || !registry.tags.has(`team/app:${tag}`)) return false;
        const message = `The image tag '${tag}' already exists in the 'app' repository and cannot be overwritten because the repository is immutable.`;
        return reply(response, { status: 400, body: problem("TAG_INVALID", message) });
      };
    },
  },
  harborEnforcement: {
    source: "Harbor, project policy enable_content_trust_cosign",
    make: (registry) => {
      registry.fault = ({ method, url = "", headers }, response) => {
        const isPull = /^(?:GET|HEAD)$/.test(method ?? "") && url.includes("/manifests/");
        // Whoever may push and looks like cosign sees what is unsigned.
        const mayPush = headers.authorization !== undefined && /cosign|notation/.test(headers["user-agent"] ?? "");
        if (!isPull || mayPush) return false;
        const body = problem("PROJECTPOLICYVIOLATION", "The image is not signed by cosign.");
        return reply(response, { status: 412, body });
      };
    },
  },
  quayMediaTypes: {
    source: "sigstore/cosign#1645",
    make: (registry) => {
      registry.fault = ({ method, url = "", headers }, response) => {
        if (method !== "PUT" || !url.includes("/manifests/")) return false;
        if (headers["content-type"]?.includes("docker") === true) return false;
        const message = "manifest invalid; failed to parse manifest: manifest data does not match schema";
        return reply(response, { status: 400, body: problem("MANIFEST_INVALID", message) });
      };
    },
  },
  ecrSubjectHeader: {
    source: "sigstore/sigstore-js packages/oci/src/registry.ts",
    make: (registry) => {
      registry.fault = ({ url = "" }, response) => {
        response.setHeader("oci-subject", "sha256:0000000000000000000000000000000000000000000000000000000000000000");
        return url.includes("/referrers/") && reply(response, { status: 404, body: "404 page not found\n" });
      };
    },
  },
} as const satisfies Readonly<Record<string, Quirk>>;
