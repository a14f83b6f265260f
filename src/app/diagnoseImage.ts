import { doubtful, failed, fine } from "#app/finding.ts";
import type { Finding } from "#app/finding.ts";
import type { RegistryProbe } from "#app/registryProbe.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { hasCode } from "#core/errors.ts";
import { formatReference, repositoryName } from "#core/reference.ts";
import type { RegistryReference } from "#core/reference.ts";

type ImageProbe = Pick<RegistryProbe, "findImage" | "placeOfPapers" | "listsReferrers" | "tryUpload">;

/** Whether an image can be read, how its papers are listed, and whether papers can be written where they belong. */
export const diagnoseImage =
  (probe: ImageProbe) =>
  async (ctx: Ctx, reference: RegistryReference): Promise<readonly Finding[]> => {
    const about = { check: "read", subject: formatReference(reference) };
    const place = probe.placeOfPapers(reference);
    try {
      const digest = await probe.findImage(ctx, reference);
      const read =
        digest === undefined
          ? doubtful(about, "is not there", "Check the name and the tag, if it should be.")
          : fine(about, `is ${digest}`);
      const listed = digest === undefined ? [] : [await diagnoseReferrers(probe, ctx, place, digest)];
      return [read, ...listed, await diagnoseWriting(probe, ctx, place)];
    } catch (error) {
      return [failed(about, error)];
    }
  };

const diagnoseReferrers = async (
  probe: ImageProbe,
  ctx: Ctx,
  place: RegistryReference,
  digest: Digest,
): Promise<Finding> => {
  const about = { check: "referrers", subject: repositoryName(place) };
  try {
    if (await probe.listsReferrers(ctx, place, digest))
      return fine(about, "the registry lists what refers to an image");
    return doubtful(
      about,
      "the registry has no referrers API: bundles are listed under a tag",
      "Waybill keeps that tag lossless; other programs that write it at the same moment may lose entries.",
    );
  } catch (error) {
    return failed(about, error);
  }
};

const diagnoseWriting = async (probe: ImageProbe, ctx: Ctx, place: RegistryReference): Promise<Finding> => {
  const about = { check: "write", subject: repositoryName(place) };
  try {
    if ((await probe.tryUpload(ctx, place)) === "cancelled")
      return fine(about, "papers may be written: an upload was begun and cancelled");
    const hint = "It has no content, and the registry drops it by itself.";
    return doubtful(about, "papers may be written: an upload was begun, and the registry cancels none", hint);
  } catch (error) {
    if (!hasCode(error, "AUTH_REQUIRED", "AUTH_DENIED", "AUTH_INSECURE")) return failed(about, error);
    // Whoever only verifies needs no more than to read.
    return doubtful(about, `papers cannot be written here: ${error.message}`, error.hint);
  }
};
