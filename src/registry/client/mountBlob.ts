import type { BlobMounter } from "#core/content.ts";
import type { Digest } from "#core/digest.ts";
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
      const target = mountTarget(digest, source);
      const answer = await calls.send(ctx, { method: "POST", target, maxBytes: MAX_ANSWER_BYTES });
      if (answer.status === 201) return true;
      refused.add(source);
      // 202 opened an upload instead, which nobody will use; whatever else it is, the upload proper will tell.
      if (answer.status === 202)
        await calls.send(ctx, { method: "DELETE", target: uploadOf(answer), maxBytes: MAX_ANSWER_BYTES });
      return false;
    },
  };
};

const mountTarget = (digest: Digest, source: string): string =>
  `blobs/uploads/?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(source)}`;

const uploadOf = (answer: SessionAnswer): URL => followLocation(answer, answerHeader(answer, "location"));

/** The repository's name within the registry, undefined for one of another registry, and for this one itself. */
const siblingOf = (own: string, other: string): string | undefined => {
  const host = own.slice(0, own.indexOf("/") + 1);
  return other !== own && other.startsWith(host) ? other.slice(host.length) : undefined;
};
