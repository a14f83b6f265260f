import type { ManifestReader, ManifestWriter, WriteCondition } from "#core/content.ts";
import { digestAlgorithm, digestOf, isDigest } from "#core/digest.ts";
import type { Digest } from "#core/digest.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { MAX_MANIFEST_BYTES } from "#core/manifest.ts";
import type { RawManifest } from "#core/manifest.ts";
import { MANIFEST_TYPES } from "#core/mediaType.ts";
import { isTag } from "#core/reference.ts";
import { checkBytes } from "#core/verifiedBytes.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { remoteText } from "#net/remoteText.ts";
import { registryWords } from "#registry/client/answerError.ts";
import { mediaTypeOf } from "#registry/client/mediaTypeOf.ts";
import { refusePage } from "#registry/client/refusePage.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";
import type { SessionAnswer } from "#registry/client/session.ts";

const ACCEPT = MANIFEST_TYPES.join(", ");
const MAX_ANSWER_BYTES = 64 * 1024;
// What go-containerregistry takes for a yes; the specification has the last of each.
const WRITTEN: ReadonlySet<number> = new Set([200, 202, 201]);
const DELETED: ReadonlySet<number> = new Set([200, 202]);
// 412 Harbor and the specification, 409 Quay and Artifactory, 400 ECR and Google, 403 and 405 others.
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 405, 409, 412]);

/** Manifests of one repository over OCI distribution-spec 1.1. */
export const openManifests = (calls: RepositoryCalls): ManifestReader & ManifestWriter => ({
  readManifest: async (ctx, name) => {
    const target = manifestTarget(name);
    const answer = await calls.send(ctx, {
      method: "GET",
      target,
      headers: { accept: ACCEPT },
      maxBytes: MAX_MANIFEST_BYTES,
    });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw answer.error();
    return readAnswer(calls, name, answer);
  },

  writeManifest: async (ctx, manifest, tag, condition) => {
    checkBytes({ digest: manifest.digest, size: manifest.bytes.byteLength }, manifest.bytes);
    if (manifest.bytes.byteLength > MAX_MANIFEST_BYTES)
      throw new WaybillError("LIMIT_EXCEEDED", `${calls.name}: the manifest ${manifest.digest} is larger than 4 MiB`);
    const put = () => putManifest(calls, ctx, manifest, tag, condition);
    // A tag is for whoever read it to write again; a manifest by digest is the same whenever it is written.
    await (tag === undefined ? untilBlobsAreKnown(ctx, put) : put());
  },

  deleteManifest: async (ctx, name) => {
    const target = manifestTarget(name);
    const answer = await calls.send(ctx, { method: "DELETE", target, maxBytes: MAX_ANSWER_BYTES });
    // What is gone when the request comes a second time may have gone by the first.
    if (answer.status === 404 && !(await isThere(calls, ctx, target))) return answer.repeated === true;
    if (!DELETED.has(answer.status)) throw deleteError(answer);
    refusePage(answer);
    return true;
  },
});

/** Registries that delete nothing answer 404, too, as if it were the manifest that is not there (aws/containers-roadmap#1229). */
const isThere = async (calls: RepositoryCalls, ctx: Ctx, target: string): Promise<boolean> => {
  const answer = await calls.send(ctx, { method: "HEAD", target, headers: { accept: ACCEPT }, maxBytes: 0 });
  if (answer.status !== 200 && answer.status !== 404) throw answer.error();
  return answer.status === 200;
};

const deleteError = (answer: SessionAnswer): WaybillError => {
  const error = answer.error();
  if (answer.status !== 404 && answer.status !== 405) return error;
  return new WaybillError("REGISTRY_REFUSED", error.message, {
    hint: "This registry deletes nothing when asked this way; delete it on the registry's own page or with its own tool.",
    cause: error,
    details: error.details,
  });
};

const putManifest = async (
  calls: RepositoryCalls,
  ctx: Ctx,
  manifest: RawManifest,
  tag: string | undefined,
  condition: WriteCondition | undefined,
): Promise<void> => {
  const { ifMatch, ifAbsent = false } = condition ?? {};
  const answer = await calls.send(ctx, {
    method: "PUT",
    target: manifestTarget(tag ?? manifest.digest),
    headers: {
      "content-type": manifest.mediaType,
      ...(ifMatch === undefined ? {} : { "if-match": ifMatch }),
      ...(ifAbsent ? { "if-none-match": "*" } : {}),
    },
    body: manifest.bytes,
    maxBytes: MAX_ANSWER_BYTES,
    once: condition?.once === true,
  });
  if (!WRITTEN.has(answer.status)) throw writeError(calls, answer, tag, condition);
  refusePage(answer);
  checkDigestHeader(calls, answer, manifest.bytes);
};

// distribution 2.8 forgets a blob for a moment while another writer pushes the same one.
const BLOB_ATTEMPTS = 6;
const BLOB_DELAY_MS = 50;

const untilBlobsAreKnown = async (ctx: Ctx, put: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await put();
    } catch (error) {
      if (!hasCode(error, "BLOB_UNKNOWN") || attempt === BLOB_ATTEMPTS) throw error;
    }
    await ctx.clock.sleep(BLOB_DELAY_MS * 2 ** attempt * (0.5 + ctx.clock.jitter()), ctx.signal);
  }
};

const manifestTarget = (name: string | Digest): string => {
  if (!isDigest(name) && !isTag(name))
    throw new WaybillError("INPUT_INVALID", `${JSON.stringify(name.slice(0, 160))} is neither a tag nor a digest`);
  return `manifests/${name}`;
};

/** The bytes decide: what was asked for by digest has it, and a registry that names another one is not believed (attack 3). */
const readAnswer = (calls: RepositoryCalls, name: string | Digest, answer: SessionAnswer): RawManifest => {
  const { bytes } = answer;
  const mediaType = mediaTypeOf(answer);
  if (mediaType === undefined || !MANIFEST_TYPES.includes(mediaType)) {
    throw new WaybillError(
      "REGISTRY_PROTOCOL",
      `${calls.name}: the answer for ${name} is no image manifest but ${mediaType === undefined ? "of no type" : remoteText(mediaType)}`,
    );
  }
  const digest = digestOf(bytes, isDigest(name) ? digestAlgorithm(name) : "sha256");
  if (isDigest(name) && digest !== name)
    throw new WaybillError("DIGEST_MISMATCH", `${calls.name}: asked for ${name}, got bytes of ${digest}`);
  checkDigestHeader(calls, answer, bytes);
  const etag = answerHeader(answer, "etag");
  // A weak tag never matches in If-Match (RFC 9110 section 13.1.1).
  return { bytes, mediaType, digest, ...(etag === undefined || etag.startsWith("W/") ? {} : { etag }) };
};

const checkDigestHeader = (calls: RepositoryCalls, answer: SessionAnswer, bytes: Uint8Array): void => {
  const claimed = answerHeader(answer, "docker-content-digest");
  if (claimed === undefined || !isDigest(claimed)) return;
  const digest = digestOf(bytes, digestAlgorithm(claimed));
  if (digest !== claimed)
    throw new WaybillError("DIGEST_MISMATCH", `${calls.name}: the registry says ${claimed}, the bytes have ${digest}`);
};

const writeError = (
  calls: RepositoryCalls,
  answer: SessionAnswer,
  tag: string | undefined,
  condition: WriteCondition | undefined,
): WaybillError => {
  const error = answer.error();
  const facts = { cause: error };
  // MANIFEST_BLOB_UNKNOWN of distribution-spec "Error Codes", BLOB_UNKNOWN of those that spell it shorter.
  if (/BLOB_UNKNOWN/.test(registryWords(answer)))
    return new WaybillError("BLOB_UNKNOWN", `${calls.name}: ${error.message}`, facts);
  // A 404 answers the question for something; nothing was asked for here, so the registry just does not take it.
  if (answer.status === 404) return new WaybillError("REGISTRY_REFUSED", error.message, facts);
  if (tag === undefined || !REFUSALS.has(answer.status)) return error;
  if (/immutab|already.?exists|overwrit|not allow updating/i.test(registryWords(answer)))
    return new WaybillError("TAG_IMMUTABLE", `${calls.name}:${tag}: ${error.message}`, facts);
  if (answer.status === 412 && (condition?.ifMatch !== undefined || condition?.ifAbsent === true))
    return new WaybillError("TAG_CONTENDED", `${calls.name}:${tag} was changed by another writer`, facts);
  if (answer.status === 409 || answer.status === 412)
    return new WaybillError("TAG_IMMUTABLE", `${calls.name}:${tag}: ${error.message}`, facts);
  return error;
};
