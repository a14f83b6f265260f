import { isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { isJsonObject } from "#core/strictJson.ts";
import { readLifecycle } from "#sbom/embedded/readLifecycle.ts";

/** The image that another one was built on. */
export interface BaseImage {
  /** Who says so: the user, and the layers agree; the buildpacks lifecycle's label; annotations of the image. */
  readonly source: "given" | "buildpacks" | "annotations";
  readonly name?: string | undefined;
  readonly digest?: Digest | undefined;
  /** How many of the image's layers, from the lowest on, are the base's; undefined where nothing says it. */
  readonly layers: number | undefined;
}

/** Where an image may say what it was built on. */
export interface BaseHints {
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly diffIds: readonly Digest[];
}

// A name of a registry, a repository and a tag.
const MAX_NAME = 500;

/**
 * What an image itself says of its base: the buildpacks label names the topmost layer of the run image, the annotations
 * `org.opencontainers.image.base.*` (OCI image-spec, "Pre-Defined Annotation Keys"; or labels of these names) a name and a
 * digest, but no layer. What history commands look like is no evidence: undefined where nothing is said.
 */
export const findBase = ({ annotations, labels, diffIds }: BaseHints): BaseImage | undefined => {
  const run = readLifecycle(labels)?.["runImage"];
  const top = isJsonObject(run) ? run["topLayer"] : undefined;
  const at = diffIds.findIndex((diffId) => diffId === top);
  if (at >= 0 && isJsonObject(run)) {
    const reference = textOf(run["reference"]);
    return { source: "buildpacks", name: textOf(run["image"]), digest: digestIn(reference), layers: at + 1 };
  }
  const stated = (key: string): string | undefined =>
    textOf(own(annotations, `org.opencontainers.image.base.${key}`)) ??
    textOf(own(labels, `org.opencontainers.image.base.${key}`));
  const [name, digest] = [stated("name"), digestIn(stated("digest"))];
  return name === undefined && digest === undefined
    ? undefined
    : { source: "annotations", name, digest, layers: undefined };
};

const own = (values: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(values, key) ? values[key] : undefined;

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" && value.length <= MAX_NAME ? value : undefined;

/** A digest, alone or at the end of a name. */
const digestIn = (text: string | undefined): Digest | undefined => {
  const digest = text?.slice(text.lastIndexOf("@") + 1);
  return isDigest(digest) ? digest : undefined;
};
