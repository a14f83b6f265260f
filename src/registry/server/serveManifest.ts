import { digestAlgorithm, digestOf, isDigest } from "#core/digest.ts";
import { MAX_MANIFEST_BYTES } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { isTag } from "#core/reference.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";
import { readAll } from "#core/verifiedBytes.ts";
import type { LayoutStore, TagCondition } from "#registry/layout/layoutStore.ts";
import { readManifestLinks } from "#registry/layout/manifestLinks.ts";
import type { ManifestLinks } from "#registry/layout/manifestLinks.ts";
import type { Answer } from "#registry/server/answer.ts";
import { entityTag, namesDigest } from "#registry/server/entityTags.ts";
import type { Exchange } from "#registry/server/exchange.ts";
import { refuse } from "#registry/server/fault.ts";

/** GET, HEAD, PUT and DELETE of `/v2/NAME/manifests/TAG-OR-DIGEST`. */
export const serveManifest = async (exchange: Exchange, name: string, reference: string): Promise<Answer> => {
  if (!isDigest(reference) && !isTag(reference)) {
    return reference.includes(":") ? refuse("DIGEST_INVALID", "not a digest") : refuse("MANIFEST_INVALID", "not a tag");
  }
  if (exchange.method === "PUT") return pushManifest(exchange, name, reference);
  const store = await exchange.tree.find(name);
  if (store === undefined) return refuse("NAME_UNKNOWN", "there is no such repository");
  if (exchange.method !== "DELETE") return pullManifest(exchange, store, reference);
  if (exchange.tree.openForWriting(name) === undefined) return readOnly();
  return (await store.removeManifest(reference)) ? { status: 202 } : unknown();
};

const pullManifest = async (exchange: Exchange, store: LayoutStore, reference: string): Promise<Answer> => {
  const found = await store.findManifest(reference);
  if (found === undefined) return unknown();
  const headers = {
    "Content-Type": found.mediaType,
    "Docker-Content-Digest": found.digest,
    ETag: entityTag(found.digest),
  };
  const noneMatch = exchange.header("if-none-match");
  if (noneMatch !== undefined && namesDigest(noneMatch, found.digest)) return { status: 304, headers };
  if (exchange.method === "HEAD") {
    const size = await store.blobs.size(found.digest);
    return size === undefined ? unknown() : { status: 200, headers, announced: size };
  }
  const raw = await store.readManifest(found);
  return raw === undefined ? unknown() : { status: 200, headers, body: raw.bytes };
};

const pushManifest = async (exchange: Exchange, name: string, reference: string): Promise<Answer> => {
  const store = exchange.tree.openForWriting(name);
  if (store === undefined) return readOnly();
  if ((exchange.length ?? 0) > MAX_MANIFEST_BYTES) return refuse("TOO_LARGE", "a manifest has at most 4 MiB");
  const bytes = await readAll(exchange.body(), MAX_MANIFEST_BYTES, "the manifest");
  const digest = digestOf(bytes, isDigest(reference) ? digestAlgorithm(reference) : "sha256");
  if (isDigest(reference) && digest !== reference) return refuse("DIGEST_INVALID", `the manifest has ${digest}`);
  const mediaType = announcedType(exchange, bytes);
  if (mediaType === undefined) return refuse("MANIFEST_INVALID", "the Content-Type is missing or malformed");
  const raw: RawManifest = { bytes, mediaType, digest };
  const links = readManifestLinks(raw);
  const needs = links.blobs.map((blob) => blob.digest);
  const missing = await findMissing(store, needs);
  if (missing !== undefined) return refuse("MANIFEST_BLOB_UNKNOWN", `the blob ${missing} is not in this repository`);
  const warning = await warnOfMissing(store, links);
  await withinQuota(exchange, store, raw, () =>
    store.putManifest(raw, isDigest(reference) ? undefined : reference, tagCondition(exchange), undefined, needs),
  );
  return {
    status: 201,
    headers: {
      Location: `/v2/${name}/manifests/${digest}`,
      "Docker-Content-Digest": digest,
      ETag: entityTag(digest),
      ...(links.subject === undefined ? {} : { "OCI-Subject": links.subject }),
      ...(warning === undefined ? {} : { Warning: `299 - "${warning}"` }),
    },
  };
};

/** What the specification allows and is often a mistake, for the client to show (distribution-spec 1.1, "Warnings"). */
const warnOfMissing = async (store: LayoutStore, { subject, children }: ManifestLinks): Promise<string | undefined> => {
  if (subject !== undefined && (await store.findManifest(subject)) === undefined)
    return `the subject ${subject} is not in this repository`;
  const missing = await findMissing(
    store,
    children.map((child) => child.digest),
  );
  return missing && `the index lists ${missing}, which is not in this repository`;
};

const withinQuota = async (
  { quota }: Exchange,
  store: LayoutStore,
  { bytes, digest }: RawManifest,
  write: () => Promise<void>,
): Promise<void> => {
  const more = (await store.blobs.size(digest)) === undefined ? bytes.byteLength : 0;
  await quota.take(more);
  try {
    await write();
  } catch (error) {
    quota.giveBack(more);
    throw error;
  }
};

const tagCondition = (exchange: Exchange): TagCondition | undefined => {
  const match = exchange.header("if-match");
  const noneMatch = exchange.header("if-none-match");
  if (match === undefined && noneMatch === undefined) return undefined;
  return (current) =>
    (match === undefined || namesDigest(match, current)) &&
    (noneMatch === undefined || !namesDigest(noneMatch, current));
};

/** The Content-Type without parameters, or what the body itself says where the client sent none. */
const announcedType = (exchange: Exchange, bytes: Uint8Array): string | undefined => {
  const sent = exchange.header("content-type")?.split(";")[0]?.trim() ?? ownType(bytes);
  return sent !== undefined && /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/.test(sent) ? sent : undefined;
};

const ownType = (bytes: Uint8Array): string | undefined => {
  const value = parseStrict(bytes, "the manifest", { maxBytes: MAX_MANIFEST_BYTES, maxDepth: 32, maxValues: 500_000 });
  const own = isJsonObject(value) ? value["mediaType"] : undefined;
  return typeof own === "string" ? own : undefined;
};

/** An image whose parts are not here would be one that nobody can pull; children of an index may be left out. */
const findMissing = async (
  store: LayoutStore,
  digests: readonly RawManifest["digest"][],
): Promise<string | undefined> => {
  for (const digest of new Set(digests)) if ((await store.blobs.size(digest)) === undefined) return digest;
  return undefined;
};

const unknown = (): Answer => refuse("MANIFEST_UNKNOWN", "there is no such manifest");
const readOnly = (): Answer => refuse("DENIED", "this repository is read-only, or its name is none");
