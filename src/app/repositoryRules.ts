import { WaybillError } from "#core/errors.ts";
import { escapePattern, pathPattern } from "#core/pathPattern.ts";
import { parseReference } from "#core/reference.ts";

/** Which repositories the service works on. */
export interface RepositoryRules {
  /** Whether a tenant's images may be in a repository, `host/path` in canonical form. */
  readonly allows: (tenant: string, repository: string) => boolean;
  /** The registries named, canonical, each once. */
  readonly hosts: readonly string[];
}

// Cloud metadata services live there, and nobody's registry.
const LINK_LOCAL = /^(?:169\.254\.\d+\.\d+|\[?fe[89ab][0-9a-f]:)/i;
const TENANT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Rules out of `GLOB` (for the tenant `default`) or `TENANT=GLOB`: a host as it is written in references, and a path in
 * which `*` stands for a part of one segment and `**` for any number of segments. The host has no wildcards: who may choose
 * it would choose whom the service talks to. USAGE_INVALID naming the rule.
 */
export const repositoryRules = (texts: readonly string[]): RepositoryRules => {
  const rules = texts.map(readRule);
  return {
    allows: (tenant, repository) => rules.some((rule) => rule.tenant === tenant && rule.pattern.test(repository)),
    hosts: [...new Set(rules.map(({ host }) => host))],
  };
};

interface Rule {
  readonly tenant: string;
  readonly host: string;
  readonly pattern: RegExp;
}

const readRule = (text: string): Rule => {
  const [, tenant = "default", glob = ""] = /^(?:([^=/]+)=)?(.*)$/s.exec(text) ?? [];
  if (!TENANT.test(tenant)) throw invalid(text, `${JSON.stringify(tenant.slice(0, 80))} is no tenant's name`);
  const slash = glob.indexOf("/");
  const host = glob.slice(0, Math.max(0, slash));
  const path = glob.slice(slash + 1);
  if (slash < 1 || path === "") throw invalid(text, "it is not of the form HOST/PATH");
  if (host.includes("*")) throw invalid(text, "the host must be written out");
  if (LINK_LOCAL.test(host)) throw invalid(text, "link-local addresses are never spoken to");
  const canonical = canonicalHost(host, text);
  const pattern = new RegExp(`^${escapePattern(canonical)}/${pathPattern(path)}$`);
  return { tenant, host: canonical, pattern };
};

/** As references write it: lower case, one name for Docker Hub. */
const canonicalHost = (host: string, text: string): string => {
  // A first part without dot and port is a part of a Docker Hub name.
  const reference = /[.:]|^localhost$/.test(host) ? parsed(`${host}/x`) : undefined;
  if (reference === undefined) throw invalid(text, `${JSON.stringify(host.slice(0, 120))} is no registry's host`);
  return reference;
};

const parsed = (text: string): string | undefined => {
  try {
    const reference = parseReference(text);
    return reference.kind === "registry" ? reference.registry : undefined;
  } catch {
    return undefined;
  }
};

const invalid = (text: string, why: string): WaybillError =>
  new WaybillError("USAGE_INVALID", `--repositories ${JSON.stringify(text.slice(0, 160))}: ${why}`, {
    hint: "Write a host and a path such as registry.example/builds/**, or TENANT=registry.example/team/**.",
  });
