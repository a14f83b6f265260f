import type { BlobMounter } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { answerHeader } from "#net/answerHeader.ts";
import { followLocation } from "#registry/client/followLocation.ts";
import type { RepositoryCalls } from "#registry/client/repositoryCalls.ts";
import type { SessionAnswer } from "#registry/client/session.ts";

const MAX_ANSWER_BYTES = 64 * 1024;

/** Mounts between repositories of one registry. One that does not mount is asked once for each source. */
export const openMounter = (calls: RepositoryCalls): BlobMounter => {
  const refused = new Set<string>();
  return {
    mountBlob: async (ctx, { digest }, from) => {
      const source = siblingOf(calls.name, from.name);
      if (source === undefined || refused.has(source)) return false;
      const answer = await askToMount(calls, ctx, digest, source);
      if (answer?.status === 201) return true;
      refused.add(source);
      // 202 opened an upload instead, which nobody will use; whatever else it is, the upload proper will tell.
      if (answer?.status === 202)
        await calls.send(ctx, { method: "DELETE", target: uploadOf(answer), maxBytes: MAX_ANSWER_BYTES });
      return false;
    },
  };
};

/**
 * The token must be good for reading the source, too, or the registry refuses or uploads (distribution's "Token Scope
 * Documentation": a request may want several). Undefined where no such token is to be had: that says nothing about the target.
 */
const askToMount = async (
  calls: RepositoryCalls,
  ctx: Ctx,
  digest: Digest,
  source: string,
): Promise<SessionAnswer | undefined> => {
  const request = { method: "POST", target: mountTarget(digest, source), maxBytes: MAX_ANSWER_BYTES } as const;
  try {
    return await calls.send(ctx, request, source);
  } catch (error) {
    if (hasCode(error, "AUTH_REQUIRED", "AUTH_DENIED", "REGISTRY_REFUSED")) return undefined;
    throw error;
  }
};

const mountTarget = (digest: Digest, source: string): string =>
  `blobs/uploads/?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(source)}`;

const uploadOf = (answer: SessionAnswer): URL => followLocation(answer, answerHeader(answer, "location"));

/** The repository's name within the registry, undefined for one of another registry, and for this one itself. */
const siblingOf = (own: string, other: string): string | undefined => {
  const host = own.slice(0, own.indexOf("/") + 1);
  return other !== own && other.startsWith(host) ? other.slice(host.length) : undefined;
};
