import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "./rawRegistry.ts";

interface Entry {
  readonly mediaType: string;
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Content {
  readonly blobs: Map<string, Buffer>;
  /** Digest to media type. */
  readonly manifests: Map<string, string>;
  readonly tags: Map<string, string>;
}

/** What the JSON of a manifest may say; a bent one says anything. */
interface Links {
  readonly artifactType?: string;
  readonly subject?: { readonly digest?: string } | null;
  readonly config?: { readonly digest?: string; readonly mediaType?: string } | null;
  readonly layers?: readonly { readonly digest?: string }[] | null;
  readonly manifests?: readonly { readonly digest?: string }[] | null;
}

const REF_NAME = "org.opencontainers.image.ref.name";
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";

/**
 * Writes an OCI layout into docker-registry's storage before it starts, as repository `name`. No push: a layout may hold
 * blobs that are damaged or missing on purpose, and a registry would refuse them. That registry has no referrers API, so
 * every subject gets the fallback tag, unless the layout has brought its own.
 */
export const seedDistribution = (storage: string, name: string, layout: string): void => {
  const content = loadLayout(layout);
  addFallbackTags(content);
  const v2 = join(storage, "docker/registry/v2");
  const home = join(v2, "repositories", name);
  for (const digest of reachable(content)) {
    const hex = digest.slice("sha256:".length);
    const folder = join(v2, "blobs/sha256", hex.slice(0, 2), hex);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "data"), content.blobs.get(digest) ?? "");
    writeLink(
      join(home, content.manifests.has(digest) ? "_manifests/revisions/sha256" : "_layers/sha256", hex),
      digest,
    );
  }
  for (const [tag, digest] of content.tags) {
    writeLink(join(home, "_manifests/tags", tag, "current"), digest);
    writeLink(join(home, "_manifests/tags", tag, "index/sha256", digest.slice("sha256:".length)), digest);
  }
};

const writeLink = (folder: string, digest: string): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "link"), digest);
};

const loadLayout = (layout: string): Content => {
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as {
    readonly manifests: readonly Entry[];
  };
  const content: Content = { blobs: new Map(), manifests: new Map(), tags: new Map() };
  for (const entry of index.manifests) {
    content.manifests.set(entry.digest, entry.mediaType);
    takeBlob(content, layout, entry.digest);
    const tag = entry.annotations?.[REF_NAME];
    if (tag !== undefined) content.tags.set(tag, entry.digest);
    for (const digest of childrenOf(content, entry.digest)) takeBlob(content, layout, digest);
  }
  return content;
};

const takeBlob = (content: Content, layout: string, digest: string): void => {
  const path = join(layout, "blobs", digest.replace(":", "/"));
  if (!content.blobs.has(digest) && existsSync(path)) content.blobs.set(digest, readFileSync(path));
};

const read = (content: Content, digest: string): Links => {
  try {
    return JSON.parse((content.blobs.get(digest) ?? "").toString()) as Links;
  } catch {
    return {};
  }
};

const childrenOf = (content: Content, digest: string): readonly string[] => {
  const { config, layers, manifests } = read(content, digest);
  return [config, ...(layers ?? []), ...(manifests ?? [])].flatMap((one) => one?.digest ?? []);
};

const reachable = (content: Content): ReadonlySet<string> => {
  const digests = [...content.manifests.keys()];
  return new Set(
    [...digests, ...digests.flatMap((digest) => childrenOf(content, digest))].filter((one) => content.blobs.has(one)),
  );
};

/** The fallback tag as cosign v3.1 writes it, for each subject without one. */
const addFallbackTags = (content: Content): void => {
  const bySubject = new Map<string, object[]>();
  for (const digest of [...content.manifests.keys()].toSorted()) {
    const { subject, artifactType, config } = read(content, digest);
    if (subject?.digest === undefined) continue;
    const kind = artifactType ?? config?.mediaType;
    const entry = {
      mediaType: content.manifests.get(digest),
      size: content.blobs.get(digest)?.length,
      digest,
      ...(kind === undefined ? {} : { artifactType: kind }),
    };
    bySubject.set(subject.digest, [...(bySubject.get(subject.digest) ?? []), entry]);
  }
  for (const [subject, manifests] of bySubject) {
    const tag = subject.replace(":", "-");
    if (content.tags.has(tag)) continue;
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
    const digest = sha256(bytes);
    content.blobs.set(digest, bytes);
    content.manifests.set(digest, OCI_INDEX);
    content.tags.set(tag, digest);
  }
};
