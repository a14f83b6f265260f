import { parseDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";

/** An image in a registry. `registry` is the canonical host[:port] (`docker.io` for Docker Hub), lower case. */
export interface RegistryReference {
  readonly kind: "registry";
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: Digest | undefined;
}

/** An image in an OCI layout, a directory or an archive of one: `oci:PATH[:TAG|@DIGEST]`. */
export interface LayoutReference {
  readonly kind: "layout";
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: Digest | undefined;
}

export type Reference = RegistryReference | LayoutReference;

/** OCI distribution-spec 1.1, "Pulling manifests": the grammar of tags and of repository names. */
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const IPV6_HOST = /^(\[[0-9a-f:]+(?:\.[0-9.]+)?\])(?::([0-9]+))?$/;
// 255 is the limit that docker's reference grammar puts on registry and repository together.
const MAX_NAME = 255;
const HUB_NAMES: ReadonlySet<string> = new Set([
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
  "registry.hub.docker.com",
]);

/** The one parser of references (attacks 7 to 9): match, fetch and patch all read its result. Throws REFERENCE_INVALID. */
export const parseReference = (text: string): Reference => {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007f]/.test(text)) throw invalid(text, "it holds a blank or a control character");
  if (/^[a-z]+:\/\//i.test(text)) throw invalid(text, "a reference has no scheme; begin with the registry's name");
  return text.startsWith("oci:") ? parseLayout(text) : parseRegistry(text);
};

/** A reference as people write it; parses back to the same value. */
export const formatReference = (reference: Reference): string => {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  const name = reference.kind === "layout" ? `oci:${reference.path}` : repositoryName(reference);
  return `${name}${tag}${digest}`;
};

/** Registry and repository, without tag and digest. */
export const repositoryName = (reference: RegistryReference): string => `${reference.registry}/${reference.repository}`;

/** The name that goes into `docker-reference` and statement subjects: as cosign spells it, Docker Hub as index.docker.io. */
export const signedName = (reference: Reference): string => {
  // A layout has no name that means anything elsewhere; its path would leak this machine into signed bytes.
  if (reference.kind === "layout") return "oci-layout";
  const host = reference.registry === "docker.io" ? "index.docker.io" : reference.registry;
  return `${host}/${reference.repository}`;
};

/** Host[:port] to which requests go. */
export const apiHost = (registry: string): string => (registry === "docker.io" ? "registry-1.docker.io" : registry);

/** The same image by digest alone. */
export const atDigest = <R extends Reference>(reference: R, digest: Digest): R => ({
  ...reference,
  tag: undefined,
  digest,
});

/** True for a tag that the distribution-spec allows. */
export const isTag = (text: string): boolean => TAG.test(text);

/** True for a repository name that the distribution-spec allows. */
export const isRepository = (text: string): boolean => text.length <= MAX_NAME && REPOSITORY.test(text);

const parseRegistry = (text: string): RegistryReference => {
  const { rest, digest } = splitDigest(text, text);
  const slash = rest.indexOf("/");
  const first = slash === -1 ? "" : rest.slice(0, slash);
  // Docker's rule: the first part is a host if it has a dot or a port, or is localhost. Hosts compare without case.
  const named = slash !== -1 && (/[.:]/.test(first) || first.toLowerCase() === "localhost");
  const path = named ? rest.slice(slash + 1) : rest;
  const { name, tag } = splitTag(path, text);
  const registry = named ? parseHost(first, text) : "docker.io";
  const repository = registry === "docker.io" && !name.includes("/") ? `library/${name}` : name;
  if (!isRepository(repository)) {
    const hint =
      repository === repository.toLowerCase()
        ? "a repository is lower-case letters, digits and . _ - / between them"
        : "a repository name is lower case";
    throw invalid(text, hint);
  }
  if (registry.length + repository.length > MAX_NAME)
    throw invalid(text, `the name is longer than ${MAX_NAME} characters`);
  return { kind: "registry", registry, repository, tag, digest };
};

const parseLayout = (text: string): LayoutReference => {
  const { rest, digest } = splitDigest(text.slice(4), text);
  const { name, tag } = splitTag(rest, text);
  if (name === "") throw invalid(text, "oci: must be followed by a path");
  return { kind: "layout", path: name, tag, digest };
};

const splitDigest = (text: string, whole: string): { rest: string; digest: Digest | undefined } => {
  const at = text.indexOf("@");
  if (at === -1) return { rest: text, digest: undefined };
  try {
    return { rest: text.slice(0, at), digest: parseDigest(text.slice(at + 1)) };
  } catch (cause) {
    throw new WaybillError("REFERENCE_INVALID", `${quote(whole)}: what follows the @ is not a digest`, {
      cause,
      hint: "A digest is sha256: and 64 lower-case hex digits (or sha512: and 128).",
    });
  }
};

const splitTag = (text: string, whole: string): { name: string; tag: string | undefined } => {
  const colon = text.lastIndexOf(":");
  if (colon === -1 || text.indexOf("/", colon) !== -1) return { name: text, tag: undefined };
  const tag = text.slice(colon + 1);
  if (!isTag(tag)) throw invalid(whole, "a tag is 1 to 128 letters, digits and . _ - and does not begin with . or -");
  return { name: text.slice(0, colon), tag };
};

const parseHost = (host: string, whole: string): string => {
  const lower = host.toLowerCase();
  if (lower.startsWith("[")) return parseAddress(lower, whole);
  const [name = "", port, more] = lower.split(":");
  const labels = name.split(".");
  // ASCII labels only: no trailing dot, no IDN that looks like another host (attack 9).
  if (more !== undefined || !labels.every((label) => HOST_LABEL.test(label)))
    throw invalid(whole, `${quote(host)} is not a host name`);
  if (port !== undefined && !isPort(port)) throw invalid(whole, `${quote(port)} is not a port`);
  return HUB_NAMES.has(lower) ? "docker.io" : lower;
};

/** An IPv6 address has many spellings; names are compared as texts, so all become the one of RFC 5952. */
const parseAddress = (host: string, whole: string): string => {
  const [, address = "", port] = IPV6_HOST.exec(host) ?? [];
  const url = URL.parse(`http://${address}/`);
  if (address === "" || url === null) throw invalid(whole, `${quote(host)} is not an IPv6 address`);
  if (port !== undefined && !isPort(port)) throw invalid(whole, `${quote(port)} is not a port`);
  return port === undefined ? url.hostname : `${url.hostname}:${port}`;
};

const isPort = (text: string): boolean => /^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65_535;

const quote = (text: string): string => JSON.stringify(text.slice(0, 300));

const invalid = (text: string, reason: string): WaybillError =>
  new WaybillError("REFERENCE_INVALID", `${quote(text)}: ${reason}`);
