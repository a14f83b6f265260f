import type { Access, Repositories, Repository } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Descriptor, Platform } from "#core/descriptor.ts";
import { digestAlgorithm } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError } from "#core/errors.ts";
import { manifestDescriptor, parseManifest } from "#core/manifest.ts";
import type { IndexManifest, Manifest, RawManifest } from "#core/manifest.ts";
import { formatReference } from "#core/reference.ts";
import type { Reference } from "#core/reference.ts";

/** An image whose name was resolved exactly once; everything after speaks of this digest (attacks 1 to 3). */
export interface ResolvedImage {
  readonly reference: Reference;
  readonly repository: Repository;
  readonly digest: Digest;
  readonly descriptor: Descriptor;
  readonly raw: RawManifest;
  readonly manifest: Manifest;
}

export interface ResolveInput {
  readonly reference: Reference;
  readonly access: Access;
  /** `os/arch[/variant]`: picks that child of an index. */
  readonly platform?: string | undefined;
}

/** Resolves a reference to its manifest. NOT_FOUND when the store says so; an image that cannot be parsed is refused. */
export const resolveImage =
  (deps: { readonly repositories: Repositories }) =>
  async (ctx: Ctx, input: ResolveInput): Promise<ResolvedImage> => {
    const repository = await deps.repositories.open(ctx, input.reference, input.access);
    const name = input.reference.digest ?? input.reference.tag ?? (await defaultTag(ctx, input.reference, repository));
    const image = await readImage(ctx, repository, input.reference, name);
    if (input.platform === undefined) return image;
    if (image.manifest.kind === "image") return image;
    const child = pickPlatform(image.manifest, input.platform, formatReference(input.reference));
    return readChild(ctx, image, child);
  };

/** The child of an index, read by its digest; what the index says of it must be so (attack 7). INPUT_INVALID, SIZE_*. */
export const readChild = async (ctx: Ctx, parent: ResolvedImage, child: Descriptor): Promise<ResolvedImage> => {
  const image = await readImage(ctx, parent.repository, parent.reference, child.digest);
  const { mediaType, size } = image.descriptor;
  if (mediaType !== child.mediaType) {
    throw new WaybillError(
      "INPUT_INVALID",
      `the index ${parent.digest} says that ${child.digest} is of type ${JSON.stringify(child.mediaType.slice(0, 120))}, it is ${mediaType}`,
    );
  }
  if (size !== child.size) {
    throw new WaybillError(
      size < child.size ? "SIZE_SHORT" : "SIZE_LONG",
      `the index ${parent.digest} says that ${child.digest} has ${child.size} bytes, it has ${size}`,
    );
  }
  return image;
};

const readImage = async (
  ctx: Ctx,
  repository: Repository,
  reference: Reference,
  name: string | Digest,
): Promise<ResolvedImage> => {
  const raw = await repository.readManifest(ctx, name);
  if (raw === undefined) {
    throw new WaybillError(
      "NOT_FOUND",
      `${repository.name} has no ${name.includes(":") ? "manifest" : "tag"} ${name}`,
      {
        hint: "Check the name and the tag; list the tags of the repository to see what is there.",
      },
    );
  }
  const manifest = parseManifest(raw);
  return { reference, repository, digest: raw.digest, descriptor: manifestDescriptor(raw), raw, manifest };
};

/** Tags of papers (cosign.md 1.1) and fallback indexes (distribution-spec): they name no image. */
const PAPER_TAG = /^sha(?:256|512)-[0-9a-f]+(?:\.[a-z]+)?$/;

/**
 * Papers name and are found by sha256: cosign's tags, payloads and readers know nothing else. INPUT_INVALID for an image
 * that was asked for by another algorithm.
 */
export const demandSha256 = (digest: Digest): void => {
  if (digestAlgorithm(digest) === "sha256") return;
  throw new WaybillError("INPUT_INVALID", `${digest}: papers are kept for sha256 digests only`, {
    hint: "Name the image by its tag or by its sha256 digest.",
  });
};

/** Docker's rule for registries; a layout has no such habit, so only an unambiguous content is taken. */
const defaultTag = async (ctx: Ctx, reference: Reference, repository: Repository): Promise<string> => {
  if (reference.kind === "registry") return "latest";
  const tags = (await repository.listTags(ctx)).filter((tag) => !PAPER_TAG.test(tag));
  const [only] = tags;
  if (tags.length === 1 && only !== undefined) return only;
  if (tags.includes("latest")) return "latest";
  throw new WaybillError("USAGE_INVALID", `${repository.name} holds ${tags.length} tags; name one`, {
    hint:
      tags.length === 0
        ? "Give a digest: oci:PATH@sha256:HEX."
        : `Tags: ${tags.slice(0, 10).join(", ")}${tags.length > 10 ? ", ..." : ""}`,
  });
};

/** BuildKit hangs its provenance and SBOM into the index as children of platform unknown/unknown; they are no images. */
export const isAttestationChild = (child: Descriptor): boolean =>
  child.annotations?.["vnd.docker.reference.type"] === "attestation-manifest" ||
  (child.platform?.os === "unknown" && child.platform.architecture === "unknown");

/** Exact match of os, architecture and, where asked for, variant; never a guess. Throws NOT_FOUND or USAGE_INVALID. */
const pickPlatform = (index: IndexManifest, wanted: string, name: string): Descriptor => {
  const [os, architecture, variant, more] = wanted.split("/");
  if (os === undefined || os === "" || architecture === undefined || architecture === "" || more !== undefined) {
    throw new WaybillError("USAGE_INVALID", `--platform ${wanted}: write os/architecture or os/architecture/variant`);
  }
  const images = index.manifests.filter((child) => !isAttestationChild(child));
  const fits = images.filter(
    ({ platform }) =>
      platform?.os === os &&
      platform.architecture === architecture &&
      (variant === undefined || platform.variant === variant),
  );
  const [only] = fits;
  if (fits.length === 1 && only !== undefined) return only;
  const there = images.map(({ platform }) => formatPlatform(platform)).join(", ");
  if (fits.length === 0)
    throw new WaybillError("NOT_FOUND", `${name} has no image for ${wanted}`, { hint: `It has: ${there}` });
  throw new WaybillError("USAGE_INVALID", `${name} has ${fits.length} images for ${wanted}`, {
    hint: `It has: ${there}; name a digest.`,
  });
};

/** `os/arch[/variant]`. */
export const formatPlatform = (platform: Platform | undefined): string =>
  platform === undefined
    ? "unknown"
    : [platform.os, platform.architecture, ...(platform.variant === undefined ? [] : [platform.variant])].join("/");
