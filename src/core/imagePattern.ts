import { WaybillError } from "#core/errors.ts";
import { escapePattern, pathPattern } from "#core/pathPattern.ts";
import { parseReference, repositoryName } from "#core/reference.ts";
import type { Reference } from "#core/reference.ts";

/** A set of repositories. */
export interface ImagePattern {
  /** As it was written. */
  readonly text: string;
  /** Tag and digest do not matter. An image in a layout has no name, so no pattern knows it. */
  readonly matches: (reference: Reference) => boolean;
}

const MAX_LENGTH = 255;
// Each one more multiplies what a name costs that nearly matches.
const MAX_STARS = 8;
const PATH = /^[a-z0-9._*/-]+$/;

/**
 * Reads `HOST/PATH`, compared with the canonical form of references (docker.io/library/alpine for `alpine`): in the path `*`
 * stands for a part of one segment and `**` for any number of segments; a host is written out, or begins with `*.` for all
 * names below it. Throws REFERENCE_INVALID.
 */
export const parseImagePattern = (text: string): ImagePattern => {
  const slash = text.indexOf("/");
  const [host, path] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  if (host === "" || path === "") throw invalid(text, "it is not of the form HOST/PATH");
  if (text.length > MAX_LENGTH) throw invalid(text, `it is longer than ${MAX_LENGTH} characters`);
  if (!PATH.test(path) || path.split("/").includes("")) {
    throw invalid(text, "a path is lower-case letters, digits and . _ - / besides * and **");
  }
  if (path.split("/").some((segment) => segment.includes("**") && segment !== "**")) {
    throw invalid(text, "** stands for whole segments; within one, write *");
  }
  if (path.split("*").length - 1 > MAX_STARS) throw invalid(text, `more than ${MAX_STARS} stars in a path`);
  const expression = new RegExp(`^${hostPattern(host, path, text)}/${pathPattern(path)}$`);
  return {
    text,
    matches: (reference) => reference.kind === "registry" && expression.test(repositoryName(reference)),
  };
};

const hostPattern = (host: string, path: string, whole: string): string => {
  const below = host.startsWith("*.");
  const named = below ? host.slice(2) : host;
  if (named.includes("*")) throw invalid(whole, "a host is written out, or begins with *.");
  // What one name below it is in canonical form, of which that name is cut off again.
  const registry = below ? canonicalHost(`x.${named}`)?.slice(2) : canonicalHost(named);
  if (registry === undefined) throw invalid(whole, `${JSON.stringify(host)} is no registry's host`);
  if (!below && registry === "docker.io" && !path.includes("/") && path !== "**") {
    throw invalid(whole, `on Docker Hub that is docker.io/library/${path}`);
  }
  return `${below ? "(?:[a-z0-9-]+\\.)+" : ""}${escapePattern(registry)}`;
};

/** As references have it: lower case, one name for Docker Hub. */
const canonicalHost = (host: string): string | undefined => {
  // Without dot and port it would be a part of a name on Docker Hub.
  if (!/[.:]|^localhost$/i.test(host)) return undefined;
  try {
    const reference = parseReference(`${host}/x/x`);
    return reference.kind === "registry" ? reference.registry : undefined;
  } catch {
    return undefined;
  }
};

const invalid = (text: string, why: string): WaybillError =>
  new WaybillError("REFERENCE_INVALID", `${JSON.stringify(text.slice(0, 160))}: ${why}`, {
    hint: "Write a host and a path such as registry.example/prod/**, where * is part of one segment and ** any number.",
  });
